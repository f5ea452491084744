import Foundation
import TestSupport
import Testing

/// The real `carrel serve`, with the real model: as a platform runs it.
struct ServingTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private func key(_ arguments: String...) throws -> String {
        let result = try carrel.run(["admin", "key", "create"] + arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        return result.output.trimmingCharacters(in: .newlines)
    }

    @Test func `a key is made, a document goes in, is found with its citation, and the key is revoked`()
        async throws
    {
        _ = try carrel.run("admin", "create", "notes")
        let key = try key("--workspace", "notes", "--permission", "write")
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let client = WireClient(port: try server.port())
        let headers = [("Authorization", "Bearer \(key)")]
        let put = try await client.send(
            "PUT", "/v1/workspaces/notes/documents/roof.md", headers: headers,
            body: Array("# Roof\n\nThe slates on the north side were nailed anew in May.\n".utf8))
        #expect(put.status == 201)
        let found = try await client.send(
            "POST", "/v1/workspaces/notes/search", headers: headers,
            body: Array(#"{"query": "When was the roof mended?", "limit": 1}"#.utf8))
        #expect(found.text.contains(#""path":"roof.md""#) && found.text.contains(#""line_end":3"#))
        let id = key.split(separator: "_")[1]
        #expect(try carrel.run("admin", "key", "revoke", String(id)).exitCode == 0)
        let after = try await client.send("GET", "/v1/workspaces/notes", headers: headers)
        #expect(after.status == 401)
        #expect(try server.stop() == 0)
        let listed = try carrel.run("admin", "documents", "--workspace", "notes")
        #expect(listed.output.contains("roof.md"))
    }

    @Test func `another carrel serve is an embeddings API, with the vectors that the model has here`() throws
    {
        _ = try carrel.run("admin", "create", "keys")
        let key = try key("--workspace", "keys", "--permission", "write")
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let elsewhere = [
            "--embedder-url", "http://127.0.0.1:\(try server.port())/v1/embeddings", "--embedder-model",
            "all-minilm-l6-v2", "--embedder-dimension", "384",
        ]
        let secret = ["CARREL_EMBEDDER_KEY": key]
        let documents = Repository.datasets.appending(path: "skerry").path
        struct Summary: Decodable { var chunks: Int, tokens: Int, ingested: Int }
        struct Found: Decodable {
            struct Hit: Decodable {
                var score: Double
                var text: String
            }
            var hits: [Hit]
        }
        func answer(_ workspace: String, _ flags: [String]) throws -> (Summary, Found) {
            let ingest = ["ingest", documents, "--create", "--json", "--workspace", workspace]
            let made = try carrel.run(ingest + flags, environment: secret)
            #expect(made.exitCode == 0, "\(made.errors)")
            let search = [
                "search", "How do I start the generator by hand?", "--mode", "vector", "--json",
                "--workspace",
                workspace,
            ]
            let found = try carrel.run(search + flags, environment: secret)
            #expect(found.exitCode == 0, "\(found.errors)")
            return (
                try JSONDecoder().decode(Summary.self, from: Data(made.output.utf8)),
                try JSONDecoder().decode(Found.self, from: Data(found.output.utf8))
            )
        }
        let (here, there) = (try answer("here", []), try answer("there", elsewhere))
        #expect(there.0.ingested == 10 && there.0.chunks == here.0.chunks && there.0.tokens == here.0.tokens)
        #expect(here.1.hits.count == 5 && there.1.hits.map(\.text) == here.1.hits.map(\.text))
        for (one, other) in zip(here.1.hits, there.1.hits) { #expect(abs(one.score - other.score) < 1e-5) }
        #expect(try server.stop() == 0)
    }

    @Test func `a stop finishes what is in flight, answers it, and ends well`() async throws {
        _ = try carrel.run("admin", "create", "notes")
        let key = try key("--workspace", "notes", "--permission", "write")
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let client = WireClient(port: try server.port())
        let text = (0..<120).map {
            "## Part \($0)\n\nSentence number \($0) of a long report about the weather.\n\n"
        }
        let reply = try await client.send(
            "PUT", "/v1/workspaces/notes/documents/report.md", headers: [("Authorization", "Bearer \(key)")],
            body: Array(text.joined().utf8)
        ) { server.terminate() }
        #expect(reply.status == 201 && reply.headers["connection"] == "close", "\(reply.headers)")
        #expect(try server.waitForExit() == 0)
        let listed = try carrel.run("admin", "documents", "--workspace", "notes")
        #expect(listed.output.contains("report.md"))
    }

    @Test func `a log that nobody reads holds up nobody`() async throws {
        let server = try carrel.start("serve", "--port", "0", readingErrors: false)
        defer { server.kill() }
        let client = WireClient(port: try server.port())
        // A pipe holds 64 KiB, which is about 400 lines.
        for _ in 0..<800 { #expect(try await client.send("GET", "/livez").status == 200) }
        #expect(try server.stop() == 0)
    }

    @Test func `an address that is taken is said, with exit code 2`() throws {
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let port = try server.port()
        let second = try carrel.run("serve", "--port", String(port))
        #expect(second.exitCode == 2)
        #expect(second.errors.contains("cannot listen on 127.0.0.1, port \(port)"), "\(second.errors)")
        #expect(try server.stop() == 0)
    }

    @Test func `a server's standard error is JSON, line by line, and its standard output its address`()
        async throws
    {
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let port = try server.port()
        #expect(try await WireClient(port: port).send("GET", "/readyz").status == 200)
        #expect(try server.stop() == 0)
        let lines = server.errors.split(separator: "\n")
        #expect(lines.count >= 3)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["time"] is String && object?["message"] is String, "\(line)")
        }
        #expect(server.output == "http://127.0.0.1:\(port)\n")
    }
}

struct KeyCommandTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    @Test func `a key alone is on standard output, is listed without itself, and is revoked by itself`()
        throws
    {
        _ = try carrel.run("admin", "create", "notes")
        let made = try carrel.run(
            "admin", "key", "create", "-w", "notes", "--permission", "read", "--expires-in", "30d", "--name",
            "agent")
        #expect(made.output.wholeMatch(of: /crl_[a-z2-7]{16}_[a-z2-7]{52}\n/) != nil)
        let operatorKey = try carrel.run("admin", "key", "create", "--operator", "--json")
        #expect(operatorKey.output.contains(#""key":"crl_"#))
        let listed = try carrel.run("admin", "key", "list")
        #expect(listed.output.contains("notes read  agent") && listed.output.contains("operator  key"))
        let key = made.output.trimmingCharacters(in: .newlines)
        #expect(!listed.output.contains(key))
        #expect(try carrel.run("admin", "key", "revoke", key).exitCode == 0)
        let after = try carrel.run("admin", "key", "list", "-w", "notes", "--json")
        #expect(after.output.contains(#""revoked":""#))
    }

    @Test(arguments: [
        (["--permission", "read"], Int32(64), "--workspace"),
        (["-w", "w"], 64, "--permission"),
        (["-w", "w", "--permission", "admin"], 64, "read, write or owner"),
        (["-w", "w", "--operator", "--permission", "read"], 64, "--workspace"),
        (["-w", "none", "--permission", "read"], 2, "there is no workspace 'none'"),
        (["--operator", "--expires-in", "30"], 64, "as in 30d"),
        (["--operator", "--expires-in", "99999999d"], 2, "are allowed"),
        (["--operator", "--name", ""], 2, "1 to 200"),
    ])
    func `a key that cannot be made is refused with what is allowed`(
        arguments: [String], exitCode: Int32, words: String
    ) throws {
        let result = try carrel.run(["admin", "key", "create"] + arguments)
        #expect(result.exitCode == exitCode && result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func `a key that is not there cannot be revoked`() throws {
        let result = try carrel.run("admin", "key", "revoke", "none")
        #expect(result.exitCode == 2 && result.errors.contains("there is no key 'none'"))
    }
}

struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func `completions know the commands`(shell: String) throws {
        let carrel = Command(dataDirectory: try TemporaryFolder().url)
        let script = try carrel.run("--generate-completion-script", shell)
        #expect(script.exitCode == 0)
        for word in ["serve", "ingest", "search", "revoke", "embedder-url"] {
            #expect(script.output.contains(word), "\(word) is missing")
        }
    }
}
