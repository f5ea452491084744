import Engine
import Foundation
import Server
import TestSupport
import Testing

/// Of two who change a document at once, the second is told.
struct ConditionalTests {
    private static let target = "/v1/workspaces/mine/documents/a.md"

    @Test func `a change goes through with the document's tag, and is refused with an older one`()
        async throws
    {
        try await TestServer.run { server in
            let tag = try #require(try await server.send("GET", Self.target).headers["etag"])
            let first = try await server.send("PUT", Self.target, headers: [("If-Match", tag)], body: "first")
            #expect(first.status == 200)
            let newer = try #require(first.headers["etag"])
            #expect(newer != tag)
            for (method, body) in [("PUT", "second"), ("DELETE", nil)] as [(String, String?)] {
                let second = try await server.send(
                    method, Self.target, headers: [("If-Match", tag)], body: body)
                #expect(second.status == 412 && second.text.contains(newer.dropFirst().dropLast()))
                #expect(try TestServer.problem(second) == "precondition_failed")
            }
            let original = try await server.send("GET", "/v1/workspaces/mine/originals/a.md")
            #expect(original.text == "first")
            let listed = "\"x\", W/\(newer) ,\(newer)"
            let last = try await server.send("DELETE", Self.target, headers: [("If-Match", listed)])
            #expect(last.status == 204)
        }
    }

    @Test func `a document can be made only if there is none, or changed only if there is one`() async throws
    {
        try await TestServer.run { server in
            let fresh = "/v1/workspaces/mine/documents/fresh.md"
            func put(_ target: String, _ name: String) async throws -> Int {
                try await server.send("PUT", target, headers: [(name, "*")], body: "text").status
            }
            #expect(try await put(Self.target, "If-None-Match") == 412)
            #expect(try await put(fresh, "If-Match") == 412)
            #expect(try await put(fresh, "If-None-Match") == 201)
            #expect(try await put(fresh, "If-Match") == 200)
            _ = try await server.send("DELETE", fresh)
            #expect(try await put(fresh, "If-Match") == 412)
            #expect(try await put(fresh, "If-None-Match") == 201)
        }
    }

    @Test func `of many who make the same document at once, one makes it`() async throws {
        try await TestServer.run { server in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await server.send(
                            "PUT", "/v1/workspaces/mine/documents/one.md", headers: [("If-None-Match", "*")],
                            body: "text \(number)"
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201] + [Int](repeating: 412, count: 7))
        }
    }

    @Test func `what the client has already is not sent again`() async throws {
        try await TestServer.run { server in
            for target in [Self.target, "/v1/workspaces/mine/originals/a.md"] {
                let tag = try #require(try await server.send("GET", target).headers["etag"])
                let known = try await server.send("GET", target, headers: [("If-None-Match", tag)])
                #expect(known.status == 304 && known.body.isEmpty && known.headers["etag"] == tag)
                let other = try await server.send("GET", target, headers: [("If-None-Match", "\"x\"")])
                #expect(other.status == 200)
            }
        }
    }

    @Test(arguments: [
        ("If-Match", "r1"), ("If-Match", ""), ("If-Match", "*, \"r1\""), ("If-None-Match", "\"r1\""),
        ("If-Match", String(repeating: "\"a\",", count: 100) + "\"a\""),
    ])
    func `a condition that means nothing is refused, not passed over`(
        name: String, value: String
    ) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("PUT", Self.target, headers: [(name, value)], body: "text")
            #expect(reply.status == 400)
            #expect(try TestServer.problem(reply) == "header_invalid")
        }
    }
}
