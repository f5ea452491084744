import Foundation

/// The project's own files, as the rules of tidiness see them.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Every Swift file under `folder`, relative to the root, in a fixed order.
    static func swiftFiles(under folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder)
        guard let paths = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return
            try paths
            .compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
            .sorted()
            .map { SourceFile(path: "\(folder)/\($0)", text: try text(of: "\(folder)/\($0)")) }
    }

    static func everySwiftFile() throws -> [SourceFile] {
        try ["Sources", "Tests", "Benchmarks"].flatMap(swiftFiles)
    }
}

/// One file, once as written and once with comments and the insides of strings blanked out.
struct SourceFile: Sendable {
    let path: String
    let lines: [Substring]

    /// As `lines`, but no comment and no string is left in it: a word found here is code.
    let codeLines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        codeLines = CodeScanner.blankingCommentsAndStrings(text).split(
            separator: "\n", omittingEmptySubsequences: false)
    }

    /// The target a file under Sources belongs to.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// Line numbers, from 1, whose code matches.
    func codeLineNumbers(matching pattern: Regex<some Any>) -> [Int] {
        zip(1..., codeLines).filter { $0.1.contains(pattern) }.map(\.0)
    }
}
