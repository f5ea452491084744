import Engine
import TestSupport
import Testing

struct FilterRouteTests {
    private static let documents = "/v1/workspaces/mine/documents/"

    private struct Result: Decodable {
        struct Hit: Decodable {
            struct Citation: Decodable { var path: String }
            var citation: Citation
        }
        struct Matched: Decodable, Equatable { var documents: Int, rows: Int }
        var hits: [Hit]
        var matched: Matched?
    }

    private static func search(_ filter: String, _ server: TestServer) async throws -> WireClient.Reply {
        try await server.send(
            "POST", "/v1/workspaces/mine/search", key: server.mine.key(.read),
            body: #"{"query": "same words", "limit": 10, "filter": \#(filter)}"#)
    }

    private static func paths(_ filter: String, _ server: TestServer) async throws -> [String] {
        let reply = try await search(filter, server)
        #expect(reply.status == 200, "\(reply.text)")
        return try reply.json(Result.self).hits.map(\.citation.path)
    }

    private static func put(_ path: String, _ head: String, _ server: TestServer) async throws {
        let reply = try await server.send(
            "PUT", documents + path, body: "---\n\(head)\n---\n\n# \(path)\n\nsame words\n")
        #expect(reply.status == 201, "\(reply.text)")
    }

    @Test func `a search finds passages of the documents that match, and says how many they are`()
        async throws
    {
        try await TestServer.run { server in
            try await Self.put("f/a.md", "year: 2020\ntags: [x, y]\nday: 2026-01-31", server)
            try await Self.put("f/g/b.md", "year: 2026\ntitle: How it is", server)
            for (filter, expected) in [
                (#"{"type":"gte","key":"year","value":2020}"#, ["f/a.md", "f/g/b.md"]),
                (#"{"type":"gt","key":"year","value":2020}"#, ["f/g/b.md"]),
                (#"{"type":"contains","key":"tags","value":"y"}"#, ["f/a.md"]),
                (#"{"type":"lt","key":"day","value":"2026-02-01T00:00:00+02:00"}"#, ["f/a.md"]),
                (#"{"type":"folder","value":"f/g"}"#, ["f/g/b.md"]),
                (#"{"type":"folder","value":"f","recursive":false}"#, ["f/a.md"]),
                (#"{"type":"prefix","key":"@title","value":"How"}"#, ["f/g/b.md"]),
                (
                    #"{"type":"and","filters":[{"type":"ne","key":"year","value":2020},"#
                        + #"{"type":"folder","value":"f"}]}"#,
                    ["f/g/b.md"]
                ), (#"{"type":"eq","key":"year","value":"2020"}"#, []),
            ] {
                #expect(try await Self.paths(filter, server).sorted() == expected, "\(filter)")
            }
            let reply = try await Self.search(#"{"type":"folder","value":"f"}"#, server)
            #expect(try reply.json(Result.self).matched == Result.Matched(documents: 2, rows: 2))
            let all = try await server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query": "same words", "filter": null}"#)
            #expect(try all.json(Result.self).matched == nil)
        }
    }

    @Test(arguments: [
        (#""year=2020""#, "/filter"), (#"{"type":"like"}"#, "/filter/type"),
        (#"{"type":"or","filters":[{"type":"eq","key":"a","value":{}}]}"#, "/filter/filters/0/value"),
        (#"{"type":"in","key":"a","value":[1,null]}"#, "/filter/value/1"),
    ])
    func `a filter that is wrong is a problem that points to the place`(
        filter: String, pointer: String
    )
        async throws
    {
        struct Told: Decodable {
            struct Fault: Decodable { var pointer: String }
            var errors: [Fault]
        }
        try await TestServer.run { server in
            let reply = try await Self.search(filter, server)
            #expect(reply.status == 400)
            #expect(try TestServer.problem(reply) == "filter_invalid")
            #expect(try reply.json(Told.self).errors.map(\.pointer) == [pointer], "\(reply.text)")
        }
    }

    @Test func `a patch sets attributes and takes them away, under a new tag, and is searched at once`()
        async throws
    {
        struct Document: Decodable { var version: Int }
        try await TestServer.run { server in
            try await Self.put("p.md", "year: 2020\nteam: power", server)
            let before = try await server.send("GET", Self.documents + "p.md")
            #expect(before.text.contains(#""attributes":{"team":"power","year":2020}"#), "\(before.text)")
            let tag = try #require(before.headers["etag"])
            let body = #"{"attributes": {"year": 2026, "team": null, "tags": ["x"], "day": "2026-01-31"}}"#
            let changed = try await server.send(
                "PATCH", Self.documents + "p.md", headers: [("If-Match", tag)], body: body)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(
                changed.text.contains(
                    #""attributes":{"day":"2026-01-31T00:00:00Z","tags":["x"],"year":2026}"#),
                "\(changed.text)")
            #expect(try changed.json(Document.self).version == 1 && changed.headers["etag"] != tag)
            let stale = try await server.send(
                "PATCH", Self.documents + "p.md", headers: [("If-Match", tag)], body: body)
            #expect(stale.status == 412)
            #expect(
                try await Self.paths(#"{"type":"eq","key":"year","value":2026}"#, server) == ["p.md"])
            let moved = try await server.send(
                "PATCH", Self.documents + "p.md", headers: [("Idempotency-Key", "k")],
                body: #"{"path": "q/p.md", "attributes": {"tags": null}}"#)
            let again = try await server.send(
                "PATCH", Self.documents + "p.md", headers: [("Idempotency-Key", "k")],
                body: #"{"path": "q/p.md", "attributes": {"tags": null}}"#)
            #expect(moved.status == 200 && again.text == moved.text, "\(again.text)")
            #expect(try await Self.paths(#"{"type":"folder","value":"q"}"#, server) == ["q/p.md"])
        }
    }

    @Test(arguments: [
        (#"{}"#, "field_invalid"), (#"{"attributes": {}}"#, "field_invalid"),
        (#"{"attributes": []}"#, "field_invalid"), (#"{"attributes": {"a": {}}}"#, "attributes_invalid"),
        (#"{"attributes": {"carrel:x": 1}}"#, "attributes_invalid"),
        (#"{"attributes": {"a": [1]}}"#, "attributes_invalid"),
    ])
    func `a patch of what no attribute can be is refused, and nothing is changed`(
        body: String, code: String
    )
        async throws
    {
        try await TestServer.run { server in
            let before = try await server.send("GET", Self.documents + "a.md")
            let reply = try await server.send("PATCH", Self.documents + "a.md", body: body)
            #expect(reply.status == 400)
            #expect(try TestServer.problem(reply) == code, "\(reply.text)")
            #expect(try await server.send("GET", Self.documents + "a.md").text == before.text)
        }
    }

    @Test func `the attributes of a form are those of each of its documents`() async throws {
        try await TestServer.run { server in
            func upload(_ attributes: String) async throws -> WireClient.Reply {
                let files = JobRouteTests.form([("x.md", "same words x"), ("y.md", "same words y")])
                let field =
                    "--bound\r\nContent-Disposition: form-data; name=\"attributes\"\r\n\r\n\(attributes)\r\n"
                return try await server.send(
                    "POST", "/v1/workspaces/mine/documents", headers: [("Content-Type", files.type)],
                    body: field + files.body)
            }
            struct Job: Decodable { var id: String }
            let job = try await upload(#"{"batch": 7}"#).json(Job.self)
            _ = try await JobRouteTests.events(of: job.id, server)
            let found = try await Self.paths(#"{"type":"eq","key":"batch","value":7}"#, server)
            #expect(found.sorted() == ["x.md", "y.md"])
            #expect(try TestServer.problem(await upload("seven")) == "multipart_invalid")
            #expect(try TestServer.problem(await upload(#"{"a": null}"#)) == "attributes_invalid")
        }
    }
}
