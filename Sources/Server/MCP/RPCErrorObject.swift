import HTTPTypes

/// A refusal as JSON-RPC has it.
struct RPCErrorObject: Encodable, Sendable, APIObject {
    struct Details: Encodable, Sendable {
        var code: String
        var requestID: String
        var supported: [String]?
        var requested: String?

        enum CodingKeys: String, CodingKey {
            case code, supported, requested
            case requestID = "request_id"
        }
    }

    var code: Int
    var message: String
    var data: Details

    enum CodingKeys: String, CodingKey, CaseIterable {
        case code, message, data
    }

    init(_ refusal: Refusal, requestID: String) {
        code = refusal.code.rpcCode
        message = "\(refusal.code.title). \(refusal.detail)"
        data = Details(code: refusal.code.rawValue, requestID: requestID)
        if let requested = refusal.versionRequested {
            (data.supported, data.requested) = (MCPVersion.allNames, requested)
        }
    }

    static let schemaName = "MCPError"
    static let fields = [
        Field(
            "code",
            .integer("As JSON-RPC and MCP number errors; of what they have no number for, the HTTP status.")),
        Field("message", .string("What was found and what is allowed.")),
        Field(
            "data",
            .object(
                "",
                [
                    Field(
                        "code",
                        .choice(
                            "What programs decide by; never renamed.", ProblemCode.allCases.map(\.rawValue))),
                    Field("request_id", .string("Names the request in the server's log.")),
                    Field(
                        "supported",
                        .array("Versions of MCP, where the one asked for is not known.", .string("")),
                        isRequired: false),
                    Field("requested", .string("The one asked for."), isRequired: false),
                ])),
    ]
}

extension ProblemCode {
    /// The numbers of JSON-RPC 2.0 and of MCP 2026-07-28. Whatever has none there gets its status, which is outside the
    /// range that JSON-RPC reserves.
    var rpcCode: Int {
        switch self {
        case .jsonInvalid: -32_700
        case .messageInvalid: -32_600
        case .rpcMethodUnknown: -32_601
        case .parametersInvalid: -32_602
        case .internalError, .dataDamaged: -32_603
        case .headerMismatch: -32_020
        case .versionUnsupported: -32_022
        default: status.code
        }
    }
}
