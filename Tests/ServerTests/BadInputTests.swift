import Engine
import Foundation
import Server
import TestSupport
import Testing

/// What is wrong is said with a stable code, and leaves no trace.
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method = "POST"
        var target = "/v1/workspaces/mine/search"
        var headers: [(String, String)] = []
        var body: String?
        var status: Int
        var code: String

        var testDescription: String { "\(method) \(target.prefix(60)) \(body?.prefix(40) ?? "") → \(code)" }
    }

    private static let cases: [Case] = [
        // JSON and its fields.
        Case(body: "", status: 400, code: "json_invalid"),
        Case(body: "{", status: 400, code: "json_invalid"),
        Case(body: "nonsense", status: 400, code: "json_invalid"),
        Case(body: String(repeating: "[", count: 10_000), status: 400, code: "json_invalid"),
        Case(body: "[]", status: 400, code: "field_invalid"),
        Case(body: #""text""#, status: 400, code: "field_invalid"),
        Case(body: "{}", status: 400, code: "field_invalid"),
        Case(body: #"{"query": 7}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": null}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "limit": "5"}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "limit": 1.5}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "limit": 1e99}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "limits": 5}"#, status: 400, code: "field_unknown"),
        Case(body: #"{"query": "a", "recall_target": 0}"#, status: 400, code: "recall_target_out_of_range"),
        Case(body: #"{"query": "a", "recall_target": -1}"#, status: 400, code: "recall_target_out_of_range"),
        Case(body: #"{"query": "a", "recall_target": 1.5}"#, status: 400, code: "recall_target_out_of_range"),
        Case(body: #"{"query": "a", "recall_target": "1"}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "nprobe": 0}"#, status: 400, code: "nprobe_out_of_range"),
        Case(body: #"{"query": "a", "nprobe": 65537}"#, status: 400, code: "nprobe_out_of_range"),
        Case(body: #"{"query": "a", "nprobe": 1.5}"#, status: 400, code: "field_invalid"),
        Case(body: #"{"query": "a", "a/b~c": 5}"#, status: 400, code: "field_unknown"),
        Case(
            headers: [("Content-Type", "text/plain")], body: #"{"query": "a"}"#, status: 415,
            code: "media_type_unsupported"),
        Case(
            headers: [("Content-Encoding", "gzip")], body: #"{"query": "a"}"#, status: 415,
            code: "encoding_unsupported"),
        // Questions.
        Case(body: #"{"query": " \n"}"#, status: 400, code: "query_empty"),
        Case(
            body: #"{"query": ""# + String(repeating: "a", count: 100_000) + #""}"#, status: 400,
            code: "query_too_long"),
        Case(
            body: #"{"query": ""# + String(repeating: "word ", count: 1_000) + #""}"#, status: 400,
            code: "query_too_long"),
        Case(body: #"{"query": "a", "limit": 0}"#, status: 400, code: "limit_out_of_range"),
        Case(body: #"{"query": "a", "limit": 1001}"#, status: 400, code: "limit_out_of_range"),
        // Addresses and methods.
        Case(
            target: "/v1/workspaces/none/search", body: #"{"query": "a"}"#, status: 404,
            code: "workspace_not_found"),
        Case(method: "GET", target: "/v1/nothing", status: 404, code: "route_not_found"),
        Case(method: "GET", target: "/", status: 404, code: "route_not_found"),
        Case(method: "GET", status: 405, code: "method_not_allowed"),
        Case(method: "PATCH", target: "/v1/workspaces/mine", status: 405, code: "method_not_allowed"),
        Case(method: "OPTIONS", target: "/livez", status: 405, code: "method_not_allowed"),
        // A word that HTTP never knew, and one that is known but not here.
        Case(method: "BREW", target: "/livez", status: 400, code: "malformed_request"),
        Case(method: "PROPFIND", target: "/v1/workspaces/mine", status: 501, code: "method_unknown"),
        Case(
            method: "GET", target: "/v1/workspaces/mine?" + String(repeating: "a", count: 9_000), status: 414,
            code: "target_too_long"),
        Case(method: "GET", target: "/v1/workspaces/%ff", status: 400, code: "parameter_invalid"),
        // Parameters.
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?limit=0", status: 400,
            code: "parameter_invalid"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?limit=x", status: 400,
            code: "parameter_invalid"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?limit=501", status: 400,
            code: "parameter_invalid"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?limit=1&limit=2", status: 400,
            code: "parameter_invalid"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?page=2", status: 400,
            code: "parameter_unknown"),
        Case(method: "GET", target: "/livez?verbose", status: 400, code: "parameter_unknown"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?cursor=!", status: 400,
            code: "cursor_invalid"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents?cursor=", status: 400,
            code: "cursor_invalid"),
        Case(method: "GET", target: "/v1/workspaces?cursor=YQpi", status: 400, code: "cursor_invalid"),
        // Documents.
        Case(
            method: "PUT", target: "/v1/workspaces/mine/documents/x.md", body: "%PDF-1.7 and so on",
            status: 422,
            code: "document_damaged"),
        Case(
            method: "PUT", target: "/v1/workspaces/mine/documents/x.md",
            body: String(repeating: "\0", count: 100), status: 422, code: "document_not_text"),
        Case(
            method: "PUT", target: "/v1/workspaces/mine/documents/x.md",
            body: String(repeating: "#\n", count: 500_001), status: 422, code: "too_many_lines"),
        Case(
            method: "PUT", target: "/v1/workspaces/mine/documents/doc_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            body: "text",
            status: 404, code: "document_not_found"),
        Case(
            method: "GET", target: "/v1/workspaces/mine/documents/none.md", status: 404,
            code: "document_not_found"),
        // Workspaces and keys.
        Case(
            target: "/v1/workspaces/mine/keys", body: #"{"name": "", "permission": "read"}"#, status: 400,
            code: "key_name_invalid"),
        Case(
            target: "/v1/workspaces/mine/keys", body: #"{"name": "a\nb", "permission": "read"}"#, status: 400,
            code: "key_name_invalid"),
        Case(
            method: "DELETE", target: "/v1/workspaces/mine/keys/a%00b", status: 400, code: "parameter_invalid"
        ),
        Case(
            target: "/v1/workspaces/mine/keys", body: #"{"name": "k", "permission": "root"}"#, status: 400,
            code: "field_invalid"),
        Case(
            target: "/v1/workspaces/mine/keys",
            body: #"{"name": "k", "permission": "read", "expires_in_seconds": 0}"#, status: 400,
            code: "key_lifetime_out_of_range"),
        Case(
            target: "/v1/workspaces/mine/keys",
            body: #"{"name": "k", "permission": "read", "expires_in_seconds": 9223372036854775807}"#,
            status: 400,
            code: "key_lifetime_out_of_range"),
        Case(
            method: "DELETE", target: "/v1/workspaces/mine/keys/none", status: 404, code: "key_not_found"),
    ]

    @Test(arguments: cases)
    func `bad input gets its code, and nothing is changed`(bad: Case) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(bad.method, bad.target, headers: bad.headers, body: bad.body)
            #expect(reply.status == bad.status, "\(reply.text)")
            #expect(try TestServer.problem(reply) == bad.code, "\(reply.text)")
            if bad.status == 405 { #expect(reply.headers["allow"]?.isEmpty == false) }
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            #expect(
                try server.engine.library.documents(in: scope, limit: 10).map(\.path) == [
                    "a.md", "sub/b.txt",
                ])
            #expect(try server.engine.library.keys(in: scope).count == 3)
            #expect(try server.engine.library.verify(in: scope).findings.isEmpty)
        }
    }

    @Test func `an invalid name is refused with the rule`() async throws {
        try await TestServer.run { server in
            for name in ["", "No Capitals", ".dot", "ü", String(repeating: "a", count: 64)] {
                let body = String(decoding: try JSONEncoder().encode(["name": name]), as: UTF8.self)
                let reply = try await server.send(
                    "POST", "/v1/workspaces", key: server.operatorKey, body: body)
                #expect(reply.status == 400)
                #expect(try TestServer.problem(reply) == "workspace_name_invalid")
            }
        }
    }

    @Test(arguments: [
        "\r\n", "GET\r\n\r\n", "GET /livez\r\n\r\n", "GET /livez HTTP/9.9\r\n\r\n",
        "G\u{1}T /livez HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "GET /livez HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\n",
    ])
    func `bytes that are no request are answered with a problem, or the connection ends`(
        text: String
    )
        async throws
    {
        try await TestServer.run { server in
            let received = try await server.client.exchange(Array(text.utf8))
            if !received.isEmpty {
                let reply = try WireClient.reply(in: received)
                #expect(reply.status == 400 || reply.status == 505)
                #expect(try TestServer.problem(reply) == "malformed_request")
            }
            #expect(try await server.client.send("GET", "/livez").status == 200)
        }
    }

    @Test func `a body that ends early, or whose chunks are broken, changes nothing`() async throws {
        try await TestServer.run { server in
            let head =
                "PUT /v1/workspaces/mine/documents/half.md HTTP/1.1\r\n"
                + "Authorization: Bearer \(server.mine.key(.write))\r\n"
            for rest in [
                "Content-Length: 100\r\n\r\nonly half",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
            ] {
                let received = try await server.client.exchange(Array((head + rest).utf8))
                if !received.isEmpty {
                    let reply = try WireClient.reply(in: received)
                    #expect(reply.status == 400)
                    #expect(["body_incomplete", "malformed_request"].contains(try TestServer.problem(reply)))
                }
                let found = try await server.send("GET", "/v1/workspaces/mine/documents/half.md")
                #expect(found.status == 404)
            }
        }
    }
}
