import Engine
import NIOCore

/// Something that a language model can have done: its description, and what does it.
struct MCPTool: Sendable {
    /// What a tool gives: the same twice, for readers of text and for programs.
    struct Outcome: Sendable {
        var text: String
        var structured: any Encodable & Sendable
    }

    typealias Handler = @Sendable (PlainValue, Engine, WorkspaceScope) async throws -> Outcome

    let name: String
    let title: String
    let description: String
    let input: [Field]
    let output: Schema

    /// What models call arguments that are called otherwise here.
    let aliases: [String: String]

    /// Given the arguments by their own names.
    let run: Handler

    /// The argument that a key which opens all workspaces needs; of every other it may say the one there is.
    static let workspaceField = Field(
        "workspace",
        .string("Which workspace: its name or id. This key opens all of them, so it must be said."))

    /// As `tools/list` has it.
    func described(forOperator isOperator: Bool) -> JSONValue {
        let fields = isOperator ? input + [Self.workspaceField] : input
        return [
            "name": .string(name), "title": .string(title), "description": .string(description),
            "inputSchema": Schema.object("", fields).standingAlone.json,
            "outputSchema": output.standingAlone.json.extensible,
            "annotations": [
                "title": .string(title), "readOnlyHint": true, "destructiveHint": false,
                "idempotentHint": true,
                "openWorldHint": false,
            ],
        ]
    }

    /// Arguments by their own names. An alias beside the name itself is left, to be refused as what it is.
    func named(_ arguments: [String: PlainValue]) -> PlainValue {
        var named = arguments
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
            guard let own = aliases[name], named[own] == nil else { continue }
            named[name] = nil
            named[own] = value
        }
        return .object(named)
    }
}

extension RequestObject {
    /// Arguments of a tool, as strictly as a body.
    ///
    /// - Throws: `ServerError`.
    init(arguments: PlainValue) throws {
        self = try Self.decode(from: ByteBuffer(bytes: JSONBody.data(of: arguments)))
    }
}

extension [Field] {
    /// Those with these names, in the order of the names.
    func named(_ names: [String]) -> [Field] {
        names.map { name in
            guard let field = first(where: { $0.name == name }) else {
                preconditionFailure("no field is called \(name); there are \(map(\.name))")
            }
            return field
        }
    }
}

extension Schema {
    /// Without references, for whoever has not the document that they are into. Nothing in it may refer to itself.
    var standingAlone: Schema {
        switch self {
        case .array(let text, let element): .array(text, element.standingAlone)
        case .map(let text, let value): .map(text, value.standingAlone)
        case .object(let text, let fields):
            .object(
                text,
                fields.map {
                    Field($0.name, $0.schema.standingAlone, isRequired: $0.isRequired, example: $0.example)
                })
        case .nullable(let schema): .nullable(schema.standingAlone)
        case .anyOf(let text, let schemas): .anyOf(text, schemas.map(\.standingAlone))
        case .reference(let type): type.schema.standingAlone
        case .string, .date, .choice, .integer, .number, .boolean, .anyObject: self
        }
    }
}

extension JSONValue {
    /// A schema that lets objects have members more than it names: who keeps a list of tools for an hour may get
    /// answers of a server that has learnt something meanwhile.
    fileprivate var extensible: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.compactMap { name, value in
                    if name == "additionalProperties", case .boolean(false) = value { return nil }
                    return (name, value.extensible)
                })
        case .array(let values): .array(values.map(\.extensible))
        case .null, .boolean, .integer, .number, .string: self
        }
    }
}
