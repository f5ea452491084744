import Foundation

/// What a folder's `.gitignore` and `.carrelignore` say of what is in it.
struct IgnoreFile: Sendable {
    /// In the order in which they are read: what the later says holds.
    static let fileNames = [".gitignore", ".carrelignore"]

    /// Bytes of one file, and patterns in it. Those of the Linux kernel and of Chromium together have 40 KB.
    static let byteCountMax = 256 * 1_024
    static let patternCountMax = 10_000

    private let patterns: [PathPattern]

    /// - Throws: `EngineError.source`; then nobody knows what is to be left out.
    init(_ text: String, path: String) throws(EngineError) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw .source(
                .ignoreFileTooLarge(path: path, byteCount: text.utf8.count, byteCountMax: Self.byteCountMax))
        }
        var patterns: [PathPattern] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let text = Self.pattern(in: line) else { continue }
            guard patterns.count < Self.patternCountMax else {
                throw .source(.tooManyPatterns(path: path, countMax: Self.patternCountMax))
            }
            // A slash alone is no pattern, to git either; nothing matches it.
            if let pattern = try? PathPattern(text) { patterns.append(pattern) }
        }
        self.patterns = patterns
    }

    /// Those of a folder that are there, later ones behind earlier ones.
    ///
    /// - Throws: `EngineError.source`; the file system's errors, where one is there and cannot be read.
    static func all(in folder: String) throws -> [IgnoreFile] {
        try fileNames.compactMap { name in
            let path = folder + "/" + name
            guard let status = try FileStatus(ofPath: path), status.kind == .file else { return nil }
            guard status.byteCount <= byteCountMax else {
                throw EngineError.source(
                    .ignoreFileTooLarge(path: path, byteCount: status.byteCount, byteCountMax: byteCountMax))
            }
            let data = try Data(contentsOf: URL(filePath: path))
            return try IgnoreFile(String(decoding: data, as: UTF8.self), path: path)
        }
    }

    /// Whether something in the folder is left out; nil where nothing is said of it.
    ///
    /// - Parameter names: of the path below the folder.
    func ignores(_ names: [[Unicode.Scalar]], isFolder: Bool) -> Bool? {
        patterns.last { $0.matches(names, isFolder: isFolder) }.map { !$0.isNegated }
    }

    /// Nil for an empty line and a comment. Spaces at the end do not count unless the last has a backslash before it.
    private static func pattern(in line: Substring) -> String? {
        var line = line
        while line.hasSuffix(" "), !line.hasSuffix("\\ ") { line.removeLast() }
        return line.isEmpty || line.hasPrefix("#") ? nil : String(line)
    }
}
