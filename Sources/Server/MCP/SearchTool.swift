import Engine

/// A question of a language model: a search without what only people and programs turn.
struct SearchToolObject: RequestObject {
    static let limitDefault = 8

    /// More than a model reads attentively; it goes on with a cursor.
    static let limits = 1...50

    private var search: SearchObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case query, filter, limit, mode, language, cursor
        case minScore = "min_score"
        case asOf = "as_of"
    }

    init(from decoder: any Decoder) throws {
        search = try SearchObject(from: decoder)
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func checked() throws(ServerError) -> SearchObject {
        var search = search
        let limit = search.limit ?? Self.limitDefault
        guard Self.limits.contains(limit) else {
            throw .fieldInvalid(
                pointer: "/limit",
                expected: "\(Self.limits.lowerBound) to \(Self.limits.upperBound), found \(limit)")
        }
        search.limit = limit
        return search
    }

    static let schemaName = "SearchTool"
    static let fields =
        [
            Field(
                "query",
                .string(
                    """
                    What you want to know, as a question or in the words that the passage would use. "Words in quotes" \
                    must stand together, -word must not be there.
                    """,
                    characters: 1...SearchRequest.queryBytesMax),
                example: "How do I start the generator by hand?"),
            Field(
                "limit", .integer("Passages wanted; \(limitDefault) if absent.", limits),
                isRequired: false),
            filterField,
        ] + SearchObject.fields.named(["mode", "min_score", "language", "as_of", "cursor"])

    /// In words: the full schema refers to itself, which several models' interfaces do not take.
    static let filterField = Field(
        "filter",
        .anyObject(
            """
            Only documents for which it holds: {"type": "eq", "key": "year", "value": 2024}, {"type": "folder", \
            "value": "handbook"}, or several as {"type": "and", "filters": [...]}. Types: \
            \(DocumentFilter.types.joined(separator: ", ")). A key is an attribute of the documents, or \
            \(DocumentFilter.fieldNames.joined(separator: ", ")). Leave it out unless you know the attributes.
            """),
        isRequired: false)
}

/// A passage for a language model.
struct PassageObject: Encodable, Sendable, APIObject {
    var number: Int
    var text: String
    var relevance: Double
    var score: Double
    var citation: CitationObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case number, text, relevance, score, citation
    }

    init(_ hit: SearchHit) {
        (number, text) = (hit.rank, hit.text)
        (relevance, score) = (Self.rounded(hit.relevance), Self.rounded(hit.score))
        citation = CitationObject(hit.citation)
    }

    /// What digits say more is noise, and a model reads each.
    static func rounded(_ number: Double) -> Double { (number * 10_000).rounded() / 10_000 }

    static let schemaName = "Passage"
    static let fields = [
        Field(
            "number",
            .integer("From 1, best first; a page that a cursor asked for goes on counting.", 1...Int.max)),
        Field("text", .string("The passage, as the document has it.")),
        Field(
            "relevance",
            .number("How likely the passage is of use at all, 0 to 1: what min_score is compared with.")),
        Field("score", .number("What the order is by.")),
        Field("citation", .reference(CitationObject.self)),
    ]
}

/// What a search found, for a language model.
struct PassagesObject: Encodable, Sendable, APIObject {
    var passages: [PassageObject]
    var snapshot: Int64
    var complete: Bool
    var nextCursor: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case passages, snapshot, complete
        case nextCursor = "next_cursor"
    }

    init(_ response: SearchResponse, nextCursor: String?) {
        passages = response.hits.map { PassageObject($0) }
        snapshot = response.snapshotSequence
        complete = response.searched.isComplete
        self.nextCursor = nextCursor
    }

    static let schemaName = "Passages"
    static let fields = [
        Field("passages", .array("Best first.", .reference(PassageObject.self))),
        Field("snapshot", .integer("Every commit up to this one was seen, none after it.", 0...Int.max)),
        Field("complete", .boolean("Whether all passages that there are could be found.")),
        Field(
            "next_cursor", .string("For the passages behind these; absent on the last page."),
            isRequired: false),
    ]
}

/// Finds passages.
enum SearchTool {
    static let tool = MCPTool(
        name: "search", title: "Search the documents",
        description: """
            Finds the passages of the documents that answer a question, best first, each with an exact citation: \
            document, path, lines, page, headings, and the sha256 of the cited bytes. Use it whenever an answer may \
            stand in the documents, before answering from memory; ask again in other words if what comes does not fit. \
            relevance is 0 to 1: below 0.35 a passage is probably off the subject. Gives \
            \(SearchToolObject.limitDefault) passages unless limit says otherwise, up to \
            \(SearchToolObject.limits.upperBound); next_cursor goes on. Cite each passage that you use by its path and \
            lines. For one text to answer from use context; to read on around a passage give its path and lines to \
            get_document.
            """,
        input: SearchToolObject.fields, output: PassagesObject.schema,
        aliases: MCPTools.questionAliases.merging(MCPTools.limitAliases) { own, _ in own }
            .merging([
                "threshold": "min_score", "score_threshold": "min_score", "lang": "language",
                "search_mode": "mode",
                "next_cursor": "cursor", "page_token": "cursor",
            ]) { own, _ in own },
        run: run)

    @Sendable private static func run(
        _ arguments: PlainValue, _ engine: Engine, _ scope: WorkspaceScope
    ) async throws -> MCPTool.Outcome {
        let search = try SearchToolObject(arguments: arguments).checked()
        let (response, nextCursor) = try await search.answer(from: engine, in: scope)
        let found = PassagesObject(response, nextCursor: nextCursor)
        return MCPTool.Outcome(text: text(of: found), structured: found)
    }

    static let nothingFound = "No passage was found. Ask in other words, or without min_score and mode."

    private static func text(of found: PassagesObject) -> String {
        guard !found.passages.isEmpty else { return nothingFound }
        var parts = found.passages.map { passage in
            let relevance = "relevance \((passage.relevance * 100).rounded() / 100)"
            return "[\(passage.number)] \(passage.citation.line) (\(relevance))\n\(passage.text)"
        }
        if let cursor = found.nextCursor {
            parts.append("There are more: the same question with cursor \(cursor)")
        }
        return parts.joined(separator: "\n\n")
    }
}
