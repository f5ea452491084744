import Embedding
import Engine
import Foundation
import Server
import Store
import TestSupport
import Testing

struct SearchRouteTests {
    struct Result: Decodable {
        struct Hit: Decodable {
            struct Citation: Decodable {
                var path: String
                var document: String
                var byte_start: Int
                var byte_end: Int
                var line_start: Int
                var headings: [String]
                var sha256: String
            }
            var rank: Int
            var score: Double
            var text: String
            var citation: Citation
        }
        struct Searched: Decodable {
            var committed: Int
            var complete: Bool
        }
        var hits: [Hit]
        var searched: Searched
    }

    @Test func `a passage that was put is found at once, and its citation verifies against the original`()
        async throws
    {
        try await TestServer.run { server in
            let text = "# Tower\n\n## Bells\n\nthe seventh bell rings for the drowned\n"
            _ = try await server.send("PUT", "/v1/workspaces/mine/documents/t/bells.md", body: text)
            let reply = try await server.send(
                "POST", "/v1/workspaces/mine/search", key: server.mine.key(.read),
                body: #"{"query": "which bell rings for the drowned?", "limit": 1}"#)
            #expect(reply.status == 200)
            let result = try reply.json(Result.self)
            let hit = try #require(result.hits.first)
            #expect(result.hits.count == 1 && hit.rank == 1 && result.searched.complete)
            #expect(hit.citation.path == "t/bells.md" && hit.citation.headings.last == "Bells")
            let original = try await server.send(
                "GET", "/v1/workspaces/mine/originals/\(hit.citation.document)", key: server.mine.key(.read))
            let cited = original.body[hit.citation.byte_start..<hit.citation.byte_end]
            #expect(ContentDigest(of: cited).hex == hit.citation.sha256)
            #expect(String(decoding: cited, as: UTF8.self) == hit.text)
        }
    }

    @Test func `a search and its workspace say which model made the vectors, where there are any`()
        async throws
    {
        struct Model: Decodable, Equatable {
            var id: String, revision: String, precision: String, dimension: Int
        }
        struct Told: Decodable { var model: Model? }
        try await TestServer.run { server in
            let expected = Model(id: "word-hash", revision: "1", precision: "float32", dimension: 64)
            let query = #"{"query": "alpha"}"#
            let told: [(method: String, target: String, body: String?, model: Model?)] = [
                ("GET", "/mine", nil, expected), ("POST", "/mine/search", query, expected),
                ("POST", "", #"{"name": "w"}"#, nil), ("POST", "/w/search", query, nil),
            ]
            for (method, target, body, model) in told {
                let reply = try await server.send(
                    method, "/v1/workspaces" + target, key: server.operatorKey, body: body)
                #expect(try reply.json(Told.self).model == model, "\(method) \(target)")
            }
        }
    }

    @Test func `a search says what recall it expects, and looks through as many lists as it is told`()
        async throws
    {
        struct Told: Decodable {
            struct Probed: Decodable { var lists: Int, rows: Int, reranked: Int }
            var expected_recall: Double
            var probed: Probed
        }
        try await TestServer.run { server in
            for body in [
                #"{"query": "alpha"}"#, #"{"query": "alpha", "recall_target": 1}"#,
                #"{"query": "alpha", "recall_target": 0.5, "nprobe": 3}"#,
            ] {
                let reply = try await server.send("POST", "/v1/workspaces/mine/search", body: body)
                #expect(reply.status == 200, "\(reply.text)")
                let told = try reply.json(Told.self)
                // Two documents are in no lists, and all of them were compared.
                #expect(told.expected_recall == 1 && told.probed.lists == 0)
            }
        }
    }

    @Test func `recall is told as null until it was measured, and kept for nobody who did not ask`()
        async throws
    {
        struct Recall: Decodable {
            var enabled: Bool
            var sampled: Int
            var measured_at: String?
            var recall: Double?
            var expected_recall: Double?
        }
        func recall(_ server: TestServer) async throws -> Recall {
            let reply = try await server.send(
                "GET", "/v1/workspaces/mine/recall", key: server.mine.key(.read))
            #expect(reply.status == 200 && reply.text.contains(#""target":0.95"#), "\(reply.text)")
            #expect(reply.text.contains(#""measured_at":"#))
            return try reply.json(Recall.self)
        }
        try await TestServer.run { server in
            _ = try await server.send("POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#)
            let told = try await recall(server)
            #expect(!told.enabled && told.sampled == 0 && told.recall == nil && told.measured_at == nil)
        }
        try await TestServer.run(recallSampling: 1) { server in
            _ = try await server.send("POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#)
            let before = try await recall(server)
            #expect(before.enabled && before.sampled == 1 && before.recall == nil)
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            _ = try await server.engine.measureRecall(in: scope)
            let after = try await recall(server)
            #expect(after.recall == 1 && after.expected_recall == 1 && after.measured_at != nil)
        }
    }

    @Test func `where the operator's own files lie is not told over the wire`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write("# Local\n\nzeta eta theta\n", to: "files/local.md")
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            let source = try FileSource(at: folder.url.appending(path: "files"))
            _ = try await server.engine.ingest(from: source.steps(), in: scope)
            for (method, target, body) in [
                ("POST", "/v1/workspaces/mine/search", #"{"query": "zeta eta"}"#),
                ("GET", "/v1/workspaces/mine/documents/files/local.md", nil),
                ("GET", "/v1/workspaces/mine/documents", nil),
            ] {
                let reply = try await server.send(method, target, body: body)
                #expect(reply.text.contains("files/local.md"))
                #expect(!reply.text.contains(folder.url.lastPathComponent), "\(reply.text)")
            }
        }
    }

    @Test func `readers never wait: a search is answered while as many uploads as are served hang`()
        async throws
    {
        let embedder = HeldEmbedder()
        let limits = ServerLimits()
        try await TestServer.run(limits: limits, embedder: embedder) { server in
            embedder.hold([.passage])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<limits.uploadsMax {
                    group.addTask {
                        try await server.send(
                            "PUT", "/v1/workspaces/mine/documents/slow\(number).md",
                            body: "slow text \(number)"
                        ).status
                    }
                }
                // One workspace's share is half; the others wait for a place.
                await embedder.arrived(limits.uploadsMax / 2)
                let found = try await server.send(
                    "POST", "/v1/workspaces/mine/search", body: #"{"query": "lighthouse keeper", "limit": 1}"#
                )
                #expect(try found.json(Result.self).hits.first?.citation.path == "a.md")
                let listed = try await server.send("GET", "/v1/workspaces/mine/documents")
                #expect(listed.status == 200 && !listed.text.contains("slow"))
                embedder.release()
                for try await status in group { #expect(status == 201) }
            }
        }
    }

    @Test func `an embedder that fails is a 503 that may be tried again, and nothing is half-written`()
        async throws
    {
        let embedder = WordHashEmbedder()
        try await TestServer.run(embedder: embedder) { server in
            // The four documents of the two workspaces were calls 1 to 4.
            embedder.fail(onCalls: [5, 6])
            let put = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/new.md", body: "brand new text")
            let search = try await server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#)
            for reply in [put, search] {
                #expect(reply.status == 503 && reply.headers["retry-after"] == "1", "\(reply.text)")
                #expect(try TestServer.problem(reply) == "embedder_unavailable")
            }
            let listed = try await server.send("GET", "/v1/workspaces/mine/documents")
            #expect(!listed.text.contains("new.md"))
            let again = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/new.md", body: "brand new text")
            #expect(again.status == 201)
        }
    }
}
