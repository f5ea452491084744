import Engine
import Foundation
import Server
import TestSupport
import Testing

/// The Model Context Protocol as such: messages, eras, headers, statuses.
struct MCPProtocolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var body: String
        var headers: [(String, String)] = []
        var status: Int
        var code: Int?
        var claim: String

        var testDescription: String { claim }
    }

    private static func message(_ method: String, _ parameters: String, id: String = "7") -> String {
        #"{"jsonrpc": "2.0", "id": \#(id), "method": "\#(method)", "params": \#(parameters)}"#
    }

    private static let version = ("MCP-Protocol-Version", TestServer.modern)
    private static let list = message("tools/list", "{\(TestServer.meta)}")
    private static let call = message("tools/call", #"{"name": "search", \#(TestServer.meta)}"#)
    private static let listing = ("Mcp-Method", "tools/list")
    private static let calling = ("Mcp-Method", "tools/call")

    private static func capable(_ version: String) -> String {
        #"{"_meta": {"io.modelcontextprotocol/protocolVersion": \#(version), "#
            + #""io.modelcontextprotocol/clientCapabilities": {}}}"#
    }

    private static let messages: [Case] = [
        Case(body: "", status: 400, code: -32_700, claim: "nothing"),
        Case(body: "{", status: 400, code: -32_700, claim: "half an object"),
        Case(
            body: String(repeating: "[", count: 65) + String(repeating: "]", count: 65), status: 400,
            code: -32_700,
            claim: "arrays 65 deep"),
        Case(
            body: String(repeating: "[", count: 100_000), status: 400, code: -32_700,
            claim: "arrays 100,000 deep"),
        Case(body: "[]", status: 400, code: -32_600, claim: "an empty list of messages"),
        Case(body: "[\(list)]", status: 400, code: -32_600, claim: "a list of messages"),
        Case(body: "7", status: 400, code: -32_600, claim: "a number"),
        Case(
            body: #"{"id": 1, "method": "ping"}"#, status: 400, code: -32_600, claim: "no version of JSON-RPC"
        ),
        Case(
            body: #"{"jsonrpc": "1.0", "id": 1, "method": "ping"}"#, status: 400, code: -32_600,
            claim: "another version of JSON-RPC"),
        Case(
            body: message("ping", "{}", id: "null"), status: 400, code: -32_600, claim: "an id that is null"),
        Case(
            body: message("ping", "{}", id: "1.5"), status: 400, code: -32_600,
            claim: "an id that is a fraction"),
        Case(
            body: message("ping", "{}", id: "[1]"), status: 400, code: -32_600, claim: "an id that is a list"),
        Case(body: #"{"jsonrpc": "2.0", "id": 1}"#, status: 400, code: -32_600, claim: "no method"),
        Case(
            body: #"{"jsonrpc": "2.0", "id": 1, "result": {}}"#, status: 400, code: -32_600,
            claim: "a result, which nobody asked for"),
        Case(body: message("ping", "[]"), status: 400, code: -32_602, claim: "parameters that are a list"),
    ]

    private static let modern: [Case] = [
        Case(body: list, headers: [version, listing], status: 200, claim: "all that must be there"),
        Case(body: list, headers: [listing], status: 400, code: -32_020, claim: "no version in the header"),
        Case(
            body: list, headers: [("MCP-Protocol-Version", "2025-11-25"), listing], status: 400,
            code: -32_020,
            claim: "another version in the header"),
        Case(body: list, headers: [version], status: 400, code: -32_020, claim: "no method in the header"),
        Case(
            body: list, headers: [version, calling], status: 400, code: -32_020,
            claim: "another method in the header"),
        Case(
            body: list, headers: [version, ("Mcp-Method", "TOOLS/LIST")], status: 400, code: -32_020,
            claim: "the method in capitals"),
        Case(
            body: call, headers: [version, calling], status: 400, code: -32_020,
            claim: "no tool in the header"),
        Case(
            body: call, headers: [version, calling, ("Mcp-Name", "context")], status: 400, code: -32_020,
            claim: "another tool in the header"),
        Case(
            body: call, headers: [version, calling, ("Mcp-Name", "=?base64?c2VhcmNo?=")], status: 200,
            claim: "the tool in base64"),
        Case(
            body: call, headers: [version, calling, ("Mcp-Name", "=?base64?c2VhcmNp?=")], status: 400,
            code: -32_020,
            claim: "another tool in base64"),
        Case(
            body: call, headers: [version, calling, ("Mcp-Name", "=?base64?c2VhcmN?=")], status: 400,
            code: -32_020,
            claim: "base64 that is none"),
        Case(
            body: call, headers: [version, calling, ("Mcp-Name", "search"), ("Mcp-Name", "context")],
            status: 400,
            code: -32_020, claim: "two tools in the header"),
        Case(
            body: message("tools/list", "{}"), headers: [version, listing], status: 400, code: -32_602,
            claim: "no metadata"),
        Case(
            body: message(
                "tools/list", #"{"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}"#),
            headers: [version, listing], status: 400, code: -32_602, claim: "no capabilities"),
        Case(
            body: message("tools/list", capable("7")), headers: [version, listing], status: 400,
            code: -32_602,
            claim: "a version that is a number"),
        Case(
            body: message("tools/list", capable(#""2031-01-01""#)),
            headers: [("MCP-Protocol-Version", "2031-01-01"), listing], status: 400, code: -32_022,
            claim: "a version of the future"),
        Case(
            body: message("server/discover", "{}"), status: 400, code: -32_602,
            claim: "server/discover without metadata"),
        Case(
            body: message("ping", "{\(TestServer.meta)}"), headers: [version, ("Mcp-Method", "ping")],
            status: 404,
            code: -32_601, claim: "ping, which went with 2026-07-28"),
        Case(
            body: message("initialize", "{\(TestServer.meta)}"),
            headers: [version, ("Mcp-Method", "initialize")],
            status: 404, code: -32_601, claim: "initialize, which went with it"),
        Case(
            body: message("resources/list", "{\(TestServer.meta)}"),
            headers: [version, ("Mcp-Method", "resources/list")], status: 404, code: -32_601,
            claim: "a method that is not served"),
        Case(
            body: message("tools/call", #"{"name": "none", \#(TestServer.meta)}"#),
            headers: [version, calling, ("Mcp-Name", "none")], status: 400, code: -32_602,
            claim: "an unknown tool"),
        Case(
            body: message("tools/call", "{\(TestServer.meta)}"), headers: [version, calling], status: 400,
            code: -32_602, claim: "no tool"),
        Case(
            body: message("tools/call", #"{"name": "search", "arguments": [], \#(TestServer.meta)}"#),
            headers: [version, calling, ("Mcp-Name", "search")], status: 400, code: -32_602,
            claim: "arguments that are a list"),
        Case(
            body: message("tools/list", #"{"cursor": "x", \#(TestServer.meta)}"#),
            headers: [version, listing],
            status: 400, code: -32_602, claim: "a cursor that was never given out"),
    ]

    private static let legacy: [Case] = [
        Case(body: message("ping", "{}"), status: 200, claim: "ping without a version"),
        Case(
            body: message("ping", "{}"), headers: [("MCP-Protocol-Version", "2025-06-18")], status: 200,
            claim: "ping of 2025-06-18"),
        Case(
            body: message("tools/list", "{}"), headers: [("MCP-Protocol-Version", "2025-11-25")], status: 200,
            claim: "tools/list of 2025-11-25"),
        Case(
            body: message("ping", "{}"), headers: [("MCP-Protocol-Version", "1.0")], status: 400,
            code: -32_022,
            claim: "a version that never was"),
        Case(
            body: message("prompts/list", "{}"), status: 200, code: -32_601,
            claim: "a method that is not served"),
        Case(
            body: message("tools/call", #"{"name": "none"}"#), status: 200, code: -32_602,
            claim: "an unknown tool"),
        Case(
            body: message("initialize", "{}"), status: 200, code: -32_602,
            claim: "a handshake without a version"),
    ]

    /// The refusal that a reply is, checked to be one.
    private static func check(_ reply: WireClient.Reply, _ bad: Case) throws {
        #expect(reply.status == bad.status, "\(bad.claim): \(reply.text)")
        #expect(reply.headers["content-type"] == "application/json")
        let told = try JSONObject(parsing: reply.body)
        #expect(told["jsonrpc"].string == "2.0", "\(bad.claim)")
        #expect(told["error"]["code"].integer == bad.code, "\(bad.claim): \(reply.text)")
        #expect(told["result"].isObject == (bad.code == nil), "\(bad.claim)")
        guard bad.code != nil else { return }
        #expect(told["error"]["message"].string?.isEmpty == false)
        #expect(told["error"]["data"]["request_id"].string == reply.headers["x-request-id"])
    }

    @Test func `what is no message is refused as such, and each rule has its code`() async throws {
        try await TestServer.run { server in
            for bad in Self.messages + Self.modern + Self.legacy {
                try Self.check(try await server.mcp(bad.body, headers: bad.headers), bad)
            }
        }
    }

    @Test func `an answer has the request's id as it came, and null where it could not be read`() async throws
    {
        try await TestServer.run { server in
            for (id, told) in [
                ("7", "7"), (#""a b""#, #""a b""#), ("-1", "-1"), ("0", "0"), (#""""#, #""""#),
            ] {
                for method in ["ping", "none"] {
                    let reply = try await server.mcp(Self.message(method, "{}", id: id))
                    #expect(reply.text.contains(#""id":\#(told),"#), "\(reply.text)")
                }
            }
            for body in [
                "{", "[]", Self.message("ping", "{}", id: "null"), Self.message("ping", "{}", id: "1.5"),
            ] {
                let reply = try await server.mcp(body)
                #expect(reply.text.contains(#""id":null"#), "\(reply.text)")
            }
        }
    }

    @Test func `a version that is not spoken is told which are`() async throws {
        try await TestServer.run { server in
            let reply = try await server.mcp(
                Self.message("tools/list", Self.capable(#""1900-01-01""#)),
                headers: [("MCP-Protocol-Version", "1900-01-01"), Self.listing])
            let data = try JSONObject(parsing: reply.body)["error"]["data"]
            #expect(data["requested"].string == "1900-01-01")
            let expected = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
            #expect(data["supported"].elements.compactMap(\.string) == expected)
        }
    }

    @Test(arguments: ["notifications/initialized", "notifications/cancelled", "notifications/of/the/future"])
    func `a notification is accepted, and nothing is told`(method: String) async throws {
        try await TestServer.run { server in
            for version in [nil, "2025-06-18", "2026-07-28"] {
                let reply = try await server.mcp(
                    #"{"jsonrpc": "2.0", "method": "\#(method)"}"#,
                    headers: version.map { [("MCP-Protocol-Version", $0)] } ?? [])
                #expect(reply.status == 202 && reply.body.isEmpty, "\(reply.text)")
            }
        }
    }

    @Test func `a handshake is given the version it offers, or the newest that has one`() async throws {
        try await TestServer.run { server in
            for (offered, given) in [
                ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
                ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("1.0", "2025-11-25"),
            ] {
                let reply = try await server.legacyMCP(
                    "initialize",
                    #"{"protocolVersion": "\#(offered)", "capabilities": {}, "#
                        + #""clientInfo": {"name": "t", "version": "1"}}"#, version: nil)
                let result = try JSONObject(parsing: reply.body)["result"]
                #expect(result["protocolVersion"].string == given, "\(reply.text)")
                #expect(result["capabilities"]["tools"].isObject)
                #expect(result["serverInfo"]["name"].string == "carrel")
                #expect(result["instructions"].string?.contains("workspace 'mine'") == true)
                #expect(!result["resultType"].isObject && reply.headers["mcp-session-id"] == nil)
            }
        }
    }

    @Test func `server/discover tells versions, tools and who is asked`() async throws {
        try await TestServer.run { server in
            let reply = try await server.modernMCP("server/discover")
            #expect(reply.status == 200, "\(reply.text)")
            let result = try JSONObject(parsing: reply.body)["result"]
            #expect(result["resultType"].string == "complete" && result["cacheScope"].string == "private")
            #expect(result["supportedVersions"].elements.first?.string == "2026-07-28")
            #expect(
                result["capabilities"]["tools"].isObject && result["ttlMs"].integer.map { $0 >= 0 } == true)
            let server = result["_meta"]["io.modelcontextprotocol/serverInfo"]
            #expect(server["name"].string == "carrel" && server["version"].string?.isEmpty == false)
        }
    }

    @Test func `there is no stream and no session: GET and DELETE are refused by name`() async throws {
        try await TestServer.run { server in
            for method in ["GET", "DELETE", "PUT", "OPTIONS"] {
                let reply = try await server.send(method, "/mcp", headers: [("Mcp-Session-Id", "x")])
                #expect(reply.status == 405 && reply.headers["allow"] == "POST")
                #expect(
                    try JSONObject(parsing: reply.body)["error"]["data"]["code"].string
                        == "method_not_allowed")
            }
        }
    }

    @Test func `without a key the answer is 401, in JSON-RPC's envelope`() async throws {
        try await TestServer.run { server in
            let reply = try await server.client.send("POST", "/mcp", body: Array(Self.list.utf8))
            #expect(reply.status == 401 && reply.headers["www-authenticate"] == "Bearer realm=\"carrel\"")
            let told = try JSONObject(parsing: reply.body)
            #expect(
                told["error"]["code"].integer == 401 && told["error"]["data"]["code"].string == "key_missing")
        }
    }

    @Test func `a body beyond its bound, or of another type, is refused`() async throws {
        try await TestServer.run { server in
            let large = Self.message(
                "tools/call", #"{"name": "\#(String(repeating: "a", count: 1_048_576))"}"#)
            #expect(try await server.mcp(large).status == 413)
            let typed = try await server.send(
                "POST", "/mcp", headers: [("Content-Type", "text/plain")], body: "{}")
            #expect(typed.status == 415)
            // Some clients accept only what they read, and some say nothing.
            let plain = try await server.send("POST", "/mcp", body: Self.message("ping", "{}"))
            #expect(plain.status == 200)
        }
    }

    @Test func `pages of other origins are refused, those of this machine and those that are named are not`()
        async throws
    {
        var limits = ServerLimits()
        limits.originsAllowed = ["https://console.example.com"]
        try await TestServer.run(limits: limits) { server in
            for (origin, isAllowed) in [
                ("http://localhost", true), ("http://localhost:3000", true), ("https://127.0.0.1:8443", true),
                ("http://[::1]:3000", true), ("https://console.example.com", true),
                ("https://Console.Example.com", true), ("http://console.example.com", false),
                ("https://console.example.com:8443", false), ("https://evil.example.com", false),
                ("http://localhost.evil.example.com", false), ("http://evil.example.com/localhost", false),
                ("http://localhost@evil.example.com", false), ("null", false), ("", false),
                ("localhost", false),
                ("file://localhost", false),
            ] {
                let reply = try await server.mcp(Self.message("ping", "{}"), headers: [("Origin", origin)])
                #expect(reply.status == (isAllowed ? 200 : 403), "\(origin)")
                guard !isAllowed else { continue }
                let told = try JSONObject(parsing: reply.body)
                #expect(told["error"]["data"]["code"].string == "origin_forbidden")
            }
            // A page that the name of an attacker leads here has that name as its host too.
            let rebound = try await server.client.exchange(
                Array(
                    """
                    POST /mcp HTTP/1.1\r\nHost: evil.example.com\r\nOrigin: http://evil.example.com\r\n\
                    Authorization: Bearer \(server.mine.key(.read))\r\nContent-Length: 2\r\n\r\n{}
                    """.utf8))
            #expect(try WireClient.reply(in: rebound).status == 403)
        }
    }

    @Test func `a line of the log says which tool was called and what went wrong, and none of the words`()
        async throws
    {
        try await TestServer.run { server in
            _ = try await server.tool("search", #"{"query": "XyzzyQuestion"}"#)
            _ = try await server.tool("get_document", #"{"document": "XyzzyPath.md"}"#)
            _ = try await server.modernMCP("tools/call", #""name": "XyzzyTool""#, name: "XyzzyTool")
            _ = try await server.legacyMCP("XyzzyMethod")
            let lines = server.log.lines.filter { $0.contains("POST /mcp") }
            #expect(lines.count == 4 && !lines.joined().contains("Xyzzy"))
            #expect(
                lines[0].contains("tools/call search") && lines[0].contains(#""workspace":"mine""#),
                "\(lines[0])")
            #expect(lines[1].contains("tools/call get_document") && lines[1].contains("document_not_found"))
            #expect(lines[2].contains("parameters_invalid") && lines[3].contains("rpc_method_unknown"))
        }
    }
}
