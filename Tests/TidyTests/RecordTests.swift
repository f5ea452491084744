import Foundation
import Testing

/// What is kept so that somebody can judge it later: decisions and measurements.
struct RecordTests {
    private static let decisions = "Sources/Engine/Engine.docc/Decisions"
    private static let results = "Benchmarks/Results"

    @Test func `decisions are numbered without gaps, in name and title`() throws {
        let files = try Self.decisionFiles()
        #expect(!files.isEmpty, "no decisions were found in \(Self.decisions): mend RecordTests.decisions")
        for (number, file) in zip(1..., files) {
            let name = file.path.split(separator: "/").last ?? ""
            #expect(
                Int(name.prefix(4)) == number && name.contains(/^\d{4}-[a-z0-9-]+\.md$/),
                "\(file.path): name it NNNN-title.md with the next number, \(number)"
            )
            #expect(
                file.lines[0].hasPrefix("# \(number). "),
                "\(file.path):1: begin with `# \(number). ` and the title")
        }
    }

    @Test(arguments: ["Context", "Choice", "Alternatives", "What would change our mind"])
    func `every decision says what somebody needs who would undo it`(part: String) throws {
        for file in try Self.decisionFiles() {
            #expect(
                file.lines.contains { $0.hasPrefix("**\(part).**") },
                "\(file.path) has no paragraph that begins with **\(part).**: write it"
            )
        }
    }

    @Test(arguments: ["commit", "machine", "command"])
    func `every measurement says how to repeat it`(key: String) throws {
        for path in SourceTree.paths(under: Self.results) where path.hasSuffix(".json") {
            let text = try SourceTree.text(of: path)
            let hasValue = text.contains(try Regex(#""\#(key)"\s*:\s*(?:"[^"]+"|\{)"#))
            #expect(hasValue, "\(path) has no \"\(key)\": let the harness write it, and measure again")
        }
    }

    private static func decisionFiles() throws -> [SourceFile] {
        try SourceTree.everyFile().filter { $0.path.hasPrefix(decisions + "/") }
    }
}
