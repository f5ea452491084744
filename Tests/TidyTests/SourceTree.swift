import Foundation

/// The project's own files, as the rules of tidiness see them. Each is read and scanned once.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where Swift stands.
    static let swiftFolders = ["Sources", "Tests", "Benchmarks"]

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// Every Swift file under `folder`, relative to the root, in a fixed order.
    static func swiftFiles(under folder: String) throws -> [SourceFile] {
        try everyFile().filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".swift") }
    }

    static func everySwiftFile() throws -> [SourceFile] {
        try swiftFolders.flatMap(swiftFiles)
    }

    /// Every file that somebody writes by hand: code, scripts, documents and what drives them.
    static func everyFile() throws -> [SourceFile] {
        try files.get()
    }

    /// Paths under `folder`, as `everyFile` has them.
    static func paths(under folder: String) -> [String] {
        let base = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return paths.sorted().map { "\(folder)/\($0)" }
    }

    private static let files = Result {
        let top = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
            .filter { $0.hasSuffix(".md") || $0 == "Package.swift" || $0 == "Makefile" }
        let below = (swiftFolders + ["script", ".ci", ".github"]).flatMap(paths).filter(isWrittenByHand)
        return try (top + below).map { SourceFile(path: $0, text: try text(of: $0)) }
    }

    private static func isWrittenByHand(_ path: String) -> Bool {
        let url = root.appending(path: path)
        let isFile = (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
        let kinds = ["swift", "c", "h", "modulemap", "py", "sh", "yml", "md"]
        // Programs have no suffix.
        let isProgram = url.pathExtension.isEmpty && !swiftFolders.contains { path.hasPrefix($0) }
        return isFile && (kinds.contains(url.pathExtension) || isProgram)
    }
}
