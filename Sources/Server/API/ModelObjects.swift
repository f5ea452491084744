import Engine

/// A model as OpenAI's API has it, with what a client must know of an embedding model.
struct ServedModelObject: Encodable, Sendable, APIObject {
    var id: String
    var object = "model"

    /// Nobody says when the model was made; OpenAI's clients want a number.
    var created = 0
    var ownedBy = "carrel"
    var dimensions: Int
    var maxInputTokens: Int
    var precision: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, object, created, dimensions, precision
        case ownedBy = "owned_by"
        case maxInputTokens = "max_input_tokens"
    }

    init(_ model: ModelSummary) {
        id = model.id
        dimensions = model.dimension
        maxInputTokens = model.windowTokens
        precision = model.precision
    }

    static let schemaName = "ServedModel"
    static let fields = [
        Field("id", .string("What a request names."), example: "all-minilm-l6-v2"),
        Field("object", .choice("", ["model"])),
        Field("created", .integer("0: not known.", 0...Int.max)),
        Field("owned_by", .string("Who serves it.")),
        Field("dimensions", .integer("Of its vectors.", 1...Int.max)),
        Field("max_input_tokens", .integer("Of one input, special tokens included.", 1...Int.max)),
        Field(
            "precision",
            .string("How it is computed. Vectors of two precisions are never to be compared."),
            example: "float32"),
    ]
}

/// Models, as OpenAI's API lists them.
struct ModelListObject: Encodable, Sendable, APIObject {
    var object = "list"
    var data: [ServedModelObject]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case object, data
    }

    init(_ models: [ModelSummary]) {
        data = models.map { ServedModelObject($0) }
    }

    static let schemaName = "ModelList"
    static let fields = [
        Field("object", .choice("", ["list"])),
        Field("data", .array("All of them.", .reference(ServedModelObject.self))),
    ]
}
