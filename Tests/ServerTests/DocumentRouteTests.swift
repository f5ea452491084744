import Engine
import Foundation
import Server
import Store
import TestSupport
import Testing

struct DocumentRouteTests {
    struct Document: Decodable, Equatable {
        var id: String
        var path: String
        var media_type: String
        var title: String?
        var version: Int
        var byte_count: Int
        var chunk_count: Int
        var sha256: String
    }

    struct Put: Decodable {
        var outcome: String
        var document: Document
    }

    struct Page: Decodable {
        var data: [Document]
        var next_cursor: String?
        var has_more: Bool
    }

    @Test
    func `a document is created, then unchanged, then replaced, and its original comes back as it went`()
        async throws
    {
        try await TestServer.run { server in
            let target = "/v1/workspaces/mine/documents/notes/2026/roof.md"
            let text = "\u{feff}# Roof\r\n\r\nSlate, not tin. Ünïcode.\r\n"
            let first = try await server.send("PUT", target, body: text)
            #expect(first.status == 201)
            let created = try first.json(Put.self)
            #expect(created.outcome == "created" && created.document.path == "notes/2026/roof.md")
            #expect(
                created.document.sha256 == ContentDigest(of: text).hex && created.document.title == "Roof")
            let second = try await server.send("PUT", target, body: text)
            #expect(second.status == 200)
            #expect(try second.json(Put.self).outcome == "unchanged")
            let original = try await server.send("GET", "/v1/workspaces/mine/originals/notes/2026/roof.md")
            #expect(original.body == Array(text.utf8))
            #expect(original.headers["content-type"] == "text/markdown")
            #expect(original.headers["x-content-type-options"] == "nosniff")
            let third = try await server.send("PUT", target, body: "# Roof\n\nThatch.\n")
            #expect(third.status == 200)
            let replaced = try third.json(Put.self)
            #expect(replaced.outcome == "replaced" && replaced.document.version == 2)
            #expect(replaced.document.id == created.document.id)
        }
    }

    @Test func `a document is the same by its path, by its path escaped, and by its id`() async throws {
        try await TestServer.run { server in
            let put = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/a%20b/%C3%BC.md", body: "text")
            let document = try put.json(Put.self).document
            #expect(document.path == "a b/ü.md")
            for name in ["a%20b/%C3%BC.md", "a%20b%2F%C3%BC.md", document.id] {
                let found = try await server.send("GET", "/v1/workspaces/mine/documents/\(name)")
                #expect(try found.json(Document.self) == document)
            }
            let byID = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/\(document.id)", body: "more")
            #expect(try byID.json(Put.self).document.path == "a b/ü.md")
            let workspace = try await server.send(
                "GET", "/v1/workspaces/\(server.mine.id)/documents/\(document.id)")
            #expect(workspace.status == 200)
        }
    }

    @Test func `a deleted document is in no list, no search and at no address`() async throws {
        try await TestServer.run { server in
            let target = "/v1/workspaces/mine/documents/a.md"
            #expect(try await server.send("DELETE", target).status == 204)
            for (method, address) in [
                ("GET", target), ("DELETE", target), ("GET", "/v1/workspaces/mine/originals/a.md"),
            ] {
                let reply = try await server.send(method, address)
                #expect(try TestServer.problem(reply) == "document_not_found")
            }
            let found = try await server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query": "lighthouse keeper"}"#)
            #expect(!found.text.contains("a.md"))
            let again = try await server.send("PUT", target, body: "# Back\n\nhere\n")
            #expect(again.status == 201)
            #expect(try again.json(Put.self).outcome == "created")
        }
    }

    @Test func `walking the pages meets every document once, whatever is added and deleted meanwhile`()
        async throws
    {
        try await TestServer.run { server in
            for number in 0..<23 {
                _ = try await server.send(
                    "PUT", "/v1/workspaces/mine/documents/p/\(number).txt", body: "number \(number)")
            }
            var seen: [String] = []
            var target = "/v1/workspaces/mine/documents?limit=5"
            while true {
                let page = try await server.send("GET", target).json(Page.self)
                seen += page.data.map(\.path)
                #expect(page.data.count <= 5 && page.has_more == (page.next_cursor != nil))
                guard let cursor = page.next_cursor else { break }
                target = "/v1/workspaces/mine/documents?limit=5&cursor=\(cursor)"
                if seen.count == 10 {
                    _ = try await server.send("DELETE", "/v1/workspaces/mine/documents/a.md")
                    _ = try await server.send("PUT", "/v1/workspaces/mine/documents/late.txt", body: "late")
                }
            }
            let expected = ["a.md", "sub/b.txt"] + (0..<23).map { "p/\($0).txt" } + ["late.txt"]
            #expect(seen == expected)
            // A cursor is good for its own list only.
            let cursor =
                try await server.send("GET", "/v1/workspaces/mine/documents?limit=1")
                .json(Page.self).next_cursor ?? ""
            for list in ["/v1/workspaces/theirs/documents", "/v1/workspaces"] {
                let other = try await server.send("GET", "\(list)?cursor=\(cursor)", key: server.operatorKey)
                #expect(try TestServer.problem(other) == "cursor_invalid")
            }
        }
    }

    @Test(
        arguments: [
            ("text/markdown", "x.bin", 201), ("text/x-markdown; charset=UTF-8", "x", 201),
            ("TEXT/PLAIN", "x", 201), ("application/octet-stream", "x.md", 201),
            ("application/x-www-form-urlencoded", "x.txt", 415), ("", "x.TXT", 201), (nil, "x.markdown", 201),
            ("image/png", "x.md", 415), ("text/html", "x.md", 201), (nil, "x.bin", 415),
            ("application/pdf", "x.md", 201),
            (nil, "x", 415),
            ("text/plain; charset=latin1", "x.txt", 415),
        ] as [(String?, String, Int)])
    func `the declared type decides, and the extension where none is declared`(
        type: String?, name: String, status: Int
    ) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "PUT", "/v1/workspaces/mine/documents/\(name)",
                headers: type.map { [("Content-Type", $0)] } ?? [], body: "some text")
            #expect(reply.status == status, "\(reply.text)")
            if status == 415 { #expect(try TestServer.problem(reply) == "media_type_unsupported") }
        }
    }

    @Test(arguments: [
        "..", "a/../b.md", "%2e%2e/b.md", "a//b.md", "/b.md", "b.md/", "a%00.md", "a%0Ab.md", "./a.md",
        "a/%2e", "doc_aaaaaaaaaaaaaaaaaaaaaaaaaa/x%7F.md", String(repeating: "a", count: 1_025),
    ])
    func `a path that could mislead is refused, and nothing is made`(path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("PUT", "/v1/workspaces/mine/documents/\(path)", body: "text")
            #expect(reply.status == 400, "\(reply.text)")
            #expect(try TestServer.problem(reply) == "document_path_invalid")
            let listed = try await server.send("GET", "/v1/workspaces/mine/documents").json(Page.self)
            #expect(listed.data.count == TestServer.documents.count)
        }
    }

    @Test func `uploads beside each other, to other documents and to the same one, all come through`()
        async throws
    {
        try await TestServer.run { server in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await server.send(
                            "PUT", "/v1/workspaces/mine/documents/c/\(number % 20).txt",
                            body: "round \(number / 20) of number \(number % 20)"
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 || $0 == 201 }, "\(statuses)")
            let listed = try await server.send("GET", "/v1/workspaces/mine/documents?limit=500").json(
                Page.self)
            #expect(listed.data.count == TestServer.documents.count + 20)
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            #expect(try server.engine.library.verify(in: scope).findings.isEmpty)
        }
    }
}
