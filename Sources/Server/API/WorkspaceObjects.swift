import Engine

/// A workspace on the wire.
struct WorkspaceObject: Encodable, Sendable, APIObject {
    var id: String
    var name: String
    var documentCount: Int
    var chunkCount: Int
    var byteCount: Int
    var createdAt: String
    var model: ModelObject?
    var damaged: Bool

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, model, damaged
        case documentCount = "document_count"
        case chunkCount = "chunk_count"
        case byteCount = "byte_count"
        case createdAt = "created_at"
    }

    init(_ summary: WorkspaceSummary) {
        id = summary.id
        name = summary.name
        documentCount = summary.documentCount
        chunkCount = summary.chunkCount
        byteCount = summary.byteCount
        createdAt = WireDate.text(summary.createdAt)
        model = summary.model.map { ModelObject($0) }
        damaged = summary.isDamaged
    }

    static let schemaName = "Workspace"
    static let fields = [
        Field("id", .string("For ever.")),
        Field("name", .string("Unique among the living."), example: "handbook"),
        Field("document_count", .integer("Documents.", 0...Int.max)),
        Field("chunk_count", .integer("Passages.", 0...Int.max)),
        Field("byte_count", .integer("Bytes of the documents.", 0...Int.max)),
        Field("created_at", .date("When it was made.")),
        Field("model", .reference(ModelObject.self), isRequired: false),
        Field("damaged", .boolean("Its files are damaged or gone; the counts are 0 then.")),
    ]
}

/// A workspace to be made.
struct NewWorkspaceObject: RequestObject {
    var name: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name
    }

    static let schemaName = "NewWorkspace"
    static let fields = [
        Field(
            "name",
            .string(
                "1 to 63 of a-z, 0-9, '.', '_', '-', first a letter or a digit.", characters: 1...63,
                pattern: "^[a-z0-9][a-z0-9._-]{0,62}$"),
            example: "handbook")
    ]
}
