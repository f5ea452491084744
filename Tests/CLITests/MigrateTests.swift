import Foundation
import TestSupport
import Testing

/// A workspace goes to another precision of the real model, through the real command. What a migration does is tested
/// in EngineTests; here is how it speaks.
struct MigrateTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private struct Model: Decodable, Equatable {
        var id: String
        var precision: String
    }

    private struct Answer: Decodable {
        struct Hit: Decodable {
            var score: Double
        }
        var model: Model
        var hits: [Hit]
    }

    private struct Report: Decodable {
        var outcome: String
        var from: Model
        var to: Model
        var passages: Int
        var embedded: Int
        var tokens: Int
    }

    private func search(_ flags: String...) throws -> Command.Result {
        try carrel.run(["search", "How do I start the generator?", "-w", "skerry", "--json"] + flags)
    }

    private func answer() throws -> Answer {
        let result = try search()
        #expect(result.exitCode == 0, "\(result.errors)")
        return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
    }

    private func migrate(_ flags: String...) throws -> Command.Result {
        try carrel.run(["admin", "migrate", "-w", "skerry"] + flags)
    }

    @Test
    func `a workspace is moved, searched by what it has whatever is configured, moved back and tidied up`()
        throws
    {
        #expect(try carrel.run("ingest", "Datasets/skerry", "-w", "skerry", "--create").exitCode == 0)
        let before = try answer()
        #expect(before.model == Model(id: "all-minilm-l6-v2", precision: "float32"))
        let paused = try migrate("--to", "all-minilm-l6-v2:int8", "--tokens-max", "600")
        #expect(paused.exitCode == 0 && paused.output.contains("stopped at the budget"), "\(paused.errors)")
        #expect(try migrate("--status").output.contains("building"))
        #expect(try answer().model == before.model)
        let moved = try migrate("--to", "all-minilm-l6-v2:int8", "--json")
        let report = try JSONDecoder().decode(Report.self, from: Data(moved.output.utf8))
        #expect(report.outcome == "finished" && report.from == before.model)
        #expect(report.embedded > 5 && report.embedded < report.passages)
        let after = try answer()
        #expect(after.model == report.to && after.model.precision.hasPrefix("int8"))
        #expect(after.hits.map(\.score) != before.hits.map(\.score))

        let refused = try search("--precision", "float32")
        #expect(refused.exitCode == 2)
        #expect(
            refused.errors.contains(
                "carrel admin migrate --workspace skerry --to all-minilm-l6-v2:float32"),
            "\(refused.errors)")
        #expect(try search("--precision", "int8").exitCode == 0)
        let again = try carrel.run("ingest", "Datasets/skerry", "-w", "skerry")
        #expect(again.output.hasPrefix("skerry: 10 documents: 0 ingested, 10 unchanged"))

        #expect(try migrate("--rollback").output.contains("searched with all-minilm-l6-v2 (float32"))
        #expect(try answer().hits.map(\.score) == before.hits.map(\.score))
        #expect(try migrate("--drop").output.contains("removed of all-minilm-l6-v2 (int8"))
        let status = try migrate("--status")
        #expect(status.output.contains("live") && !status.output.contains("previous"))
        #expect(try carrel.run("admin", "verify", "-w", "skerry").output.contains("0 findings"))
        #expect(try migrate("--rollback").exitCode == 2)
    }

    @Test(arguments: [
        ([], "Say where to"),
        (["--to", "x", "--rollback"], "Give one of"),
        (["--drop", "--cancel"], "Give one of"),
        (["--to", "x", "--precision", "int8"], "behind a colon"),
        (["--to", "x", "--tokens-max", "0"], "--tokens-max takes 1 or more"),
    ])
    func `flags that do not go together are refused before anything is done`(
        flags: [String], words: String
    ) throws {
        let result = try carrel.run(["admin", "migrate", "-w", "skerry"] + flags)
        #expect(result.exitCode == 64 && result.errors.contains(words), "\(result.errors)")
    }

    @Test(arguments: [
        (["--to", "no-such-model"], "there is no model 'no-such-model'. Looked in "),
        (["--drop"], "no old vectors are kept"),
        (["--rollback"], "no old vectors are kept"),
        (["--cancel"], "no migration was begun"),
    ])
    func `what there is nothing of is said`(flags: [String], words: String) throws {
        #expect(try carrel.run("admin", "create", "skerry").exitCode == 0)
        let result = try carrel.run(["admin", "migrate", "-w", "skerry"] + flags)
        #expect(result.exitCode == 2 && result.errors.contains(words), "\(result.errors)")
    }
}
