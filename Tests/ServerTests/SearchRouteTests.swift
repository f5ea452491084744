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

    @Test func `where the operator's own files lie is not told over the wire`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write("# Local\n\nzeta eta theta\n", to: "files/local.md")
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            let source = try FileSource(at: folder.url.appending(path: "files"))
            _ = try await server.engine.ingest(source.items, in: scope)
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
