import Documents
package import Foundation
import Kernels
import Synchronization

/// Files of a folder, or one file, as documents to be.
package struct FileSource: Sendable {
    /// What the file types are called towards a person.
    package static let allowedTypes = MediaType.fileExtensions.map { "." + $0 }

    /// What every path of the source begins with: its name and a slash, or nothing.
    package let prefix: String

    /// The folder, or the folder that the file is in; symbolic links resolved.
    package let root: String
    private let filter: PathFilter

    /// Nil for a whole folder.
    private let fileName: String?

    /// Looks at what is there, and reads nothing yet.
    ///
    /// Files and folders whose name begins with a dot are passed over, and symbolic links are not followed:
    /// an ingest reads what is under the folder that was named, and nothing else.
    ///
    /// - Parameters:
    ///   - name: what the source is called; it begins every path. The folder's own name where nil, nothing for a
    ///     single file.
    ///   - filter: which files of a folder are wanted.
    /// - Throws: `EngineError.pathNotFound`, `.unsupportedType` for a single file of another type.
    package init(at location: URL, name: String? = nil, filter: PathFilter = PathFilter()) throws {
        let url = location.resolvingSymlinksInPath().absoluteURL
        guard let status = try FileStatus(ofPath: url.path) else {
            throw EngineError.pathNotFound(location.path)
        }
        self.filter = filter
        if status.kind == .folder {
            root = url.path
            fileName = nil
            prefix = Self.prefix(name ?? url.lastPathComponent)
            return
        }
        root = url.deletingLastPathComponent().path
        fileName = url.lastPathComponent
        prefix = Self.prefix(name ?? "")
        guard status.kind == .file, MediaType.inferred(fromFileName: url.lastPathComponent) != nil else {
            throw EngineError.unsupportedType(
                path: prefix + url.lastPathComponent, allowed: Self.allowedTypes)
        }
    }

    package var isFolder: Bool { fileName == nil }

    /// All there is, to be read as it is asked for.
    ///
    /// - Throws: where the folder itself cannot be read.
    package func steps() throws -> any IngestSource {
        if let fileName {
            let byteCount = try FileStatus(ofPath: root + "/" + fileName)?.byteCount ?? 0
            return ListedItems([item(at: fileName, byteCount: byteCount)].compactMap(\.self))
        }
        return try folderSteps()
    }

    /// What is at these paths and below them.
    ///
    /// - Parameter paths: within the source; what is not there is passed over.
    package func steps(at paths: [String]) -> any IngestSource {
        FileSteps(self, makeWalk(), startingWith: paths)
    }

    /// Counts what is to be read. Costs a look at each file, and memory for the names of one folder.
    package func survey() throws -> SourceSurvey {
        if let fileName {
            let byteCount = try FileStatus(ofPath: root + "/" + fileName)?.byteCount ?? 0
            return SourceSurvey(documentCount: 1, byteCount: byteCount)
        }
        var survey = SourceSurvey()
        let steps = try folderSteps()
        while let step = steps.next() {
            if case .item(let item) = step {
                survey = survey + SourceSurvey(documentCount: 1, byteCount: item.byteCount)
            }
        }
        return survey
    }

    private func folderSteps() throws -> FileSteps {
        var walk = makeWalk()
        try walk.beginAtRoot()
        return FileSteps(self, walk, startingWith: [])
    }

    func makeWalk() -> FolderWalk { FolderWalk(root: root, filter: filter) }

    private static func prefix(_ name: String) -> String {
        name.isEmpty ? "" : name + "/"
    }

    /// - Parameter path: within the source.
    func item(at path: String, byteCount: Int) -> IngestItem? {
        guard let type = MediaType.inferred(fromFileName: path) else { return nil }
        let location = root + "/" + path
        return IngestItem(
            path: prefix + path, mediaType: type, byteCount: byteCount, origin: location,
            load: { try Self.load(URL(filePath: location)) })
    }

    /// A file beyond the limit is refused unread: one byte more than allowed tells that it is too large.
    private static func load(_ url: URL) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        let most = DocumentLimits.byteCountMax
        let bytes = try file.read(upToCount: most + 1) ?? Data()
        if bytes.count > most {
            let byteCount = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? bytes.count
            throw DocumentError.tooLarge(byteCount: byteCount, byteCountMax: most)
        }
        return [UInt8](bytes)
    }
}

/// The files of a source, one after the other, in order of path.
private final class FileSteps: IngestSource {
    private struct State: Sendable {
        var walk: FolderWalk
        var starts: ArraySlice<String>
    }

    private let source: FileSource
    private let state: Mutex<State>

    /// - Parameter starts: where the walk begins anew each time that it is at its end.
    init(_ source: FileSource, _ walk: FolderWalk, startingWith starts: [String]) {
        self.source = source
        state = Mutex(State(walk: walk, starts: starts[...]))
    }

    func next(on pool: ComputePool) async throws -> SourceStep? {
        try await pool.run(in: .background) { self.next() }
    }

    /// Blocks.
    func next() -> SourceStep? {
        state.withLock { state in
            while true {
                if let step = state.walk.next() { return self.step(step) }
                guard let start = state.starts.popFirst() else { return nil }
                do {
                    try state.walk.begin(at: start)
                } catch {
                    return .failed(path: source.prefix + start, byteCount: 0, error)
                }
            }
        }
    }

    /// A file may be called what no document can be: no address would reach it.
    private func step(_ file: FoundFile) -> SourceStep {
        guard let item = source.item(at: file.path, byteCount: file.byteCount) else {
            return .skipped(path: source.prefix + file.path)
        }
        do {
            _ = try DocumentPath(item.path)
        } catch {
            return .failed(path: item.path, byteCount: file.byteCount, error)
        }
        return .item(item)
    }

    private func step(_ step: FolderWalk.Step) -> SourceStep {
        switch step {
        case .file(let file): self.step(file)
        case .skipped(let path): .skipped(path: source.prefix + path)
        case .failed(let path, let error): .failed(path: source.prefix + path, byteCount: 0, error)
        }
    }
}
