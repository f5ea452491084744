import Foundation
import TestSupport

/// Messages of MCP to `/mcp`, of both eras, as a well-behaved client sends them unless told otherwise.
extension TestServer {
    static let modern = "2026-07-28"

    /// What each request of 2026-07-28 says of itself.
    static let meta =
        #""_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "#
        + #""io.modelcontextprotocol/clientCapabilities": {}}"#

    /// Sends any body.
    func mcp(
        _ body: String, key: String? = nil, headers: [(String, String)] = []
    ) async throws -> WireClient.Reply {
        try await send(
            "POST", "/mcp", key: key,
            headers: [
                ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
            ] + headers, body: body)
    }

    /// Sends a request of 2026-07-28.
    ///
    /// - Parameter parameters: members of `params` beside `_meta`.
    func modernMCP(
        _ method: String, _ parameters: String = "", name: String? = nil, key: String? = nil
    ) async throws
        -> WireClient.Reply
    {
        let own = parameters.isEmpty ? "" : parameters + ", "
        return try await mcp(
            #"{"jsonrpc": "2.0", "id": 7, "method": "\#(method)", "params": {\#(own)\#(Self.meta)}}"#,
            key: key,
            headers: [("MCP-Protocol-Version", Self.modern), ("Mcp-Method", method)]
                + (name.map { [("Mcp-Name", $0)] } ?? []))
    }

    /// Sends a request of an older version; none without a header.
    func legacyMCP(
        _ method: String, _ parameters: String = "{}", version: String? = "2025-11-25"
    ) async throws
        -> WireClient.Reply
    {
        try await mcp(
            #"{"jsonrpc": "2.0", "id": "a", "method": "\#(method)", "params": \#(parameters)}"#,
            headers: version.map { [("MCP-Protocol-Version", $0)] } ?? [])
    }

    /// Calls a tool, in the way of 2026-07-28; the result.
    func tool(_ name: String, _ arguments: String, key: String? = nil) async throws -> JSONObject {
        let reply = try await modernMCP(
            "tools/call", #""name": "\#(name)", "arguments": \#(arguments)"#, name: name, key: key)
        guard reply.status == 200 else { throw UnexpectedReply(text: "\(reply.status) \(reply.text)") }
        return try JSONObject(parsing: reply.body)["result"]
    }

    struct UnexpectedReply: Error { var text: String }
}

extension JSONObject {
    /// The text of a tool's result.
    var toolText: String { self["content"].elements.compactMap { $0["text"].string }.joined(separator: "\n") }
}
