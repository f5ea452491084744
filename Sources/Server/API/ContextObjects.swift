import Engine

/// A question whose answer is to be one text.
struct ContextObject: RequestObject {
    enum OwnKeys: String, CodingKey, CaseIterable, Sendable {
        case tokenBudget = "token_budget"
    }

    typealias CodingKeys = SearchKeys<OwnKeys>

    let search: SearchObject
    let tokenBudget: Int?

    init(from decoder: any Decoder) throws {
        search = try SearchObject(from: decoder)
        tokenBudget = try decoder.container(keyedBy: OwnKeys.self).decodeIfPresent(
            Int.self, forKey: .tokenBudget)
    }

    func request() throws -> ContextRequest {
        guard search.cursor == nil else {
            throw ServerError.fieldInvalid(pointer: "/cursor", expected: "no cursor")
        }
        var request = try search.request()
        if search.limit == nil { request.limit = ContextRequest.limitDefault }
        return ContextRequest(search: request, tokenBudget: tokenBudget ?? ContextRequest.tokenBudgetDefault)
    }

    static let schemaName = "ContextRequest"
    static let fields =
        SearchObject.fields + [
            Field(
                OwnKeys.tokenBudget.rawValue,
                .integer(
                    "Tokens that the text may have; \(ContextRequest.tokenBudgetDefault) if absent.",
                    ContextRequest.tokenBudgetBounds),
                isRequired: false)
        ]
}

/// What has a number in the text.
struct ContextSourceObject: Encodable, Sendable, APIObject {
    var number: Int
    var rank: Int
    var relevance: Double
    var citations: [CitationObject]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case number, rank, relevance, citations
    }

    init(_ source: ContextBlock.Source) {
        (number, rank, relevance) = (source.number, source.rank, source.relevance)
        citations = source.citations.map { CitationObject($0) }
    }

    static let schemaName = "ContextSource"
    static let fields = [
        Field("number", .integer("As in the text, from 1.", 1...Int.max)),
        Field("rank", .integer("Of its best passage.", 1...SearchRequest.limitMax)),
        Field("relevance", .number("Of its best passage, 0 to 1.")),
        Field(
            "citations", .array("Its passages, as they follow each other.", .reference(CitationObject.self))),
    ]
}

/// Passages as one text.
struct ContextResultObject: Encodable, Sendable, APIObject {
    var context: String
    var tokens: Int
    var tokenBudget: Int
    var countedBy: String
    var sources: [ContextSourceObject]
    var omitted: Int
    var duplicates: Int
    var snapshot: Int64

    enum CodingKeys: String, CodingKey, CaseIterable {
        case context, tokens, sources, omitted, duplicates, snapshot
        case tokenBudget = "token_budget"
        case countedBy = "counted_by"
    }

    init(_ block: ContextBlock) {
        context = block.text
        tokens = block.tokenCount
        tokenBudget = block.tokenBudget
        countedBy =
            switch block.counting {
            case .model(let id): id
            case .quarterOfBytes: "quarter_of_bytes"
            }
        sources = block.sources.map { ContextSourceObject($0) }
        (omitted, duplicates, snapshot) = (block.omittedCount, block.duplicateCount, block.snapshotSequence)
    }

    static let schemaName = "Context"
    static let fields = [
        Field("context", .string("Numbered passages, each under a line that says where it stands.")),
        Field("tokens", .integer("Of the text.", 0...Int.max)),
        Field("token_budget", .integer("What it may have.", ContextRequest.tokenBudgetBounds)),
        Field("counted_by", .string("Whose tokens: a model's, or quarter_of_bytes where no model is here.")),
        Field("sources", .array("By number.", .reference(ContextSourceObject.self))),
        Field("omitted", .integer("Passages for which there was no room.", 0...Int.max)),
        Field("duplicates", .integer("Passages that say what others say.", 0...Int.max)),
        Field("snapshot", .integer("Every commit up to this one was seen, none after it.", 0...Int.max)),
    ]
}
