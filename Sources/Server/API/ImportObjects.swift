import Engine
import Synchronization

/// What became of an import.
struct ImportObject: Encodable, Sendable, APIObject {
    var ingested: Int
    var replaced: Int
    var unchanged: Int
    var failed: Int
    var skipped: Int
    var chunkCount: Int
    var embeddedCount: Int
    var tokenCount: Int
    var documents: [ImportedDocumentObject]
    var stopped: ImportProblemObject?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case ingested, replaced, unchanged, failed, skipped, documents, stopped
        case chunkCount = "chunk_count"
        case embeddedCount = "embedded_count"
        case tokenCount = "token_count"
    }

    init(_ progress: IngestProgress, documents: [ImportedDocumentObject]) {
        ingested = progress.ingestedCount
        replaced = progress.replacedCount
        unchanged = progress.unchangedCount
        failed = progress.failureCount
        skipped = progress.skippedCount
        chunkCount = progress.chunkCount
        embeddedCount = progress.embeddedCount
        tokenCount = progress.tokenCount
        self.documents = documents
        stopped = progress.interruption.map { ImportProblemObject(Refusal($0)) }
    }

    static let schemaName = "Import"
    static let fields = [
        Field("ingested", .integer("Documents that are new or replaced.", 0...Int.max)),
        Field("replaced", .integer("Of these, those that took another's place.", 0...Int.max)),
        Field("unchanged", .integer("Documents that were there already.", 0...Int.max)),
        Field("failed", .integer("Documents that were not taken; each says why.", 0...Int.max)),
        Field("skipped", .integer("What is in an archive and is no document.", 0...Int.max)),
        Field("chunk_count", .integer("Passages of those ingested.", 0...Int.max)),
        Field("embedded_count", .integer("Texts that were embedded.", 0...Int.max)),
        Field("token_count", .integer("Tokens of those ingested.", 0...Int.max)),
        Field("documents", .array("As they were done.", .reference(ImportedDocumentObject.self))),
        Field("stopped", .reference(ImportProblemObject.self), isRequired: false),
    ]
}

/// What became of one document of an import.
struct ImportedDocumentObject: Encodable, Sendable, APIObject {
    enum Outcome: String, Encodable, Sendable, CaseIterable {
        case created, replaced, unchanged, failed, skipped
    }

    var path: String
    var outcome: Outcome
    var id: String?
    var version: Int?
    var problem: ImportProblemObject?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, outcome, id, version, problem
    }

    /// Nil for what is of no single document.
    init?(_ event: IngestEvent) {
        switch event {
        case .skipped(let path): self.init(path: path, outcome: .skipped)
        case .finished(let path, _, .unchanged): self.init(path: path, outcome: .unchanged)
        case .finished(let path, _, .failed(let error)):
            self.init(path: path, outcome: .failed, problem: ImportProblemObject(Refusal(error)))
        case .finished(let path, _, .ingested(let version)):
            self.init(
                path: path, outcome: version.isReplacement ? .replaced : .created, id: version.documentID,
                version: version.version)
        default: return nil
        }
    }

    private init(
        path: String, outcome: Outcome, id: String? = nil, version: Int? = nil,
        problem: ImportProblemObject? = nil
    ) {
        self.path = path
        self.outcome = outcome
        self.id = id
        self.version = version
        self.problem = problem
    }

    static let schemaName = "ImportedDocument"
    static let fields = [
        Field("path", .string("Of the document; of a line that is none, its number.")),
        Field("outcome", .choice("What was done.", Outcome.allCases.map(\.rawValue))),
        Field("id", .string("Of what was created or replaced."), isRequired: false),
        Field("version", .integer("Of what was created or replaced.", 1...Int.max), isRequired: false),
        Field("problem", .reference(ImportProblemObject.self), isRequired: false),
    ]
}

/// Why a document was not taken, or the rest of an import was not read.
struct ImportProblemObject: Encodable, Sendable, APIObject {
    var code: String
    var title: String
    var detail: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case code, title, detail
    }

    init(_ refusal: Refusal) {
        code = refusal.code.rawValue
        title = refusal.code.title
        detail = refusal.detail
    }

    static let schemaName = "ImportProblem"
    static let fields = [
        Field("code", .string("As of a problem document.")),
        Field("title", .string("The same for every problem of the code.")),
        Field("detail", .string("What was found, and what is allowed.")),
    ]
}

/// A page to be fetched.
struct PageObject: RequestObject {
    var url: String
    var path: String?
    var attributes: [String: PlainValue]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case url, path, attributes
    }

    static let schemaName = "Page"
    static let fields = [
        Field("url", .string("http or https, on the public internet."), example: "https://example.org/power"),
        Field(
            "path", .string("What the document is called; its host and path if absent."), isRequired: false),
        Field(
            "attributes", .map("Beside those that the page has.", AttributesField.value),
            isRequired: false),
    ]
}

/// The documents of an import as they are done.
final class ImportedDocuments: Sendable {
    private let documents = Mutex<[ImportedDocumentObject]>([])

    var all: [ImportedDocumentObject] { documents.withLock { $0 } }

    func note(_ event: IngestEvent) {
        guard let document = ImportedDocumentObject(event) else { return }
        documents.withLock { $0.append(document) }
    }
}
