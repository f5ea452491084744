import Foundation
package import HTTPTypes
import Hummingbird
import NIOCore

/// How a route tells what it refuses.
package enum ErrorForm: Sendable, Hashable {
    /// A problem document (RFC 9457).
    case problem

    /// The envelope that clients of OpenAI's API read.
    case openAI

    /// An error of JSON-RPC, as clients of MCP read it.
    case jsonRPC
}

/// A refusal as OpenAI's API has it: `{"error": {"message", "type", "param", "code"}}`.
struct OpenAIErrorObject: Encodable, Sendable, APIObject {
    struct Details: Encodable, Sendable {
        var message: String
        var type: String
        var param: String?
        var code: String

        private enum CodingKeys: String, CodingKey {
            case message, type, param, code
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(message, forKey: .message)
            try container.encode(type, forKey: .type)
            // Null, not absent: clients read all four.
            try container.encode(param, forKey: .param)
            try container.encode(code, forKey: .code)
        }
    }

    var error: Details

    enum CodingKeys: String, CodingKey, CaseIterable {
        case error
    }

    init(_ refusal: Refusal) {
        error = Details(
            message: "\(refusal.code.title). \(refusal.detail)", type: refusal.code.openAIType,
            param: refusal.pointer.flatMap(Self.parameter), code: refusal.code.openAICode)
    }

    /// `/input/3/0` is `input[3][0]` in OpenAI's words; what is no pointer is a parameter's name already.
    private static func parameter(at pointer: String) -> String? {
        guard pointer.hasPrefix("/") else { return pointer.isEmpty ? nil : pointer }
        let parts = pointer.split(separator: "/").map {
            $0.replacing("~1", with: "/").replacing("~0", with: "~")
        }
        return parts.first.map { first in first + parts.dropFirst().map { "[\($0)]" }.joined() }
    }

    static let schemaName = "OpenAIError"
    static let fields = [
        Field(
            "error",
            .object(
                "As OpenAI's API has it.",
                [
                    Field("message", .string("What was found and what is allowed.")),
                    Field(
                        "type",
                        .choice(
                            "The kind of error.",
                            Set(ProblemCode.allCases.map(\.openAIType)).sorted())),
                    Field(
                        "param", .nullable(.string("The field that is to blame, if one is: `input[3]`."))),
                    Field(
                        "code",
                        .choice(
                            "What programs decide by; never renamed.",
                            Set(ProblemCode.allCases.map(\.openAICode)).sorted())),
                ]))
    ]
}

extension ProblemCode {
    /// What a client of OpenAI's API finds as `code`: OpenAI's own word where it has one.
    package var openAICode: String {
        switch self {
        case .keyMissing, .keyUnknown, .keyExpired, .keyRevoked: "invalid_api_key"
        case .overloaded: "rate_limit_exceeded"
        case .inputTooLong: "context_length_exceeded"
        case .tooManyInputTokens: "max_tokens_per_request"
        default: rawValue
        }
    }

    var openAIType: String {
        switch self {
        case .overloaded: "requests"
        case .tooManyInputTokens: "max_tokens_per_request"
        default: status.code >= 500 ? "server_error" : "invalid_request_error"
        }
    }

    /// The status in a form. Too much at once is 429 in OpenAI's: its clients then slow down, while a 503 makes them
    /// take the whole server for broken.
    package func status(in form: ErrorForm) -> HTTPResponse.Status {
        form == .openAI && self == .overloaded ? .tooManyRequests : status
    }
}
