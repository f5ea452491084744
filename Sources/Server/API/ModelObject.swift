import Engine

/// The model that made vectors: what must be equal for two of them to be comparable.
struct ModelObject: Encodable, Sendable, APIObject {
    var id: String
    var revision: String
    var precision: String
    var dimension: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, revision, precision, dimension
    }

    init(_ model: ModelDescription) {
        id = model.id
        revision = model.revision
        precision = model.precision
        dimension = model.dimension
    }

    static let schemaName = "Model"
    static let fields = [
        Field("id", .string("The model's name."), example: "all-minilm-l6-v2"),
        Field("revision", .string("Which weights.")),
        Field("precision", .string("How the arithmetic is done."), example: "float32"),
        Field("dimension", .integer("Components of a vector.", 1...Int.max)),
    ]
}
