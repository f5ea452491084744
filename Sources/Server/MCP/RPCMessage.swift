import Engine

/// What a request of JSON-RPC goes by: its answer has the same.
enum RPCID: Sendable, Hashable, Encodable {
    case text(String)
    case number(Int)

    /// Nil for what is none: null, a fraction, anything else.
    init?(_ value: PlainValue?) {
        switch value {
        case .string(let text): self = .text(text)
        case .integer(let number): self = .number(number)
        default: return nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        }
    }
}

/// A request or a notification of JSON-RPC 2.0, which is what a body of MCP is: one, never a list of them.
struct RPCMessage: Sendable {
    /// Nil of a notification, which is not answered.
    let id: RPCID?
    let method: String

    /// An object, or null where there are none.
    let parameters: PlainValue

    /// - Throws: `ServerError.message(.invalid)`; `.message(.parametersInvalid)` for parameters that are no object.
    init(_ value: PlainValue) throws(ServerError) {
        guard value.members != nil else { throw .message(.invalid(expected: Self.expectation(for: value))) }
        guard value["jsonrpc"]?.string == "2.0" else {
            throw .message(.invalid(expected: #""jsonrpc": "2.0""#))
        }
        if let found = value["id"] {
            guard let id = RPCID(found) else {
                throw .message(.invalid(expected: "an id that is a string or a whole number"))
            }
            self.id = id
        } else {
            id = nil
        }
        guard let method = value["method"]?.string, !method.isEmpty else {
            throw .message(
                .invalid(expected: "a method; nothing is asked of clients, so no results are taken"))
        }
        self.method = method
        parameters = value["params"] ?? .null
        guard parameters.isNull || parameters.members != nil else {
            throw .message(.parametersInvalid(expected: "params that are an object"))
        }
    }

    private static func expectation(for value: PlainValue) -> String {
        if case .list = value { return "one message; lists of them were taken out of MCP in 2025-06-18" }
        return "an object"
    }
}

extension RPCMessage: APIObject {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case jsonrpc, id, method, params
    }

    static let schemaName = "MCPMessage"
    static let fields = [
        Field("jsonrpc", .choice("", ["2.0"])),
        Field("id", .anyOf("Absent in a notification.", [.string(""), .integer("")]), isRequired: false),
        Field("method", .string("As the Model Context Protocol has it."), example: "tools/list"),
        Field("params", .anyObject("As the method wants them."), isRequired: false),
    ]
}

/// An object whose members are made here and there.
struct RPCObject: Encodable, Sendable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private var members: [(name: String, value: any Encodable & Sendable)] = []

    init(_ members: KeyValuePairs<String, any Encodable & Sendable> = [:]) {
        add(members)
    }

    mutating func add(_ members: KeyValuePairs<String, any Encodable & Sendable>) {
        self.members += members.map { ($0.key, $0.value) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in members { try container.encode(value, forKey: Name(stringValue: name)) }
    }
}

/// An answer of JSON-RPC 2.0: a result, or an error.
struct RPCReply: Encodable, Sendable {
    enum Outcome: Sendable {
        case result(RPCObject)
        case error(RPCErrorObject)
    }

    /// Nil where the request could not be read so far.
    let id: RPCID?
    let outcome: Outcome

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("2.0", forKey: .jsonrpc)
        // Null, not absent: JSON-RPC has it so.
        try container.encode(id, forKey: .id)
        switch outcome {
        case .result(let result): try container.encode(result, forKey: .result)
        case .error(let error): try container.encode(error, forKey: .error)
        }
    }
}

extension RPCReply: APIObject {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case jsonrpc, id, result, error
    }

    static let schemaName = "MCPReply"
    static let fields = [
        Field("jsonrpc", .choice("", ["2.0"])),
        Field(
            "id",
            .nullable(.anyOf("The request's; null where it could not be read.", [.string(""), .integer("")]))),
        Field("result", .anyObject("What the method gives."), isRequired: false),
        Field("error", .reference(RPCErrorObject.self), isRequired: false),
    ]
}
