import Engine
import Foundation
import TestSupport
import Testing

/// The tools that agents have.
struct MCPToolTests {
    private static func tools(_ server: TestServer, key: String? = nil) async throws -> [JSONObject] {
        let reply = try await server.modernMCP("tools/list", key: key)
        return try JSONObject(parsing: reply.body)["result"]["tools"].elements
    }

    private static func schema(of tool: String, _ server: TestServer) async throws -> JSONObject {
        let found = try await tools(server).first { $0["name"].string == tool }
        return try #require(found)["outputSchema"]
    }

    @Test func `the tools are always the same, in the same order, and say that they change nothing`()
        async throws
    {
        try await TestServer.run { server in
            let first = try await server.modernMCP("tools/list")
            let again = try await server.modernMCP("tools/list")
            let old = try await server.legacyMCP("tools/list", version: nil)
            #expect(first.text == again.text)
            let tools = try await Self.tools(server)
            #expect(tools.compactMap { $0["name"].string } == ["search", "context", "get_document"])
            let told = try JSONObject(parsing: old.body)["result"]["tools"].elements
            #expect(told.compactMap { $0["name"].string } == ["search", "context", "get_document"])
            let result = try JSONObject(parsing: first.body)["result"]
            #expect(result["resultType"].string == "complete" && result["cacheScope"].string == "private")
            #expect(result["ttlMs"].integer.map { $0 > 0 } == true && result["nextCursor"].string == nil)
            for tool in tools {
                #expect(
                    tool["title"].string?.isEmpty == false && tool["description"].string?.isEmpty == false)
                let hints = tool["annotations"]
                #expect(hints["readOnlyHint"].boolean == true && hints["idempotentHint"].boolean == true)
                #expect(hints["destructiveHint"].boolean == false && hints["openWorldHint"].boolean == false)
                #expect(tool["inputSchema"]["type"].string == "object")
                #expect(tool["inputSchema"]["additionalProperties"].boolean == false)
                #expect(tool["outputSchema"]["type"].string == "object")
                #expect(tool.everyMember(named: "$ref").isEmpty)
                // Who kept the list may get answers with more in them.
                #expect(
                    tool["outputSchema"].everyMember(named: "additionalProperties").allSatisfy {
                        $0.boolean == nil
                    })
            }
        }
    }

    @Test func `what a tool gives is what its schema says`() async throws {
        try await TestServer.run { server in
            for (tool, arguments) in [
                ("search", #"{"query": "lighthouse keeper"}"#),
                ("search", #"{"query": "alpha", "limit": 1}"#),
                ("search", #"{"query": "alpha", "min_score": 1}"#),
                ("context", #"{"query": "lighthouse keeper"}"#),
                ("context", #"{"query": "alpha", "token_budget": 64}"#),
                ("get_document", #"{"document": "a.md"}"#),
                ("get_document", #"{"document": "sub/b.txt", "line_start": 9}"#),
            ] {
                let result = try await server.tool(tool, arguments)
                #expect(result["isError"].boolean == false, "\(tool) \(arguments): \(result.toolText)")
                #expect(!result.toolText.isEmpty)
                let schema = try await Self.schema(of: tool, server)
                let faults = result["structuredContent"].faults(against: schema, in: schema)
                #expect(faults.isEmpty, "\(tool) \(arguments): \(faults)")
            }
        }
    }

    @Test func `search finds passages, each with its citation, in words and for programs`() async throws {
        try await TestServer.run { server in
            let result = try await server.tool("search", #"{"query": "lighthouse keeper", "limit": 1}"#)
            let passage = try #require(result["structuredContent"]["passages"].elements.first)
            #expect(passage["text"].string?.contains("the lighthouse keeper sleeps at noon") == true)
            let citation = passage["citation"]
            #expect(citation["path"].string == "a.md" && citation["sha256"].string?.count == 64)
            #expect(citation["headings"].elements.compactMap(\.string) == ["Alpha", "Deep"])
            #expect(result.toolText.hasPrefix("[1] a.md, lines "), "\(result.toolText)")
            #expect(result.toolText.contains("– Alpha › Deep"))
            let cursor = try #require(result["structuredContent"]["next_cursor"].string)
            let next = try await server.tool(
                "search", #"{"query": "lighthouse keeper", "limit": 1, "cursor": "\#(cursor)"}"#)
            #expect(next["structuredContent"]["passages"].elements.first?["number"].integer == 2)
            let filtered = try await server.tool(
                "search", #"{"query": "alpha", "filter": {"type": "folder", "value": "sub"}}"#)
            let paths = filtered["structuredContent"]["passages"].elements.map {
                $0["citation"]["path"].string
            }
            #expect(Set(paths) == ["sub/b.txt"], "\(filtered.toolText)")
        }
    }

    @Test func `context is one text within its budget, with numbered sources`() async throws {
        try await TestServer.run { server in
            let result = try await server.tool(
                "context", #"{"query": "lighthouse keeper", "token_budget": 200}"#)
            let context = result["structuredContent"]
            #expect(
                context["token_budget"].integer == 200 && context["tokens"].integer.map { $0 <= 200 } == true)
            #expect(context["sources"].elements.first?["citations"].elements.first?["path"].string == "a.md")
            #expect(result.toolText.hasPrefix("[1] a.md, lines "), "\(result.toolText)")
        }
    }

    @Test func `get_document reads all, some lines, or some bytes, by path or id`() async throws {
        try await TestServer.run { server in
            let whole = try await server.tool("get_document", #"{"document": "a.md"}"#)["structuredContent"]
            #expect(whole["text"].string == TestServer.documents["a.md"])
            #expect(whole["line_count"].integer == 7 && whole["truncated"].boolean == false)
            let id = try #require(whole["document"].string)
            let lines = try await server.tool(
                "get_document", #"{"document": "\#(id)", "line_start": 5, "line_end": 7}"#)
            #expect(
                lines["structuredContent"]["text"].string
                    == "## Deep\n\nthe lighthouse keeper sleeps at noon\n")
            #expect(lines.toolText.hasPrefix("a.md – Alpha, lines 5–7 of 7, version 1\n\n## Deep"))
            let bytes = try await server.tool(
                "get_document", #"{"document": "a.md", "byte_start": 9, "byte_end": 14}"#)[
                    "structuredContent"]
            #expect(bytes["text"].string == "alpha" && bytes["line_start"].integer == 3)
        }
    }

    @Test func `a document that is cut says so, and goes on where it was cut until it ends`() async throws {
        try await TestServer.run { server in
            let text = (1...200).map { "line \($0) of the log é\n" }.joined()
            let put = try await server.send("PUT", "/v1/workspaces/mine/documents/log.md", body: text)
            #expect(put.status == 201)
            var (read, start, calls) = ("", 0, 0)
            while calls < 20 {
                calls += 1
                let result = try await server.tool(
                    "get_document", #"{"document": "log.md", "max_bytes": 512, "byte_start": \#(start)}"#)
                let part = result["structuredContent"]
                read += part["text"].string ?? ""
                #expect(part["text"].string?.hasSuffix("\n") == true)
                guard let next = part["next_byte_start"].integer else { break }
                #expect(
                    part["truncated"].boolean == true
                        && result.toolText.contains("Go on with byte_start \(next)"))
                start = next
            }
            #expect(read == text && calls > 5)
        }
    }

    @Test func `names that models make up for arguments are understood`() async throws {
        try await TestServer.run { server in
            for (tool, arguments) in [
                ("search", #"{"q": "alpha", "top_k": 1}"#), ("search", #"{"question": "alpha", "k": 1}"#),
                ("search", #"{"search_query": "alpha", "n": 1, "score_threshold": 0}"#),
                ("context", #"{"question": "alpha", "max_tokens": 100}"#),
                ("get_document", #"{"document_id": "a.md"}"#),
                ("get_document", #"{"path": "a.md", "start_line": 1}"#),
            ] {
                let result = try await server.tool(tool, arguments)
                #expect(result["isError"].boolean == false, "\(tool) \(arguments): \(result.toolText)")
                guard tool == "search" else { continue }
                #expect(result["structuredContent"]["passages"].elements.count == 1)
            }
        }
    }

    @Test(arguments: [
        ("search", "{}", "query: expected the field to be there"), ("search", #"{"query": " "}"#, "query: "),
        ("search", #"{"query": 7}"#, "query: expected a string"),
        ("search", #"{"query": "a", "limit": 51}"#, "limit: expected 1 to 50, found 51"),
        ("search", #"{"query": "a", "limit": "5"}"#, "limit: expected a whole number"),
        ("search", #"{"query": "a", "mode": "fuzzy"}"#, "vector, keyword, hybrid"),
        ("search", #"{"query": "a", "min_score": 2}"#, "0 to 1 is allowed"),
        ("search", #"{"query": "a", "nprobe": 2}"#, "allowed: query"),
        ("search", #"{"query": "a", "q": "b"}"#, "Found the field 'q'"),
        ("search", #"{"query": "a", "cursor": "x"}"#, "next_cursor"),
        ("search", #"{"query": "a", "filter": {"type": "like"}}"#, "filter"),
        ("context", #"{"query": "a", "token_budget": 1}"#, "64 to 100000"),
        ("get_document", #"{"document": "none.md"}"#, "from a citation of search"),
        ("get_document", #"{"document": "../x"}"#, "'.' or '..'"),
        (
            "get_document", #"{"document": "a.md", "line_start": 0}"#,
            "line_start: expected 1 or more, found 0"
        ),
        (
            "get_document", #"{"document": "a.md", "line_start": 3, "line_end": 2}"#,
            "line_end: expected 3 or more"
        ),
        ("get_document", #"{"document": "a.md", "line_start": 3, "byte_end": 2}"#, "not both"),
        ("get_document", #"{"document": "a.md", "max_bytes": 262145}"#, "256 to 262144"),
    ])
    func `what is wrong with arguments is told to the model, with what would be right`(
        tool: String, arguments: String, told: String
    ) async throws {
        try await TestServer.run { server in
            let result = try await server.tool(tool, arguments)
            #expect(result["isError"].boolean == true && !result["structuredContent"].isObject)
            #expect(result.toolText.contains(told), "\(result.toolText)")
        }
    }

    @Test func `a key reads its own workspace and no other, whatever is named`() async throws {
        try await TestServer.run { server in
            let put = try await server.send(
                "PUT", "/v1/workspaces/theirs/documents/secret.md", key: server.theirs.key(.write),
                body: "# Secret\n\nxyzzy plugh\n")
            #expect(put.status == 201)
            let id = try JSONObject(parsing: put.body)["document"]["id"].string ?? ""
            let theirs = try await server.tool(
                "search", #"{"query": "xyzzy plugh"}"#, key: server.theirs.key(.read))
            #expect(theirs.toolText.contains("secret.md"))
            for permission in Permission.allCases {
                let key = server.mine.key(permission)
                let found = try await server.tool("search", #"{"query": "xyzzy plugh"}"#, key: key)
                #expect(!found.toolText.contains("xyzzy") && found["isError"].boolean == false)
                for document in ["secret.md", id] {
                    let read = try await server.tool(
                        "get_document", #"{"document": "\#(document)"}"#, key: key)
                    #expect(read["isError"].boolean == true && read.toolText.contains("no such document"))
                }
                for workspace in ["theirs", server.theirs.id, "none"] {
                    let named = try await server.tool(
                        "search", #"{"query": "a", "workspace": "\#(workspace)"}"#, key: key)
                    #expect(
                        named["isError"].boolean == true && named.toolText.contains("leave workspace out"))
                }
                let own = try await server.tool("search", #"{"query": "a", "workspace": "mine"}"#, key: key)
                #expect(own["isError"].boolean == false)
            }
        }
    }

    @Test
    func
        `the operator's key opens all, so the workspace must be named, and the refusal says which there are`()
        async throws
    {
        try await TestServer.run { server in
            let key = server.operatorKey
            for tool in try await Self.tools(server, key: key) {
                let required = tool["inputSchema"]["required"].elements.compactMap(\.string)
                #expect(required.contains("workspace"))
            }
            let own = try await Self.tools(server)
            #expect(!own.contains { $0["inputSchema"]["properties"]["workspace"].isObject })
            let unnamed = try await server.tool("search", #"{"query": "alpha"}"#, key: key)
            #expect(unnamed["isError"].boolean == true && unnamed.toolText.contains("mine, theirs"))
            for workspace in ["mine", "theirs", server.mine.id] {
                let named = try await server.tool(
                    "search", #"{"query": "alpha", "workspace": "\#(workspace)"}"#, key: key)
                #expect(named["isError"].boolean == false, "\(named.toolText)")
            }
            let none = try await server.tool("search", #"{"query": "alpha", "workspace": "none"}"#, key: key)
            #expect(none["isError"].boolean == true && none.toolText.contains("'none'"))
        }
    }

    @Test func `an embedder that fails is told as something to try again`() async throws {
        let embedder = WordHashEmbedder()
        try await TestServer.run(embedder: embedder) { server in
            embedder.fail(onCalls: [5])
            let result = try await server.tool("search", #"{"query": "alpha", "mode": "vector"}"#)
            #expect(result["isError"].boolean == true && result.toolText.contains("Try again in a moment."))
            #expect(
                server.log.lines.contains {
                    $0.contains("embedder_unavailable") && $0.contains(#""level":"error""#)
                })
        }
    }

    @Test func `an older client is answered with the same tools`() async throws {
        try await TestServer.run { server in
            for version in [nil, "2025-03-26", "2025-06-18", "2025-11-25"] {
                let reply = try await server.legacyMCP(
                    "tools/call", #"{"name": "search", "arguments": {"query": "lighthouse keeper"}}"#,
                    version: version)
                let result = try JSONObject(parsing: reply.body)["result"]
                #expect(result.toolText.contains("a.md") && result["resultType"].string == nil)
            }
        }
    }
}
