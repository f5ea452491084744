import Engine
import Foundation
import Server
import TestSupport
import Testing

struct JobRouteTests {
    struct Job: Decodable, Equatable {
        var id: String
        var kind: String
        var state: String
        var document_count: Int
        var ready_count: Int
        var failed_count: Int
    }

    struct Item: Decodable {
        var path: String
        var state: String
        var failure_code: String?
        var failure_reason: String?
    }

    struct Page<Element: Decodable>: Decodable {
        var data: [Element]
    }

    /// A form as browsers send it.
    static func form(
        _ files: [(name: String, text: String)], folder: String? = nil
    ) -> (type: String, body: String) {
        var body = ""
        for file in files {
            body += "--bound\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(file.name)\"\r\n"
            body += "Content-Type: application/octet-stream\r\n\r\n\(file.text)\r\n"
        }
        if let folder {
            body += "--bound\r\nContent-Disposition: form-data; name=\"folder\"\r\n\r\n\(folder)\r\n"
        }
        return ("multipart/form-data; boundary=bound", body + "--bound--\r\n")
    }

    static func upload(
        _ files: [(name: String, text: String)], folder: String? = nil, key: String? = nil,
        to server: TestServer
    ) async throws -> WireClient.Reply {
        let form = form(files, folder: folder)
        let headers = [("Content-Type", form.type)] + (key.map { [("Idempotency-Key", $0)] } ?? [])
        return try await server.send(
            "POST", "/v1/workspaces/mine/documents", headers: headers, body: form.body)
    }

    /// The events of a job, which end when it has.
    static func events(
        of job: String, after last: Int? = nil, _ server: TestServer
    ) async throws -> [(id: Int, name: String, data: String)] {
        let headers = last.map { [("Last-Event-ID", String($0))] } ?? []
        let reply = try await server.send(
            "GET", "/v1/workspaces/mine/jobs/\(job)/events", headers: headers, staysOpen: true)
        #expect(reply.status == 200 && reply.headers["content-type"] == "text/event-stream")
        return reply.text.components(separatedBy: "\n\n").compactMap { block in
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                if parts.count == 2 { fields[parts[0]] = parts[1].trimmingCharacters(in: .whitespaces) }
            }
            guard let id = fields["id"].flatMap({ Int($0) }), let name = fields["event"],
                let data = fields["data"]
            else { return nil }
            return (id, name, data)
        }
    }

    @Test func `documents of a form are taken over, and are found when their job's events end`() async throws
    {
        try await TestServer.run { server in
            let reply = try await Self.upload(
                [("one.md", "a lonely windmill"), ("two.txt", "an empty granary")], folder: "farm", to: server
            )
            #expect(reply.status == 202)
            let job = try reply.json(Job.self)
            #expect(job.kind == "upload" && job.document_count == 2)
            #expect(reply.headers["location"] == "/v1/workspaces/mine/jobs/\(job.id)")
            let events = try await Self.events(of: job.id, server)
            let last = try #require(events.last)
            let ended = try JSONDecoder().decode(Job.self, from: Data(last.data.utf8))
            #expect(last.name == "job" && ended.state == "succeeded" && ended.ready_count == 2)
            let ready = events.filter { $0.name == "document" && $0.data.contains(#""state":"ready""#) }
            #expect(ready.count == 2)
            #expect(events.map(\.id) == events.map(\.id).sorted())
            // Whoever was cut off after the first document is told of the other one, and of the end.
            let rest = try await Self.events(of: job.id, after: ready[0].id, server)
            #expect(rest.filter { $0.name == "document" }.map(\.data) == [ready[1].data])
            #expect(rest.last?.name == "job")
            let search = try await server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query":"granary","limit":1}"#)
            #expect(search.text.contains("farm/two.txt"))
        }
    }

    @Test func `a document of a form that cannot be read is the job's dead letter, and no other's`()
        async throws
    {
        try await TestServer.run { server in
            let job = try await Self.upload(
                [("good.md", "a lonely windmill"), ("bad.md", "%PDF-1.4")], to: server
            ).json(Job.self)
            _ = try await Self.events(of: job.id, server)
            let ended = try await server.send("GET", "/v1/workspaces/mine/jobs/\(job.id)").json(Job.self)
            #expect(ended.state == "failed" && ended.ready_count == 1 && ended.failed_count == 1)
            let letters = try await server.send("GET", "/v1/workspaces/mine/jobs/\(job.id)/documents")
                .json(Page<Item>.self).data
            #expect(letters.map(\.path) == ["bad.md"] && letters[0].failure_code?.isEmpty == false)
            let again = try await server.send("POST", "/v1/workspaces/mine/jobs/\(job.id)/retry")
            #expect(again.status == 202)
            _ = try await Self.events(of: job.id, server)
            let list = try await server.send("GET", "/v1/workspaces/mine/jobs?limit=1").json(Page<Job>.self)
            #expect(list.data.map(\.state) == ["failed"])
        }
    }

    @Test func `a form sent again with its key is one job; with other files the key is refused`() async throws
    {
        try await TestServer.run { server in
            let files = [("one.md", "a lonely windmill")]
            let first = try await Self.upload(files, key: "form-1", to: server).json(Job.self)
            let second = try await Self.upload(files, key: "form-1", to: server).json(Job.self)
            #expect(first.id == second.id)
            let other = try await Self.upload([("one.md", "another text")], key: "form-1", to: server)
            #expect(other.status == 422)
            #expect(try TestServer.problem(other) == "request_key_reused")
            let bad = try await Self.upload(files, key: "with blank", to: server)
            #expect(try TestServer.problem(bad) == "request_key_invalid")
        }
    }

    @Test(
        arguments: [
            ("multipart/form-data", "x", "media_type_unsupported"),
            ("multipart/form-data; boundary=b", "nothing here", "multipart_invalid"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"files\"; "
                    + "filename=\"a.md\"\r\n\r\ntext", "multipart_invalid"
            ),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"files\"; "
                    + "filename=\"../a.md\"\r\n\r\ntext\r\n--b--", "document_path_invalid"
            ),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"colour\"\r\n\r\n"
                    + "red\r\n--b--", "multipart_invalid"
            ),
            ("multipart/form-data; boundary=b", "--b--\r\n", "multipart_invalid"),
        ])
    func `a form that is none is refused, and nothing of it is kept`(
        type: String, body: String, code: String
    ) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", "/v1/workspaces/mine/documents", headers: [("Content-Type", type)], body: body)
            #expect(try TestServer.problem(reply) == code)
            #expect(
                try await server.send("GET", "/v1/workspaces/mine/jobs").json(Page<Job>.self).data
                    .allSatisfy { $0.kind != "upload" })
        }
    }

    @Test func `a path that is in a form twice is refused`() async throws {
        try await TestServer.run { server in
            let reply = try await Self.upload([("a.md", "one"), ("a.md", "two")], to: server)
            #expect(try TestServer.problem(reply) == "document_twice")
        }
    }

    @Test func `a document is renamed, and keeps its id; what is in the way is told`() async throws {
        try await TestServer.run { server in
            let documents = "/v1/workspaces/mine/documents/"
            let before = try await server.send("GET", documents + "a.md").json(
                DocumentRouteTests.Document.self)
            let moved = try await server.send("PATCH", documents + "a.md", body: #"{"path":"deep/z.md"}"#)
            #expect(moved.status == 200)
            let after = try moved.json(DocumentRouteTests.Document.self)
            #expect(after.id == before.id && after.path == "deep/z.md" && after.version == before.version)
            #expect(try await server.send("GET", documents + "a.md").status == 404)
            let taken = try await server.send(
                "PATCH", documents + "deep/z.md", body: #"{"path":"sub/b.txt"}"#)
            #expect(taken.status == 409)
            #expect(try TestServer.problem(taken) == "document_exists")
            let folders = try await server.send("GET", "/v1/workspaces/mine/folders")
            #expect(folders.text.contains(#""deep""#) && folders.text.contains(#""sub""#))
            let whole = try await server.send(
                "PATCH", "/v1/workspaces/mine/folders/deep", body: #"{"path":"sub/deeper"}"#)
            #expect(whole.text.contains(#""document_count":1"#))
            #expect(try await server.send("GET", documents + "sub/deeper/z.md").status == 200)
            let gone = try await server.send("DELETE", "/v1/workspaces/mine/folders/sub")
            #expect(gone.text.contains(#""document_count":2"#))
            let none = try await server.send("DELETE", "/v1/workspaces/mine/folders/sub")
            #expect(try TestServer.problem(none) == "folder_not_found")
        }
    }

    @Test func `a deletion or a move that is sent again with its key is told the same`() async throws {
        try await TestServer.run { server in
            let documents = "/v1/workspaces/mine/documents/"
            for _ in 0..<2 {
                let moved = try await server.send(
                    "PATCH", documents + "a.md", headers: [("Idempotency-Key", "m")],
                    body: #"{"path":"b.md"}"#)
                #expect(moved.status == 200)
                #expect(try moved.json(DocumentRouteTests.Document.self).path == "b.md")
            }
            for _ in 0..<2 {
                let gone = try await server.send(
                    "DELETE", documents + "b.md", headers: [("Idempotency-Key", "d")])
                #expect(gone.status == 204)
            }
            #expect(try await server.send("DELETE", documents + "b.md").status == 404)
            // A put that was done, and whose document is gone since, is not one to try again for ever.
            for status in [201, 404] {
                let put = try await server.send(
                    "PUT", documents + "c.md", headers: [("Idempotency-Key", "p")], body: "text")
                #expect(put.status == status)
                _ = try await server.send("DELETE", documents + "c.md")
            }
        }
    }

    @Test func `a job of another workspace is not there, and one of a sender who waits is not retried`()
        async throws
    {
        try await TestServer.run { server in
            let put = try await server.send("GET", "/v1/workspaces/mine/jobs?limit=1").json(Page<Job>.self)
            let id = try #require(put.data.first?.id)
            let foreign = try await server.send(
                "GET", "/v1/workspaces/theirs/jobs/\(id)", key: server.theirs.key(.owner))
            #expect(try TestServer.problem(foreign) == "job_not_found")
            let retry = try await server.send("POST", "/v1/workspaces/mine/jobs/\(id)/retry")
            #expect(try TestServer.problem(retry) == "job_not_resumable")
            let cancelled = try await server.send("POST", "/v1/workspaces/mine/jobs/\(id)/cancel")
            #expect(try cancelled.json(Job.self).state == "succeeded")
        }
    }
}
