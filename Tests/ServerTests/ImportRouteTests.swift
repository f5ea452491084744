import Engine
import Foundation
import TestSupport
import Testing

struct ImportRouteTests {
    private struct Imported: Decodable {
        struct Problem: Decodable {
            var code: String
            var detail: String
        }
        struct Document: Decodable {
            var path: String
            var outcome: String
            var problem: Problem?
        }
        var ingested: Int
        var unchanged: Int
        var failed: Int
        var skipped: Int
        var documents: [Document]
        var stopped: Problem?
    }

    private func post(
        _ server: TestServer, _ kind: String, type: String, body: [UInt8], query: String = ""
    ) async throws -> WireClient.Reply {
        try await server.client.send(
            "POST", "/v1/workspaces/mine/imports/\(kind)\(query)",
            headers: [("Authorization", "Bearer \(server.mine.key(.write))"), ("Content-Type", type)],
            body: body)
    }

    @Test func `a stream puts each line, and a bad one fails alone with its number`() async throws {
        try await TestServer.run { server in
            let lines = """
                {"id": "x/1.md", "markdown": "# One\\n\\nzebra", "attributes": {"year": 2026}}
                nonsense
                {"id": "2", "text": "two", "folder": "y"}
                """
            let reply = try await post(
                server, "ndjson", type: "application/x-ndjson", body: Array(lines.utf8))
            #expect(reply.status == 200, "\(reply.text)")
            let first = try reply.json(Imported.self)
            #expect(first.ingested == 2 && first.failed == 1 && first.stopped == nil)
            let bad = first.documents.first { $0.outcome == "failed" }
            #expect(bad?.path == "body, line 2" && bad?.problem?.code == "record_invalid")
            let again = try await post(
                server, "ndjson", type: "application/x-ndjson", body: Array(lines.utf8))
            #expect(try again.json(Imported.self).unchanged == 2)
            let document = try await server.send("GET", "/v1/workspaces/mine/documents/x/1.md")
            #expect(document.text.contains(#""attributes":{"year":2026}"#), "\(document.text)")
        }
    }

    @Test func `an archive puts its documents below a folder, and what stands before its broken end`()
        async throws
    {
        try await TestServer.run { server in
            let whole = Self.tar([("a.md", "alpha"), ("../evil.md", "x"), ("b.png", "x"), ("c.md", "gamma")])
            let reply = try await post(
                server, "archive", type: "application/x-tar", body: whole, query: "?folder=box%2Fold")
            let found = try reply.json(Imported.self)
            #expect(found.ingested == 2 && found.failed == 1 && found.skipped == 1, "\(reply.text)")
            #expect(
                found.documents.first { $0.outcome == "failed" }?.problem?.code == "document_path_invalid")
            #expect(try await server.send("GET", "/v1/workspaces/mine/documents/box/old/a.md").status == 200)
            let cut = try await post(
                server, "archive", type: "application/x-tar", body: Array(whole[..<3_300]))
            let broken = try cut.json(Imported.self)
            #expect(broken.stopped?.code == "archive_invalid" && broken.ingested == 1, "\(cut.text)")
        }
    }

    @Test func `what is no archive, another type or a folder that is none is refused`() async throws {
        try await TestServer.run { server in
            let text = Array("no archive at all".utf8)
            let none = try await post(server, "archive", type: "application/zip", body: text)
            #expect(try none.status == 422 && TestServer.problem(none) == "archive_invalid")
            let type = try await post(server, "archive", type: "text/markdown", body: text)
            #expect(try type.status == 415 && TestServer.problem(type) == "media_type_unsupported")
            let folder = try await post(
                server, "archive", type: "application/zip", body: text, query: "?folder=..")
            #expect(try folder.status == 400 && TestServer.problem(folder) == "document_path_invalid")
        }
    }

    @Test func `nothing of an upload is left on the disk`() async throws {
        try await TestServer.run { server in
            let body = Self.tar([("a.md", "alpha")])
            _ = try await post(server, "archive", type: "application/x-tar", body: body)
            let uploads = server.dataDirectory.appending(path: "uploads")
            #expect(try FileManager.default.contentsOfDirectory(atPath: uploads.path).isEmpty)
        }
    }

    @Test func `a page is fetched and put; one that must not be is refused by what it is`() async throws {
        let pages = FixedPages([
            "https://example.org/power": FetchedPage(
                address: "https://example.org/power", mediaType: "text/markdown",
                bytes: Array("# Power\n\nzebra\n".utf8))
        ])
        try await TestServer.run(pages: pages) { server in
            func post(_ body: String) async throws -> WireClient.Reply {
                try await server.send("POST", "/v1/workspaces/mine/imports/page", body: body)
            }
            let created = try await post(#"{"url": "https://example.org/power"}"#)
            #expect(
                created.status == 201 && created.text.contains(#""path":"example.org/power""#),
                "\(created.text)")
            #expect(try await post(#"{"url": "https://example.org/power"}"#).status == 200)
            let named = try await post(#"{"url": "https://example.org/power", "path": "power.md"}"#)
            #expect(named.status == 201)
            let inside = try await post(#"{"url": "http://10.0.0.1/"}"#)
            #expect(try inside.status == 403 && TestServer.problem(inside) == "page_forbidden")
        }
    }

    @Test func `a server without a fetcher says so`() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", "/v1/workspaces/mine/imports/page", body: #"{"url": "https://example.org/"}"#)
            #expect(try reply.status == 403 && TestServer.problem(reply) == "page_forbidden")
        }
    }

    /// An archive of plain files (POSIX.1-1988, ustar).
    private static func tar(_ entries: [(path: String, text: String)]) -> [UInt8] {
        entries.flatMap { path, text -> [UInt8] in
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
            }
            let size = String(text.utf8.count, radix: 8)
            put(path, at: 0)
            put("0000644", at: 100)
            put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
            put("00000000000", at: 136)
            put("        0", at: 148)
            put("ustar", at: 257)
            put("00", at: 263)
            let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
            put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
            return header + text.utf8 + [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
        } + [UInt8](repeating: 0, count: 1_024)
    }
}

/// Pages that are there already; whatever else is asked for is somewhere it must not be.
struct FixedPages: PageFetcher {
    private let pages: [String: FetchedPage]

    init(_ pages: [String: FetchedPage]) {
        self.pages = pages
    }

    func fetch(_ address: String) async throws -> FetchedPage {
        guard let page = pages[address] else { throw PageFault.addressForbidden(host: "inside") }
        return page
    }
}
