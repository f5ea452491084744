import Foundation
import TestSupport
import Testing

/// A few walks through the real command. What it does is tested in EngineTests; here is how it speaks.
struct CommandTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private struct Found: Decodable {
        struct Hit: Decodable {
            struct Citation: Decodable {
                var path: String
                var line_start: Int
                var byte_start: Int
                var byte_end: Int
                var sha256: String
            }
            var score: Double
            var citation: Citation
        }
        struct Searched: Decodable {
            var committed: Int
            var complete: Bool
        }
        var hits: [Hit]
        var searched: Searched
    }

    @Test func `a folder goes in, and a passage with its file and line comes out`() throws {
        #expect(try carrel.run("admin", "create", "skerry").exitCode == 0)
        let ingest = try carrel.run("ingest", "Datasets/skerry", "--workspace", "skerry")
        #expect(ingest.exitCode == 0, "\(ingest.errors)")
        #expect(ingest.output.hasPrefix("skerry: 10 documents: 10 ingested, 0 unchanged"))
        let again = try carrel.run("ingest", "Datasets/skerry", "--workspace", "skerry")
        #expect(again.output.hasPrefix("skerry: 10 documents: 0 ingested, 10 unchanged"))

        let question = "How do I start the diesel generator by hand?"
        let plain = try carrel.run("search", question, "--workspace", "skerry", "--limit", "1")
        #expect(plain.output.hasPrefix("1. Datasets/skerry/power.md:26-35"), "\(plain.output)")
        let json = try carrel.run("search", question, "--workspace", "skerry", "--limit", "1", "--json")
        let found = try JSONDecoder().decode(Found.self, from: Data(json.output.utf8))
        let citation = try #require(found.hits.first?.citation)
        #expect(citation.path == "skerry/power.md" && citation.line_start == 26)
        #expect(found.searched.complete && found.searched.committed > 10)
        let verified = try carrel.run("admin", "verify", "--workspace", "skerry")
        #expect(verified.exitCode == 0 && verified.output.contains("0 findings"), "\(verified.output)")
    }

    @Test func `a search looks only in the documents of which every condition is true`() throws {
        for (name, head) in [
            ("a", "year: 2020\nteam: power"), ("b", "year: 2026\nteam: power"),
            ("c", "year: 2026\nday: 2026-01-31"),
        ] {
            try folder.write("---\n\(head)\n---\n\n# \(name)\n\nthe same words\n", to: "notes/\(name).md")
        }
        let notes = folder.url.appending(path: "notes").path
        #expect(try carrel.run("ingest", notes, "--workspace", "n", "--create").exitCode == 0)
        for (arguments, expected) in [
            (["--where", "year>=2026"], ["b", "c"]), (["--where", "year != 2026"], ["a"]),
            (["--where", "year>2019", "--where", "team=power"], ["a", "b"]),
            (["--where", "team~po"], ["a", "b"]),
            (["--where", "day<2026-02-01"], ["c"]), (["--where", "year='2026'"], []),
            (["--filter", #"{"type": "exists", "key": "day"}"#, "--where", "@path~notes/"], ["c"]),
        ] {
            let found = try carrel.run(
                ["search", "the same words", "--workspace", "n", "--json"] + arguments)
            let hits = try JSONDecoder().decode(Found.self, from: Data(found.output.utf8)).hits
            #expect(
                hits.map(\.citation.path).sorted() == expected.map { "notes/\($0).md" },
                "\(arguments): \(found.errors)")
        }
        let none = try carrel.run("search", "words", "--workspace", "n", "--where", "year=1")
        #expect(none.output == "Nothing found: 0 documents of the workspace match.\n", "\(none.output)")
        let bad = try carrel.run("search", "words", "--workspace", "n", "--where", "year")
        #expect(
            bad.exitCode == 2 && bad.errors.contains("--where: found 'year', expected a name, one of"),
            "\(bad.errors)")
    }

    @Test func `a document that fails is named with its reason, and the exit code says so`() throws {
        try folder.write("# Good", to: "notes/good.md")
        try folder.write([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0], to: "notes/picture.md")
        let result = try carrel.run(
            "ingest", folder.url.appending(path: "notes").path, "--workspace", "notes", "--create")
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("failed: notes/picture.md: this is no text"))
        #expect(result.output.contains("1 ingested") && result.output.contains("1 failed"))
    }

    @Test(arguments: [
        (["search", "x", "--workspace", "none"], Int32(2), "there is no workspace 'none'"),
        (["ingest", "README.md", "--workspace", "none"], 2, "there is no workspace 'none'"),
        (["ingest", "nowhere", "--workspace", "w", "--create"], 2, "there is no file or folder"),
        (["ingest", "Makefile", "--workspace", "w", "--create"], 2, "not of a type that is read"),
        (["admin", "create", "No Spaces"], 2, "cannot be a workspace's name"),
        (["admin", "delete", "w"], 64, "cannot be undone"),
        (["eval", "Datasets"], 2, "corpus.jsonl"),
        (["search", "x"], 64, "--workspace"),
        (["serch"], 64, "serch"),
    ])
    func `what cannot be done is said with what was found, and the exit code tells which kind it is`(
        arguments: [String], exitCode: Int32, words: String
    ) throws {
        let result = try carrel.run(arguments)
        #expect(result.exitCode == exitCode)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [
        "", "ingest", "search", "eval", "eval run", "eval compare", "eval chunking",
        "admin", "admin create", "admin verify", "admin collect",
        "admin migrate", "bench",
        "bench run",
        "bench generate",
        "bench truth", "bench plot", "bench kernels",
    ])
    func `every command explains itself with an example`(name: String) throws {
        let result = try carrel.run(name.split(separator: " ").map(String.init) + ["--help"])
        #expect(result.exitCode == 0 && result.output.contains("Example:"))
    }
}
