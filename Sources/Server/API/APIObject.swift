/// A JSON object of the wire, with a description that the OpenAPI document is made of.
protocol APIObject: Sendable {
    associatedtype CodingKeys: CodingKey & CaseIterable

    /// Its name among the document's schemas.
    static var schemaName: String { get }

    /// Every field. Tests compare them with `CodingKeys` and with what is really sent.
    static var fields: [Field] { get }
}

extension APIObject {
    static var schema: Schema { .object("", fields) }
}

/// One field of an object.
struct Field: Sendable {
    let name: String
    let schema: Schema
    let isRequired: Bool
    let example: JSONValue?

    init(_ name: String, _ schema: Schema, isRequired: Bool = true, example: JSONValue? = nil) {
        self.name = name
        self.schema = schema
        self.isRequired = isRequired
        self.example = example
    }
}

/// What a JSON value may be: the part of JSON Schema 2020-12 that the wire needs. The first value of each case
/// is its description.
indirect enum Schema: Sendable {
    case string(String, characters: ClosedRange<Int>? = nil, pattern: String? = nil)
    case date(String)
    case choice(String, [String])
    case integer(String, ClosedRange<Int>? = nil)
    case number(String)
    case boolean(String)
    case array(String, Schema)
    case map(String, Schema)
    case object(String, [Field])
    case nullable(Schema)
    case anyOf(String, [Schema])

    /// Any object.
    case anyObject(String)

    /// A schema of its own among the document's.
    case reference(any APIObject.Type)

    var json: JSONValue {
        switch self {
        case .string(let text, let characters, let pattern):
            Self.described(text, ["type": "string"]).with(
                [
                    "minLength": characters.map { .integer($0.lowerBound) },
                    "maxLength": characters.map { .integer($0.upperBound) },
                    "pattern": pattern.map { .string($0) },
                ])
        case .date(let text): Self.described(text, ["type": "string", "format": "date-time"])
        case .choice(let text, let values):
            Self.described(text, ["type": "string", "enum": .array(values.map { .string($0) })])
        case .integer(let text, let range):
            Self.described(text, ["type": "integer"]).with(
                [
                    "minimum": range.map { .integer($0.lowerBound) },
                    "maximum": range.flatMap { $0.upperBound == .max ? nil : .integer($0.upperBound) },
                ])
        case .number(let text): Self.described(text, ["type": "number"])
        case .boolean(let text): Self.described(text, ["type": "boolean"])
        case .array(let text, let element):
            Self.described(text, ["type": "array", "items": element.json])
        case .map(let text, let value):
            Self.described(text, ["type": "object", "additionalProperties": value.json])
        case .object(let text, let fields): Self.described(text, Self.object(fields))
        case .anyObject(let text): Self.described(text, ["type": "object"])
        case .nullable(let schema): ["anyOf": [schema.json, ["type": "null"]]]
        case .anyOf(let text, let schemas):
            Self.described(text, ["anyOf": .array(schemas.map(\.json))])
        case .reference(let type): ["$ref": .string("#/components/schemas/\(type.schemaName)")]
        }
    }

    /// Whether a name is an object's own is part of the promise: unknown fields are refused.
    private static func object(_ fields: [Field]) -> JSONValue {
        [
            "type": "object",
            "additionalProperties": false,
            "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
            "properties": .object(
                fields.map { ($0.name, $0.schema.json.with(["examples": $0.example.map { [$0] }])) }),
        ]
    }

    private static func described(_ text: String, _ value: JSONValue) -> JSONValue {
        value.with(["description": text.isEmpty ? nil : .string(text)])
    }
}
