import Engine

/// A document on the wire.
struct DocumentObject: Encodable, Sendable, APIObject {
    var id: String
    var path: String
    var mediaType: String
    var title: String?
    var attributes: [String: PlainValue]
    var version: Int
    var byteCount: Int
    var chunkCount: Int
    var tokenCount: Int
    var sha256: String
    var rendition: String?
    var createdAt: String
    var updatedAt: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, path, title, attributes, version, sha256, rendition
        case mediaType = "media_type"
        case byteCount = "byte_count"
        case chunkCount = "chunk_count"
        case tokenCount = "token_count"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    init(_ summary: DocumentSummary) {
        id = summary.id
        path = summary.path
        mediaType = summary.mediaType
        title = summary.title
        attributes = summary.plainAttributes
        version = summary.version
        byteCount = summary.byteCount
        chunkCount = summary.chunkCount
        tokenCount = summary.tokenCount
        sha256 = summary.sha256
        rendition = summary.renditionSHA256
        createdAt = WireDate.text(summary.createdAt)
        updatedAt = WireDate.text(summary.updatedAt)
    }

    static let schemaName = "Document"
    static let fields = [
        Field("id", .string("For ever; made of the path.")),
        Field("path", .string("Unique in the workspace."), example: "handbook/power.md"),
        Field("media_type", .choice("What it was read as.", IngestItem.mediaTypes)),
        Field("title", .string("From front matter or the first heading."), isRequired: false),
        Field(
            "attributes",
            .map(
                "What its front matter says, what came beside it, what was set since.",
                AttributesField.value)),
        Field("version", .integer("1 for the first; each replacement is one more.", 1...Int.max)),
        Field("byte_count", .integer("Bytes of the original.", 0...IngestItem.byteCountMax)),
        Field("chunk_count", .integer("Passages.", 0...Int.max)),
        Field("token_count", .integer("Tokens of all passages.", 0...Int.max)),
        Field("sha256", .string("Of the original, in hexadecimal.", characters: 64...64)),
        Field(
            "rendition",
            .string(
                "sha256 of the text that it was turned into; absent where it is text.", characters: 64...64),
            isRequired: false),
        Field("created_at", .date("When it was first put.")),
        Field("updated_at", .date("When it was last changed.")),
    ]
}

/// What became of an upload.
struct PutObject: Encodable, Sendable, APIObject {
    enum Outcome: String, Encodable, Sendable, CaseIterable {
        case created, replaced, unchanged
    }

    var outcome: Outcome
    var document: DocumentObject
    var notices: [String] = []

    enum CodingKeys: String, CodingKey, CaseIterable {
        case outcome, document, notices
    }

    static let schemaName = "PutDocument"
    static let fields = [
        Field(
            "outcome",
            .choice(
                "unchanged: the same bytes were there, and nothing was done.",
                Outcome.allCases.map(\.rawValue))),
        Field("document", .reference(DocumentObject.self)),
        Field("notices", .array("What was dropped or repaired on reading it.", .string("In words."))),
    ]
}

/// What is to become of a document beside its content.
struct DocumentChangeObject: RequestObject {
    var path: String?
    var attributes: [String: PlainValue]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, attributes
    }

    static let schemaName = "DocumentChange"
    static let fields = [
        Field(
            "path", .string("The new path, folders and name.", characters: 1...DocumentPath.byteCountMax),
            isRequired: false, example: "handbook/energy.md"),
        Field(
            "attributes",
            .map(
                "A merge patch (RFC 7396): those named are set, or with null taken away; the others stay.",
                .nullable(AttributesField.value)),
            isRequired: false),
    ]
}
