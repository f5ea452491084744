/// What is wrong with a message of MCP as such; what is wrong with what a tool was asked for is the tool's to say.
package enum MessageFault: Sendable, Equatable {
    /// No message of JSON-RPC.
    case invalid(expected: String)
    case methodUnknown(found: String, served: [String])
    case parametersInvalid(expected: String)

    /// A header field does not say what the body says.
    case headerMismatch(name: String, found: String?, expected: String)
    case versionUnsupported(requested: String)

    var code: ProblemCode {
        switch self {
        case .invalid: .messageInvalid
        case .methodUnknown: .rpcMethodUnknown
        case .parametersInvalid: .parametersInvalid
        case .headerMismatch: .headerMismatch
        case .versionUnsupported: .versionUnsupported
        }
    }

    /// In the words of the wire.
    var words: String {
        switch self {
        case .invalid(let expected), .parametersInvalid(let expected): "Expected \(expected)."
        case .methodUnknown(let found, let served):
            "Found '\(found.prefix(64))'; served: \(served.joined(separator: ", "))."
        case .headerMismatch(let name, let found, let expected):
            "\(name): found \(found.map { "'\($0.prefix(64))'" } ?? "nothing"); the body says '\(expected.prefix(64))'."
        case .versionUnsupported(let requested):
            "Found '\(requested.prefix(64))'; supported: \(MCPVersion.allNames.joined(separator: ", "))."
        }
    }
}
