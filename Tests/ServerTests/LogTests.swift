import Engine
import Foundation
import Server
import TestSupport
import Testing

struct LogTests {
    struct Line: Decodable {
        var time: String
        var level: String
        var message: String
        var request_id: String?
        var workspace: String?
        var route: String?
        var status: Int?
        var ms: Double?
        var code: String?
        var key: String?
    }

    @Test func `each request has one line, with its name, workspace, route, status and time`() async throws {
        try await TestServer.run { server in
            let good = try await server.send("GET", "/v1/workspaces/mine/documents/a.md")
            let bad = try await server.send("POST", "/v1/workspaces/mine/search", body: "{}")
            let none = try await server.send("GET", "/nothing/of/the/kind")
            let lines = try server.log.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            #expect(
                server.log.lines.allSatisfy { $0.hasSuffix("}\n") && $0.count(where: { $0 == "\n" }) == 1 })
            func line(of reply: WireClient.Reply) throws -> Line {
                let own = lines.filter { $0.request_id == reply.headers["x-request-id"] }
                #expect(own.count == 1)
                return try #require(own.first)
            }
            let first = try line(of: good)
            #expect(first.route == "GET /v1/workspaces/{workspace}/documents/{document...}")
            #expect(first.workspace == "mine" && first.status == 200 && first.code == nil)
            #expect(first.ms.map { $0 > 0 && $0 < 60_000 } == true && first.level == "info")
            #expect(first.key.map(server.mine.key(.owner).contains) == true)
            let second = try line(of: bad)
            #expect(second.status == 400 && second.code == "field_invalid")
            #expect(try line(of: none).route == "none")
        }
    }

    @Test func `no line holds a question, a document, its path, or a key`() async throws {
        try await TestServer.run { server in
            let secrets = [
                "XyzzyQuestion", "XyzzyContent", "XyzzyPath", "XyzzyName", "XyzzyTitle", "XyzzyParameter",
            ]
            _ = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/XyzzyPath.md", body: "# XyzzyTitle\n\nXyzzyContent\n")
            _ = try await server.send("GET", "/v1/workspaces/mine/originals/XyzzyPath.md")
            _ = try await server.send("GET", "/v1/workspaces/mine/documents/XyzzyPath/none?XyzzyParameter=1")
            _ = try await server.send("GET", "/v1/workspaces/XyzzyName")
            _ = try await server.send("GET", "/XyzzyPath", headers: [("X-Request-Id", "Xyzzy Path\u{7}")])
            for body in [#"{"query": "XyzzyQuestion"}"#, #"{"XyzzyQuestion": 1}"#, "XyzzyQuestion"] {
                _ = try await server.send("POST", "/v1/workspaces/mine/search", body: body)
            }
            _ = try await server.client.exchange(Array("XyzzyQuestion / HTTP/1.1\r\n\r\n".utf8))
            _ = try await server.send("GET", "/v1/workspaces", key: "crl_XyzzyContent")
            let log = server.log.lines.joined()
            for secret in secrets { #expect(!log.contains(secret), "\(secret) is in the log") }
            #expect(!log.contains(server.mine.key(.owner)))
            #expect(!log.contains(server.mine.key(.owner).suffix(52)))
        }
    }

    @Test func `a name from before us is kept if it can do no harm, and every answer has one`() async throws {
        try await TestServer.run { server in
            let kept = try await server.send("GET", "/livez", headers: [("X-Request-Id", "trace-1.a_B")])
            #expect(kept.headers["x-request-id"] == "trace-1.a_B")
            for name in ["", "a b", "a\"b", String(repeating: "a", count: 129), "ü"] {
                let reply = try await server.send("GET", "/livez", headers: [("X-Request-Id", name)])
                #expect(reply.headers["x-request-id"]?.hasPrefix("req_") == true, "for '\(name)'")
            }
            for (method, target) in [("GET", "/none"), ("BREW", "/livez"), ("HEAD", "/livez")] {
                let reply = try await server.send(method, target)
                #expect(reply.headers["x-request-id"]?.isEmpty == false)
            }
        }
    }

    @Test func `a HEAD is a GET without its body`() async throws {
        try await TestServer.run { server in
            for target in [
                "/v1/workspaces/mine/documents/a.md", "/v1/workspaces/mine/originals/a.md", "/none",
            ] {
                let get = try await server.send("GET", target)
                let head = try await server.send("HEAD", target)
                #expect(head.status == get.status)
                #expect(head.headers["content-type"] == get.headers["content-type"])
                #expect(head.headers["content-length"] == String(get.body.count) || target == "/none")
            }
        }
    }
}
