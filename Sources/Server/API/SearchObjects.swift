import Engine

/// A question.
struct SearchObject: RequestObject {
    var query: String
    var limit: Int?
    var recallTarget: Double?
    var nprobe: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case query, limit, nprobe
        case recallTarget = "recall_target"
    }

    var request: SearchRequest {
        SearchRequest(
            query: query, limit: limit ?? SearchRequest.limitDefault,
            recallTarget: recallTarget ?? SearchRequest.recallTargetDefault, nprobe: nprobe)
    }

    static let schemaName = "Search"
    static let fields = [
        Field(
            "query",
            .string(
                "The question, in words: up to \(SearchRequest.queryBytesMax) bytes that fit the model's window.",
                characters: 1...SearchRequest.queryBytesMax),
            example: "How do I start the generator by hand?"),
        Field(
            "limit",
            .integer("Passages wanted; \(SearchRequest.limitDefault) if absent.", 1...SearchRequest.limitMax),
            isRequired: false),
        Field(
            "recall_target",
            .number(
                """
                Share of the passages truly nearest that the search is to find on average: above 0, at most 1, which \
                compares all; \(SearchRequest.recallTargetDefault) if absent.
                """),
            isRequired: false, example: .number(0.99)),
        Field(
            "nprobe",
            .integer(
                "Inverted lists to look through, in place of what recall_target asks for.",
                SearchRequest.nprobeBounds),
            isRequired: false),
    ]
}

/// Where a passage stands, exactly enough to check it.
struct CitationObject: Encodable, Sendable, APIObject {
    var document: String
    var path: String
    var title: String?
    var version: Int
    var chunk: String
    var byteStart: Int
    var byteEnd: Int
    var lineStart: Int
    var lineEnd: Int
    var headings: [String]
    var sha256: String
    var page: Int?
    var rendition: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case document, path, title, version, chunk, headings, sha256, page, rendition
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case lineStart = "line_start"
        case lineEnd = "line_end"
    }

    /// Where the operator's own files are (`Citation.origin`) is left out: it is not the key holder's to know.
    init(_ citation: Citation) {
        document = citation.documentID
        path = citation.path
        title = citation.title
        version = citation.version
        chunk = citation.chunkID
        byteStart = citation.byteRange.lowerBound
        byteEnd = citation.byteRange.upperBound
        lineStart = citation.lineRange.lowerBound
        lineEnd = citation.lineRange.upperBound
        headings = citation.headingPath
        sha256 = citation.sha256
        page = citation.page
        rendition = citation.rendition
    }

    static let schemaName = "Citation"
    static let fields = [
        Field("document", .string("The document's id.")),
        Field("path", .string("The document's path."), example: "handbook/power.md"),
        Field("title", .string("The document's title."), isRequired: false),
        Field("version", .integer("The document's version.", 1...Int.max)),
        Field("chunk", .string("The passage's id.")),
        Field("byte_start", .integer("First byte, from 0, in the original or its rendition.", 0...Int.max)),
        Field("byte_end", .integer("One past the last byte.", 0...Int.max)),
        Field("line_start", .integer("First line, from 1.", 1...Int.max)),
        Field("line_end", .integer("Last line.", 1...Int.max)),
        Field("headings", .array("The headings above it, outermost first.", .string(""))),
        Field("sha256", .string("Of the bytes in this range.", characters: 64...64)),
        Field(
            "page", .integer("Where there are pages: the one on which it begins.", 1...Int.max),
            isRequired: false),
        Field(
            "rendition",
            .string(
                "sha256 of the rendition that the ranges are of; absent where they are of the original.",
                characters: 64...64),
            isRequired: false),
    ]
}

/// A passage that was found.
struct HitObject: Encodable, Sendable, APIObject {
    var rank: Int
    var score: Float
    var text: String
    var citation: CitationObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case rank, score, text, citation
    }

    init(_ hit: SearchHit) {
        rank = hit.rank
        score = hit.similarity
        text = hit.text
        citation = CitationObject(hit.citation)
    }

    static let schemaName = "Hit"
    static let fields = [
        Field("rank", .integer("From 1.", 1...SearchRequest.limitMax)),
        Field("score", .number("Cosine of question and passage: 1 is the same meaning, 0 is unrelated.")),
        Field("text", .string("The passage.")),
        Field("citation", .reference(CitationObject.self)),
    ]
}

/// Passages, best first, and what was searched to find them.
struct SearchResultObject: Encodable, Sendable, APIObject {
    struct Searched: Encodable, Sendable {
        var committed: Int
        var sealed: Int
        var tail: Int
        var complete: Bool
    }

    struct Probed: Encodable, Sendable {
        var lists: Int
        var rows: Int
        var reranked: Int
    }

    struct Timings: Encodable, Sendable {
        var embeddingMilliseconds: Double
        var indexMilliseconds: Double
        var passagesMilliseconds: Double

        enum CodingKeys: String, CodingKey {
            case embeddingMilliseconds = "embedding_ms"
            case indexMilliseconds = "index_ms"
            case passagesMilliseconds = "passages_ms"
        }
    }

    var hits: [HitObject]
    var model: ModelObject?
    var searched: Searched
    var expectedRecall: Double
    var probed: Probed
    var snapshot: Int64
    var timings: Timings

    enum CodingKeys: String, CodingKey, CaseIterable {
        case hits, model, searched, probed, snapshot, timings
        case expectedRecall = "expected_recall"
    }

    init(_ response: SearchResponse) {
        hits = response.hits.map { HitObject($0) }
        model = response.model.map { ModelObject($0) }
        let rows = response.searched
        searched = Searched(
            committed: rows.committed, sealed: rows.sealed, tail: rows.tail, complete: rows.isComplete)
        expectedRecall = response.expectedRecall
        probed = Probed(
            lists: response.probed.listCount, rows: response.probed.rowCount,
            reranked: response.probed.rerankedRowCount)
        snapshot = response.snapshotSequence
        timings = Timings(
            embeddingMilliseconds: Self.milliseconds(response.timings.embedding),
            indexMilliseconds: Self.milliseconds(response.timings.index),
            passagesMilliseconds: Self.milliseconds(response.timings.passages))
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1000
    }

    static let schemaName = "SearchResult"
    static let fields = [
        Field("hits", .array("Best first.", .reference(HitObject.self))),
        Field("model", .reference(ModelObject.self), isRequired: false),
        Field(
            "searched",
            .object(
                "Passages that could be found, out of those there are.",
                [
                    Field("committed", .integer("Passages there are.", 0...Int.max)),
                    Field("sealed", .integer("Of these, searched in sealed segments.", 0...Int.max)),
                    Field("tail", .integer("Of these, searched in memory.", 0...Int.max)),
                    Field("complete", .boolean("Whether that is all of them.")),
                ])),
        Field(
            "expected_recall",
            .number(
                """
                Share of the passages truly nearest that such a search finds on average, as was measured; 1 if every \
                passage was compared.
                """)),
        Field(
            "probed",
            .object(
                "What was looked at in inverted lists; all 0 where there are none, or all was compared.",
                [
                    Field("lists", .integer("Lists looked through.", 0...Int.max)),
                    Field("rows", .integer("Passages in them, each estimated.", 0...Int.max)),
                    Field("reranked", .integer("Of these, compared exactly.", 0...Int.max)),
                ])),
        Field("snapshot", .integer("Every commit up to this one was seen, none after it.", 0...Int.max)),
        Field(
            "timings",
            .object(
                "Where the time went.",
                [
                    Field("embedding_ms", .number("Embedding the question.")),
                    Field("index_ms", .number("Comparing.")),
                    Field("passages_ms", .number("Fetching the passages.")),
                ])),
    ]
}
