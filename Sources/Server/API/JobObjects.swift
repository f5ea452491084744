import Engine

/// A job on the wire.
struct JobObject: Encodable, Sendable, APIObject {
    var id: String
    var kind: String
    var state: String
    var source: String
    var documentCount: Int
    var readyCount: Int
    var unchangedCount: Int
    var deletedCount: Int
    var failedCount: Int
    var byteCount: Int
    var chunkCount: Int
    var embeddedCount: Int
    var tokenCount: Int
    var createdAt: String
    var updatedAt: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, kind, state, source
        case documentCount = "document_count"
        case readyCount = "ready_count"
        case unchangedCount = "unchanged_count"
        case deletedCount = "deleted_count"
        case failedCount = "failed_count"
        case byteCount = "byte_count"
        case chunkCount = "chunk_count"
        case embeddedCount = "embedded_count"
        case tokenCount = "token_count"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    init(_ summary: JobSummary) {
        id = summary.id
        kind = summary.kind
        state = summary.state.rawValue
        source = summary.source
        documentCount = summary.documentCount
        readyCount = summary.readyCount
        unchangedCount = summary.unchangedCount
        deletedCount = summary.deletedCount
        failedCount = summary.failedCount
        byteCount = summary.byteCount
        chunkCount = summary.chunkCount
        embeddedCount = summary.embeddedCount
        tokenCount = summary.tokenCount
        createdAt = WireDate.text(summary.createdAt)
        updatedAt = WireDate.text(summary.updatedAt)
    }

    static let schemaName = "Job"
    static let fields = [
        Field("id", .string("For ever.")),
        Field(
            "kind",
            .choice(
                "upload: documents that the server holds and takes in; put: one whose sender waited; local: of a "
                    + "command on the server's machine; delete, move, change: noted for their Idempotency-Key.",
                JobKind.allCases.map(\.rawValue))),
        Field(
            "state",
            .choice(
                "receiving: nothing was promised yet; failed: all has ended, and some documents failed; interrupted: "
                    + "whoever did it died, run it again.",
                JobSummary.State.allCases.map(\.rawValue))),
        Field("source", .string("What it works on.")),
        Field("document_count", .integer("Documents, as far as they are known.", 0...Int.max)),
        Field("ready_count", .integer("Documents that are found by searches now.", 0...Int.max)),
        Field(
            "unchanged_count",
            .integer("Documents that were there already, or that a later write came before.", 0...Int.max)),
        Field("deleted_count", .integer("Documents taken away.", 0...Int.max)),
        Field("failed_count", .integer("Documents that failed: the job's dead letters.", 0...Int.max)),
        Field("byte_count", .integer("Bytes of the originals.", 0...Int.max)),
        Field("chunk_count", .integer("Passages of the documents that are ready.", 0...Int.max)),
        Field("embedded_count", .integer("Texts that had to be embedded.", 0...Int.max)),
        Field("token_count", .integer("Tokens of the documents that are ready.", 0...Int.max)),
        Field("created_at", .date("When it began.")),
        Field("updated_at", .date("Its last sign of life.")),
    ]
}

/// One document of a job on the wire.
struct JobItemObject: Encodable, Sendable, APIObject {
    var path: String
    var state: String
    var attempts: Int
    var retryAt: String?
    var chunkCount: Int
    var embeddedCount: Int
    var tokenCount: Int
    var failureCode: String?
    var failureReason: String?
    var isRetriable: Bool?
    var updatedAt: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, state, attempts
        case retryAt = "retry_at"
        case chunkCount = "chunk_count"
        case embeddedCount = "embedded_count"
        case tokenCount = "token_count"
        case failureCode = "failure_code"
        case failureReason = "failure_reason"
        case isRetriable = "is_retriable"
        case updatedAt = "updated_at"
    }

    init(_ summary: JobItemSummary) {
        path = summary.path
        state = summary.state.rawValue
        attempts = summary.attempts
        retryAt = summary.retryAt.map(WireDate.text)
        chunkCount = summary.chunkCount
        embeddedCount = summary.embeddedCount
        tokenCount = summary.tokenCount
        failureCode = summary.failure?.code
        failureReason = summary.failure?.reason
        isRetriable = summary.failure?.isRetriable
        updatedAt = WireDate.text(summary.updatedAt)
    }

    static let schemaName = "JobItem"
    static let fields = [
        Field("path", .string("The document's path.")),
        Field("state", .choice("", JobItemSummary.State.allCases.map(\.rawValue))),
        Field("attempts", .integer("Tries begun.", 0...Int.max)),
        Field("retry_at", .date("When it is tried again."), isRequired: false),
        Field("chunk_count", .integer("Passages.", 0...Int.max)),
        Field("embedded_count", .integer("Texts embedded for it so far.", 0...Int.max)),
        Field("token_count", .integer("Tokens of its passages.", 0...Int.max)),
        Field("failure_code", .string("What kind of failure it was."), isRequired: false),
        Field("failure_reason", .string("In words."), isRequired: false),
        Field(
            "is_retriable", .boolean("Whether the same document may go through at another time."),
            isRequired: false),
        Field("updated_at", .date("Its last change.")),
    ]
}

/// Where a document is to lie.
struct MoveObject: RequestObject {
    var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    static let schemaName = "Move"
    static let fields = [
        Field(
            "path", .string("The new path, folders and name.", characters: 1...DocumentPath.byteCountMax),
            example: "handbook/energy.md")
    ]
}

/// How many documents were moved or deleted with a folder.
struct FolderChangeObject: Encodable, Sendable, APIObject {
    var documentCount: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case documentCount = "document_count"
    }

    static let schemaName = "FolderChange"
    static let fields = [Field("document_count", .integer("Documents, of sub-folders too.", 0...Int.max))]
}

/// A folder on the wire.
struct FolderObject: Encodable, Sendable, APIObject {
    var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    static let schemaName = "Folder"
    static let fields = [Field("path", .string("Empty for the root."), example: "handbook/tools")]
}
