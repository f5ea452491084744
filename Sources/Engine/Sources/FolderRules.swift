import Foundation

/// What is wanted of a folder and all below it: the user's patterns, and the ignore files on the way.
///
/// Files are read once for as long as questions stay in a folder and below it, as they do in a walk.
struct FolderRules: Sendable {
    private struct Level: Sendable {
        let name: [Unicode.Scalar]
        let files: [IgnoreFile]
    }

    private let root: String
    private let filter: PathFilter

    /// Of the root, and of the folders on the way to where it was asked last.
    private var levels: [Level] = []

    init(root: String, filter: PathFilter) {
        self.root = root
        self.filter = filter
    }

    /// Whether a file is wanted, or a folder worth looking into. The folders around it are.
    ///
    /// - Parameter names: of the path below the root.
    /// - Throws: where an ignore file on the way cannot be read.
    mutating func admits(_ names: [[Unicode.Scalar]], isFolder: Bool) throws -> Bool {
        guard filter.admits(names, isFolder: isFolder) else { return false }
        try enter(names.dropLast())
        // What is said nearest to the file holds.
        for (depth, level) in zip(0..., levels).reversed() {
            let below = Array(names.dropFirst(depth))
            for file in level.files.reversed() {
                if let ignores = file.ignores(below, isFolder: isFolder) { return !ignores }
            }
        }
        return true
    }

    /// Reads the ignore files of a folder and of those around it, as far as they are not known.
    mutating func enter(_ names: ArraySlice<[Unicode.Scalar]>) throws {
        guard filter.heedsIgnoreFiles else { return }
        if levels.isEmpty { levels.append(Level(name: [], files: try IgnoreFile.all(in: root))) }
        let known = zip(levels.dropFirst(), names).prefix { $0.name == $1 }.count
        levels.removeLast(levels.count - 1 - known)
        for name in names.dropFirst(known) {
            var path = root
            for level in levels.dropFirst() { path += "/" + String(level.name) }
            levels.append(Level(name: name, files: try IgnoreFile.all(in: path + "/" + String(name))))
        }
    }
}

extension String {
    init(_ scalars: [Unicode.Scalar]) {
        self.init(String.UnicodeScalarView(scalars))
    }
}
