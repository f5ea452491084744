import Foundation

/// A file in a folder that is read as a source.
struct FoundFile: Sendable {
    /// Below the root, parted by `/`.
    let path: String
    let byteCount: Int
}

/// Goes through a folder and all below it, in the order of paths, one file at a time.
///
/// Held in memory are the names of one folder at each depth. Symbolic links are not followed: what is read is under the
/// folder that was named, and nothing else.
struct FolderWalk: Sendable {
    enum Step: Sendable {
        case file(FoundFile)

        /// Neither file nor folder.
        case skipped(path: String)

        /// A folder that cannot be read fails by itself and by its name, as a file would. Its path ends with `/`.
        case failed(path: String, any Error)
    }

    /// Where a path of the source is now.
    enum Presence: Sendable {
        case there(FileStatus)

        /// Nothing is there, or nothing that is wanted.
        case gone

        /// It cannot be told.
        case unknown(any Error)
    }

    private struct Entry: Sendable {
        let name: String
        let kind: FileStatus.Kind
        let byteCount: Int

        /// As its path and those of all below it are compared with others.
        var key: String { kind == .folder ? name + "/" : name }
    }

    private struct Level: Sendable {
        /// Of the folder.
        let names: [[Unicode.Scalar]]

        /// Still to come, the next one last.
        var entries: [Entry]
    }

    /// Names in one folder. They are held in memory: some 100 MB.
    static let folderEntriesMax = 1_000_000

    /// Folders within one another. A path of 1,024 bytes has hardly more.
    static let depthMax = 256

    private let root: String
    private var rules: FolderRules
    private var levels: [Level] = []

    /// Begins nowhere; see `begin`.
    init(root: String, filter: PathFilter) {
        self.root = root
        rules = FolderRules(root: root, filter: filter)
    }

    /// Begins with all that is below the root.
    ///
    /// - Throws: where the root itself cannot be read.
    mutating func beginAtRoot() throws {
        try rules.enter([])
        levels = [Level(names: [], entries: try entries(of: [], path: ""))]
    }

    /// Begins with what is at a path and all below it; with nothing, if nothing wanted is there.
    mutating func begin(at path: String) throws {
        switch presence(of: path) {
        case .gone: levels = []
        case .unknown(let error): throw error
        case .there(let status):
            let names = Self.names(of: path)
            guard let last = names.last else { return try beginAtRoot() }
            let entry = Entry(name: String(last), kind: status.kind, byteCount: status.byteCount)
            levels = [Level(names: names.dropLast(), entries: [entry])]
        }
    }

    mutating func next() -> Step? {
        while let depth = levels.indices.last {
            guard let entry = levels[depth].entries.popLast() else {
                levels.removeLast()
                continue
            }
            let names = levels[depth].names + [Array(entry.name.unicodeScalars)]
            let path = names.map { String($0) }.joined(separator: "/")
            do {
                guard try rules.admits(names, isFolder: entry.kind == .folder) else { continue }
                switch entry.kind {
                case .file: return .file(FoundFile(path: path, byteCount: entry.byteCount))
                case .other: return .skipped(path: path)
                case .folder:
                    try rules.enter(names[...])
                    levels.append(Level(names: names, entries: try entries(of: names, path: path)))
                }
            } catch {
                return .failed(path: entry.kind == .folder ? path + "/" : path, error)
            }
        }
        return nil
    }

    /// Whether something wanted is at a path: on the way to it are folders that are wanted and no links.
    mutating func presence(of path: String) -> Presence {
        let names = Self.names(of: path)
        do {
            var location = root
            var found = try FileStatus(ofPath: root)
            for (index, name) in zip(0..., names) {
                guard found?.kind == .folder else { return .gone }
                location += "/" + String(name)
                found = try FileStatus(ofPath: location)
                guard let found, found.kind != .other,
                    try rules.admits(Array(names[...index]), isFolder: found.kind == .folder)
                else { return .gone }
            }
            return found.map { .there($0) } ?? .gone
        } catch {
            return .unknown(error)
        }
    }

    /// The wanted folders in a folder; none where that cannot be told.
    mutating func folders(in path: String) -> [String] {
        let names = Self.names(of: path)
        guard (try? rules.enter(names[...])) != nil,
            let found = try? entries(of: names, path: path)
        else { return [] }
        return found.filter { $0.kind == .folder }.compactMap { entry in
            let inner = names + [Array(entry.name.unicodeScalars)]
            return (try? rules.admits(inner, isFolder: true)) == true
                ? inner.map { String($0) }.joined(separator: "/") : nil
        }
    }

    private static func names(of path: String) -> [[Unicode.Scalar]] {
        path.split(separator: "/").map { Array($0.unicodeScalars) }
    }

    /// What is in a folder, last first.
    private func entries(of names: [[Unicode.Scalar]], path: String) throws -> [Entry] {
        guard names.count <= Self.depthMax else {
            throw EngineError.source(.folderTooDeep(path: path, depthMax: Self.depthMax))
        }
        let location = path.isEmpty ? root : root + "/" + path
        let found = try FileManager.default.contentsOfDirectory(atPath: location)
        guard found.count <= Self.folderEntriesMax else {
            throw EngineError.tooManyFiles(path: location, countMax: Self.folderEntriesMax)
        }
        let entries = try found.compactMap { name -> Entry? in
            if let status = try FileStatus(ofPath: location + "/" + name) {
                return Entry(name: name, kind: status.kind, byteCount: status.byteCount)
            }
            // What is gone since the folder was read was never there; a name that is no UTF-8 was changed in reading.
            return name.contains("\u{FFFD}") ? Entry(name: name, kind: .other, byteCount: 0) : nil
        }
        return entries.sorted { $0.key > $1.key }
    }
}
