import Foundation
import TestSupport
import Testing

struct ModelsTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private struct Report: Decodable {
        struct Figure: Decodable {
            var precision: String
            var workload: String
            var tokens_per_s: Double
        }

        struct Times: Decodable {
            var p50_ms: Double
        }

        var figures: [Figure]
        var query: [String: Times]
        var float32_tokens_per_s: Double
        var int8_tokens_per_s: Double
        var int8_over_float32: Double
    }

    @Test func `models bench has a figure for each precision and kind of text`() throws {
        let texts = try folder.write("A petrel comes at night.\nKeep outdoor lights off.\n", to: "texts").path
        let result = try carrel.run(
            "models", "bench", "--texts", texts, "--limit", "2", "--rounds", "1", "--seconds", "0.001",
            "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        let kinds = ["16 tokens", "256 tokens", "64 tokens", "2 texts"]
        #expect(report.figures.map(\.workload) == kinds.flatMap { [$0, $0] })
        #expect(Set(report.figures.map(\.precision)) == ["float32", "int8"])
        #expect(report.figures.allSatisfy { $0.tokens_per_s > 0 })
        #expect(
            report.query.keys.sorted() == ["float32", "int8"]
                && report.query.values.allSatisfy { $0.p50_ms > 0 })
        #expect(report.int8_tokens_per_s > 0 && report.float32_tokens_per_s > 0)
        #expect(
            abs(report.int8_over_float32 - report.int8_tokens_per_s / report.float32_tokens_per_s) < 1e-6)
    }

    @Test(arguments: [
        (["--threads", "0"], "--threads must be 1 to 256"), (["--seconds", "0"], "--seconds above 0"),
        (["--limit", "0"], "--limit must be"),
    ])
    func `models bench says what it allows`(arguments: [String], words: String) throws {
        let result = try carrel.run(["models", "bench"] + arguments)
        #expect(result.exitCode == 64 && result.errors.contains(words), "\(result.errors)")
    }

    @Test func `a precision that is none is refused with those there are`() throws {
        let result = try carrel.run("search", "x", "--workspace", "w", "--precision", "int4")
        #expect(result.exitCode != 0 && result.errors.contains("float32, int8"), "\(result.errors)")
    }

    @Test func `a workspace is used with the precision it began with, and no other`() throws {
        let notes = try folder.write("# Birds\n\nA petrel comes at night.\n", to: "birds.md").path
        let made = try carrel.run("ingest", notes, "--workspace", "w", "--create", "--precision", "int8")
        #expect(made.exitCode == 0, "\(made.errors)")
        let found = try carrel.run("search", "birds", "--workspace", "w", "--precision", "int8")
        #expect(found.exitCode == 0 && found.output.contains("petrel"), "\(found.errors)")
        let followed = try carrel.run("search", "birds", "--workspace", "w")
        #expect(followed.exitCode == 0 && followed.output.contains("petrel"), "\(followed.errors)")
        let refused = try carrel.run("search", "birds", "--workspace", "w", "--precision", "float32")
        #expect(refused.exitCode == 2 && refused.errors.contains("int8-2"), "\(refused.errors)")
    }

    @Test(arguments: ["float32", "int8"])
    func `a model that is named without a precision is used in the workspace's, whatever the processor likes`(
        precision: String
    ) throws {
        let notes = try folder.write("# Birds\n\nA petrel comes at night.\n", to: "birds.md").path
        let made = try carrel.run(
            "ingest", notes, "--workspace", "w", "--create", "--precision", precision)
        #expect(made.exitCode == 0, "\(made.errors)")
        let found = try carrel.run(
            ["search", "birds", "--workspace", "w", "--model", "all-minilm-l6-v2", "--json"],
            environment: ["CARREL_PRECISION": "auto"])
        #expect(found.exitCode == 0, "\(found.errors)")
        #expect(found.output.contains("\"\(precision)"), "\(found.output)")
    }
}
