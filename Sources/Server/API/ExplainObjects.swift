import Engine

/// A question, and the document that is missed in its answer.
struct ExplainObject: RequestObject {
    enum OwnKeys: String, CodingKey, CaseIterable, Sendable {
        case document = "document_id"
    }

    typealias CodingKeys = SearchKeys<OwnKeys>

    let search: SearchObject
    let document: String

    init(from decoder: any Decoder) throws {
        search = try SearchObject(from: decoder)
        document = try decoder.container(keyedBy: OwnKeys.self).decode(String.self, forKey: .document)
    }

    static let schemaName = "ExplainRequest"
    static let fields =
        SearchObject.fields + [
            Field(
                OwnKeys.document.rawValue, .string("The document's id, or its path."),
                example: "handbook/power.md")
        ]
}

/// Why a document is not in an answer.
struct ExplanationObject: Encodable, Sendable, APIObject {
    var reason: String
    var explanation: String
    var document: String?
    var path: String?
    var rank: Int?
    var limit: Int
    var best: HitObject?
    var detail: String?
    var duplicateOf: CitationObject?
    var snapshot: Int64

    enum CodingKeys: String, CodingKey, CaseIterable {
        case reason, explanation, document, path, rank, limit, best, detail, snapshot
        case duplicateOf = "duplicate_of"
    }

    init(_ explanation: Explanation) {
        reason = explanation.reason.rawValue
        self.explanation = explanation.reason.words
        (document, path, rank) = (explanation.documentID, explanation.path, explanation.rank)
        (limit, detail) = (explanation.limit, explanation.detail)
        best = explanation.best.map { HitObject($0) }
        duplicateOf = explanation.duplicateOf.map { CitationObject($0) }
        snapshot = explanation.snapshotSequence
    }

    static let schemaName = "Explanation"
    static let fields = [
        Field(
            "reason", .choice("The step at which it fell out.", Explanation.Reason.allCases.map(\.rawValue))),
        Field("explanation", .string("The same in words.")),
        Field("document", .string("The document's id, where there is one."), isRequired: false),
        Field("path", .string("Its path."), isRequired: false),
        Field(
            "rank",
            .integer("Of its best passage: in the answer, among the candidates, or among all.", 1...Int.max),
            isRequired: false),
        Field("limit", .integer("Passages that the answer has room for.", 1...SearchRequest.limitMax)),
        Field("best", .reference(HitObject.self), isRequired: false),
        Field("detail", .string("What was compared, or why the ingest failed."), isRequired: false),
        Field("duplicate_of", .reference(CitationObject.self), isRequired: false),
        Field("snapshot", .integer("Every commit up to this one was seen, none after it.", 0...Int.max)),
    ]
}

extension Explanation.Reason {
    var words: String {
        switch self {
        case .found: "It is in the answer."
        case .notIngested: "The workspace has no such document."
        case .deleted: "The document was deleted."
        case .failed: "The last try to ingest it failed."
        case .pending: "It waits to be ingested, or is being ingested."
        case .later: "It came after the moment that was searched."
        case .empty: "It has no passages."
        case .filtered: "The filter does not let it pass."
        case .ruledOut: "A word that must not be there is in it, or a phrase that must be there is not."
        case .noWord: "It has none of the question's words."
        case .listNotProbed:
            "It is near enough, but stands in a list that was not looked through: raise recall_target."
        case .belowMinScore: "It is less relevant than min_score asks for."
        case .duplicate: "A better passage says nearly the same."
        case .repeated: "It repeats what better passages say, and diversity was asked for."
        case .outranked: "Other passages are better: raise limit."
        }
    }
}
