import Foundation
import TestSupport
import Testing

/// What is taken away for good, and what a process that dies at a failpoint leaves.
struct CollectTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private func ingest(_ text: String, environment: [String: String] = [:]) throws -> Command.Result {
        try folder.write(text, to: "notes/roof.md")
        return try carrel.run(
            [
                "ingest", folder.url.appending(path: "notes").path, "--workspace", "notes", "--create",
                "--model", "test",
            ], environment: environment)
    }

    @Test func `what was replaced goes for good when that is asked for, and what is there stays`() throws {
        #expect(try ingest("# Roof\n\nslate\n").exitCode == 0)
        #expect(try ingest("# Roof\n\nthatch\n").exitCode == 0)
        let early = try carrel.run("admin", "collect", "--workspace", "notes")
        #expect(
            early.output == "notes: 0 versions, 0 chunks, 0 vectors, 0 originals, 0 jobs removed\n",
            "\(early.errors)"
        )
        let asked = try carrel.run("admin", "collect", "--workspace", "notes", "--older-than", "0")
        #expect(
            asked.output.contains("1 chunk, ") && asked.output.contains("1 original, 2 jobs removed"),
            "\(asked)")
        #expect(try carrel.run("search", "thatch", "--workspace", "notes").output.contains("thatch"))
        let verified = try carrel.run("admin", "verify", "--workspace", "notes")
        #expect(verified.output.contains("0 findings"), "\(verified.output)")
        #expect(
            try carrel.run("admin", "collect", "--workspace", "notes", "--older-than", "-1").exitCode == 64)
    }

    @Test func `a database that cannot be read is a finding, as any damage is`() throws {
        #expect(try ingest("slate").exitCode == 0)
        let files = FileManager.default.enumerator(atPath: carrel.dataDirectory.path)?.compactMap {
            $0 as? String
        }
        let database = try #require(files?.first { $0.hasSuffix("workspace.sqlite") })
        try Data(repeating: 7, count: 40_000).write(to: carrel.dataDirectory.appending(path: database))
        let verified = try carrel.run("admin", "verify", "--workspace", "notes")
        #expect(
            verified.exitCode == 1 && verified.output.contains("wrong: the database is damaged"),
            "\(verified)")
    }

    @Test func `a search that --min-score leaves nothing of says so`() throws {
        #expect(try ingest("slate").exitCode == 0)
        let found = try carrel.run(
            "search", "slate", "--workspace", "notes", "--min-score", "1", "--model", "test")
        #expect(
            found.output.contains("of 1 passage none is as relevant as --min-score 1.0 wants"), "\(found)")
    }

    @Test(arguments: ["commit-written", "commit-durable:1"])
    func `a process dies at the failpoint that is set, and what it leaves is finished by the next`(
        failpoint: String
    ) throws {
        let killed = try ingest("# Roof\n\nslate\n", environment: ["CARREL_FAILPOINT": failpoint])
        #expect(killed.exitCode == SIGKILL)
        let next = try ingest("# Roof\n\nslate\n")
        let isDurable = failpoint.hasPrefix("commit-durable")
        #expect(next.output.contains(isDurable ? "0 ingested, 1 unchanged" : "1 ingested"), "\(next.output)")
        #expect(try carrel.run("search", "slate", "--workspace", "notes").output.contains("slate"))
    }

    @Test func `a failpoint that nobody passes is refused`() throws {
        let result = try ingest("# Roof\n", environment: ["CARREL_FAILPOINT": "somewhere"])
        #expect(result.exitCode != 0 && result.errors.contains("admin failpoints"), "\(result)")
        #expect(try carrel.run("admin", "failpoints").output.contains("commit-durable\n"))
    }
}
