import Foundation
import TestSupport
import Testing

/// The ways in of `carrel ingest`, with the embedder that needs no model.
struct SourcesTests {
    private struct Summary: Decodable {
        var documents: Int
        var ingested: Int
        var unchanged: Int
        var deleted: Int
        var skipped: Int
    }

    private struct Plan: Decodable {
        var documents: Int
        var unchanged: Int
        var chunks: Int
        var tokens: Int
        var embedded: Int
        var cost: Double?
        var seconds: Double?
    }

    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        var command = Command(dataDirectory: folder.url.appending(path: "data"))
        command.workingDirectory = folder.url
        carrel = command
    }

    private func ingest(_ arguments: String...) throws -> Summary {
        let result = try carrel.run(
            ["ingest"] + arguments + ["-w", "w", "--create", "--json", "--model", "test"])
        return try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8))
    }

    private func paths() throws -> [String] {
        let result = try carrel.run("admin", "documents", "--workspace", "w", "--json")
        return result.output.matches(of: /"path":"([^"]+)"/).map { String($0.output.1) }.sorted()
    }

    @Test func `patterns, files, folders and archives are read together`() throws {
        for path in ["docs/a.md", "docs/deep/b.md", "docs/c.txt", "notes.txt", "more/d.md"] {
            try folder.write("text of \(path)", to: path)
        }
        try carrel.shell("tar czf box.tar.gz more")
        let summary = try ingest("docs/**/*.md", "notes.txt", "box.tar.gz")
        #expect(summary.ingested == 4)
        #expect(try paths() == ["box/more/d.md", "docs/a.md", "docs/deep/b.md", "notes.txt"])
    }

    @Test func `attributes that are given to an ingest are those of all its documents, and cost no vector`()
        throws
    {
        try folder.write("---\nteam: heat\nyear: 2020\n---\n\nThe turbine hums.", to: "docs/a.md")
        try folder.write("The turbine rests.", to: "docs/b.md")
        #expect(try ingest("docs").ingested == 2)
        func found(_ conditions: String...) throws -> [String] {
            let arguments = ["search", "turbine", "-w", "w", "--mode", "keyword", "--json"]
            let result = try carrel.run(arguments + conditions.flatMap { ["--where", $0] })
            return result.output.matches(of: /"path" *: *"([^"]+)"/).map { String($0.output.1) }.sorted()
        }
        #expect(try found("year=2026") == [])
        let flags = ["--attribute", "year=2026", "--attribute", "tags=x", "--attribute", "tags=y"]
        let again = try carrel.run(["ingest", "docs", "-w", "w", "--model", "test", "--json"] + flags)
        #expect(
            again.output.contains(/"embedded" *: *0/) && again.output.contains(/"replaced" *: *2/), "\(again)"
        )
        #expect(try found("year=2026") == ["docs/a.md", "docs/b.md"])
        #expect(try found("year>2025", "team=heat") == ["docs/a.md"])
        let listed = try carrel.run(
            "search", "turbine", "-w", "w", "--mode", "keyword", "--filter",
            #"{"type": "contains", "key": "tags", "value": "y"}"#)
        #expect(listed.output.contains("docs/b.md"), "\(listed)")
        for wrong in ["year", "carrel:origin=x", "=x"] {
            let refused = try carrel.run("ingest", "docs", "-w", "w", "--model", "test", "--attribute", wrong)
            #expect(refused.exitCode == 64, "\(refused)")
        }
    }

    @Test func `standard input is one document, or a stream of them`() throws {
        let script = """
            printf 'one text' | carrel ingest - --name a/one.md -w w --create --model test
            printf '{"id": "1", "text": "x"}\\n{"id": "2", "text": "y"}\\n' \\
                | carrel ingest - --format ndjson --source tickets -w w --model test
            """
        let result = try carrel.shell(script)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try paths() == ["a/one.md", "tickets/1", "tickets/2"])
        let nameless = try carrel.run("ingest", "-", "-w", "w")
        #expect(nameless.exitCode == 2 && nameless.errors.contains("--name"), "\(nameless.errors)")
    }

    @Test func `a folder is followed in what it has no more, but not into nothing`() throws {
        for name in ["a", "b"] { try folder.write("text \(name)", to: "docs/\(name).md") }
        _ = try ingest("docs")
        try FileManager.default.removeItem(at: folder.url.appending(path: "docs/b.md"))
        #expect(try ingest("docs").deleted == 0)
        #expect(try ingest("docs", "--sync").deleted == 1)
        try FileManager.default.removeItem(at: folder.url.appending(path: "docs/a.md"))
        let refused = try carrel.run("ingest", "docs", "-w", "w", "--sync", "--model", "test")
        #expect(refused.exitCode == 2 && refused.errors.contains("--allow-empty"), "\(refused.errors)")
        #expect(try ingest("docs", "--sync", "--allow-empty").deleted == 1)
    }

    @Test func `a dry run tells what would be done, and changes no byte of the data directory`() throws {
        for name in ["a", "b"] {
            try folder.write("# \(name)\n\nsome text about \(name)\n", to: "docs/\(name).md")
        }
        func plan() throws -> Plan {
            let result = try carrel.run(
                "ingest", "docs", "-w", "w", "--create", "--dry-run", "--json", "--model", "test")
            #expect(result.exitCode == 0, "\(result.errors)")
            return try JSONDecoder().decode(Plan.self, from: Data(result.output.utf8))
        }
        let new = try plan()
        #expect(new.documents == 2 && new.embedded == 2 && new.tokens > 0 && new.cost == 0)
        #expect(!FileManager.default.fileExists(atPath: carrel.dataDirectory.path))
        _ = try ingest("docs")
        try folder.write("# b\n\nother text\n", to: "docs/b.md")
        let before = try contents()
        let changed = try plan()
        #expect(changed.documents == 2 && changed.unchanged == 1 && changed.embedded == 1)
        #expect(try contents() == before)
    }

    @Test func `a dry run of a sync counts what would be deleted, and refuses what the sync would`() throws {
        for name in ["a", "b"] { try folder.write("text of \(name)", to: "docs/\(name).md") }
        _ = try ingest("docs")
        try FileManager.default.removeItem(at: folder.url.appending(path: "docs/b.md"))
        let dry = ["ingest", "docs", "-w", "w", "--sync", "--dry-run", "--model", "test"]
        #expect(try carrel.run(dry).output.contains("1 unchanged, 1 would be deleted"))
        #expect(try carrel.run(dry + ["--json"]).output.contains("\"deleted\":1"))
        #expect(try carrel.run(dry + ["--delete-max", "0"]).exitCode == 2)
        #expect(try paths() == ["docs/a.md", "docs/b.md"])
    }

    @Test(arguments: ["..", "a/../b", ".", "/abs", "a//b"])
    func `a source is called nothing that no document's path may begin with`(source: String) throws {
        try folder.write("text", to: "docs/a.md")
        let refused = try carrel.run(
            "ingest", "docs", "-w", "w", "--create", "--model", "test", "--source", source)
        #expect(refused.exitCode == 2 && refused.errors.contains("path"), "\(refused)")
        #expect(try carrel.run("admin", "documents", "--workspace", "w").exitCode == 2)
    }

    @Test func `jobs tell when they were and how many documents they had, those of streams too`() throws {
        _ = try carrel.shell(
            #"""
            printf '{"id": "1", "text": "x"}\n{"id": "2", "text": "y"}\n' \
                | carrel ingest - --format ndjson -w w --create --model test --data \#(carrel.dataDirectory.path)
            """#)
        let list = try carrel.run("jobs", "list", "-w", "w", "--json").output
        #expect(
            list.contains("\"documents\":2") && list.contains(/"created_at":"20[0-9-]+T[0-9:]+Z"/), "\(list)")
        let missing = try carrel.run("jobs", "show", "job_nope", "-w", "w")
        #expect(missing.errors.contains("there is no job 'job_nope'"), "\(missing.errors)")
    }

    /// Every file of the data directory with its bytes.
    private func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        let files = FileManager.default.enumerator(at: carrel.dataDirectory, includingPropertiesForKeys: nil)
        for case let file as URL in files?.allObjects ?? [] where !file.hasDirectoryPath {
            contents[file.path] = try Data(contentsOf: file)
        }
        return contents
    }

    @Test func `what may be spent at most wants a price`() throws {
        try folder.write("text", to: "docs/a.md")
        let result = try carrel.run([
            "ingest", "docs", "-w", "w", "--create", "--max-cost", "1", "--embedder", "http://127.0.0.1:1/v1",
            "--embedder-model", "m", "--embedder-dimension", "8",
        ])
        #expect(result.exitCode == 2 && result.errors.contains("embedder.price"), "\(result.errors)")
    }

    @Test func `a folder that is watched is followed until the command is stopped`() throws {
        try folder.write("first", to: "docs/a.md")
        let running = try carrel.start(
            "ingest", "docs", "-w", "w", "--create", "--watch", "--sync", "--json", "--model", "test")
        defer { running.kill() }
        #expect(try running.line().contains(#""ingested":1"#))
        try folder.write("second", to: "docs/sub/b.md")
        #expect(try running.line().contains(#""ingested":1"#))
        try FileManager.default.removeItem(at: folder.url.appending(path: "docs/a.md"))
        #expect(try running.line().contains(#""deleted":1"#))
        #expect(try running.stop() == 0)
        #expect(try paths() == ["docs/sub/b.md"])
    }

    @Test func `a page is fetched where private addresses are allowed, and refused where not`() async throws {
        let server = try await StubHTTPServer.start { request in
            request.path == "/page"
                ? .reply(status: 200, headers: [("content-type", "text/markdown")], body: "# Page\n\nzebra\n")
                : .reply(status: 404, body: "")
        }
        let address = "http://127.0.0.1:\(server.port)/page"
        let refused = try carrel.run("ingest", address, "-w", "w", "--create", "--model", "test")
        #expect(refused.exitCode == 1 && refused.errors.contains("port"), "\(refused.errors)")
        let taken = try carrel.run(
            ["ingest", address, "-w", "w", "--name", "page.md", "--model", "test"],
            environment: ["CARREL_PAGES_ALLOW_PRIVATE": "true"])
        #expect(taken.exitCode == 0, "\(taken.errors)")
        #expect(try paths() == ["page.md"])
    }
}
