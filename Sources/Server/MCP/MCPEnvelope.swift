import Engine
import Foundation

/// The header fields that mirror a message.
struct MCPHeaders: Sendable, Equatable {
    static let versionName = "MCP-Protocol-Version"
    static let methodName = "Mcp-Method"
    static let targetName = "Mcp-Name"

    var version: String?
    var method: String?
    var target: String?

    /// What a field says whose text is plain ASCII, or `=?base64?…?=`; nil for base64 that is none.
    static func decoded(_ text: String) -> String? {
        let (start, end) = ("=?base64?", "?=")
        guard text.hasPrefix(start), text.hasSuffix(end), text.utf8.count >= start.utf8.count + end.utf8.count
        else {
            return text
        }
        let payload = String(text.dropFirst(start.count).dropLast(end.count))
        // Encoded again it must be the same, or two readers could take it for two things.
        guard let data = Data(base64Encoded: payload), data.base64EncodedString() == payload else {
            return nil
        }
        return String(validating: data, as: UTF8.self)
    }
}

/// Which of the two protocols a message speaks: one that is told everything with each request (2026-07-28), or one
/// that began with a handshake (up to 2025-11-25). Both are served at one address, and neither is remembered.
enum MCPEra: Sendable, Hashable {
    case modern
    case legacy(MCPVersion)

    /// Told by how the client opens: modern metadata, or a modern version in the header; anything else is legacy, and
    /// so is `initialize` without such metadata.
    ///
    /// - Throws: `ServerError.message` with what the specification of 2026-07-28 has the server refuse, in its order.
    init(of message: RPCMessage, _ headers: MCPHeaders) throws(ServerError) {
        let known = headers.version.flatMap { MCPVersion(rawValue: $0) }
        let meta = message.parameters["_meta"]
        let hasMetadata = meta?[MCPMeta.version] != nil
        let opensModern =
            hasMetadata || known?.isModern == true || message.method == MCPMethod.discover.rawValue
        guard opensModern, hasMetadata || message.method != MCPMethod.initialize.rawValue else {
            self = try Self.legacy(message, headers.version, known)
            return
        }
        // What else a notification must carry is not laid down.
        guard message.id != nil else {
            guard known?.isModern ?? (headers.version == nil) else { throw Self.unsupported(headers.version) }
            self = .modern
            return
        }
        try Self.checkModern(message, meta, headers)
        self = .modern
    }

    private static func legacy(
        _ message: RPCMessage, _ found: String?, _ known: MCPVersion?
    ) throws(ServerError) -> MCPEra {
        // A handshake tells its version itself.
        guard let found, message.method != MCPMethod.initialize.rawValue else {
            return .legacy(.withoutHeader)
        }
        guard let known else { throw unsupported(found) }
        return .legacy(known)
    }

    private static func checkModern(
        _ message: RPCMessage, _ meta: PlainValue?, _ headers: MCPHeaders
    ) throws(ServerError) {
        guard let version = meta?[MCPMeta.version]?.string, meta?[MCPMeta.capabilities]?.members != nil else {
            throw .message(
                .parametersInvalid(
                    expected:
                        "params._meta with \(MCPMeta.version), a string, and \(MCPMeta.capabilities), an object"
                ))
        }
        try check(headers.version, MCPHeaders.versionName, is: version)
        try check(headers.method, MCPHeaders.methodName, is: message.method)
        if let target = target(of: message) {
            try check(headers.target.flatMap(MCPHeaders.decoded), MCPHeaders.targetName, is: target)
        }
        guard MCPVersion(rawValue: version)?.isModern == true else { throw unsupported(version) }
    }

    /// What `Mcp-Name` must say.
    private static func target(of message: RPCMessage) -> String? {
        switch message.method {
        case "tools/call", "prompts/get": message.parameters["name"]?.string
        case "resources/read": message.parameters["uri"]?.string
        default: nil
        }
    }

    private static func check(_ found: String?, _ name: String, is expected: String) throws(ServerError) {
        guard found == expected else {
            throw .message(.headerMismatch(name: name, found: found, expected: expected))
        }
    }

    private static func unsupported(_ version: String?) -> ServerError {
        .message(.versionUnsupported(requested: version ?? MCPVersion.withoutHeader.rawValue))
    }
}
