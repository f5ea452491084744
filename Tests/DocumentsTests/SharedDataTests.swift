import Documents
import Foundation
import Testing

/// Larger material kept outside the project: beside it, or where `CARREL_SHARED_DATA` says.
private enum SharedData {
    static let root: URL? = {
        let environment = ProcessInfo.processInfo.environment["CARREL_SHARED_DATA"]
        let url = URL(filePath: environment ?? "../shared/data")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }()
    static let absence: Comment = "needs ../shared/data or CARREL_SHARED_DATA"
}

@Suite(.enabled(if: SharedData.root != nil, SharedData.absence)) struct SharedDataTests {
    private struct Example: Decodable {
        let markdown: String
    }

    @Test(arguments: ["commonmark", "gfm", "gfm_extensions", "gfm_regression"])
    func `every example of the specifications obeys the laws`(name: String) throws {
        let root = try #require(SharedData.root)
        let data = try Data(contentsOf: root.appending(path: "commonmark/\(name).json"))
        let examples = try JSONDecoder().decode([Example].self, from: data)
        #expect(examples.count > 10)
        for example in examples {
            let bytes = Array(example.markdown.utf8)
            // An example that is all front matter has no body to look at.
            guard try DocumentParser.parse(bytes, as: .markdown).attributes.isEmpty else { continue }
            let violation =
                try Laws.firstViolation(bytes)
                ?? Laws.firstViolation(bytes, .init(tokensTarget: 16, tokensMax: 16))
            #expect(violation == nil, "\(example.markdown)")
        }
    }

    @Test(arguments: ["prometheus+docs", "swiftlang+swift-book", "swiftlang+swift-evolution"])
    func `every line of real documentation is in a chunk`(name: String) throws {
        let archive = try #require(SharedData.root).appending(path: "docs/\(name).md.tar.gz")
        let folder = FileManager.default.temporaryDirectory.appending(path: "documents-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tar = try Process.run(
            URL(filePath: "/bin/tar"), arguments: ["-xzf", archive.path, "-C", folder.path])
        tar.waitUntilExit()
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        let documents = (files ?? []).filter { MediaType.inferred(fromFileName: $0.lastPathComponent) != nil }
        #expect(documents.count > 20)
        for file in documents {
            let bytes = [UInt8](try Data(contentsOf: file))
            let violation = try Laws.firstViolation(bytes, bodyStart: frontMatterLength(bytes))
            #expect(violation == nil, "\(file.lastPathComponent)")
        }
    }

    /// Up to the second `---` of a file that begins with one.
    private func frontMatterLength(_ bytes: [UInt8]) -> Int {
        guard bytes.starts(with: Array("---\n".utf8)) else { return 0 }
        let mark = Array("\n---".utf8)
        for offset in 3..<max(3, bytes.count - mark.count + 1) where bytes[offset...].starts(with: mark) {
            return offset + mark.count
        }
        return 0
    }
}
