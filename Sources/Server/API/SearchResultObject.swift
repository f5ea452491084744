import Engine

/// Passages, best first, and what was searched to find them.
struct SearchResultObject: Encodable, Sendable, APIObject {
    struct Searched: Encodable, Sendable {
        var committed: Int
        var sealed: Int
        var tail: Int
        var complete: Bool
        var words: Words?
    }

    /// Passages whose words could be found.
    struct Words: Encodable, Sendable {
        var sealed: Int
        var tail: Int
    }

    struct Guard: Encodable, Sendable {
        var language: String
        var confidence: Double
        var active: Bool
    }

    struct Reranking: Encodable, Sendable {
        var done: Bool
        var model: String?
        var read: Int?
        var reason: String?

        init(_ outcome: RerankOutcome) {
            switch outcome {
            case .done(let model, let count): (done, self.model, read) = (true, model, count)
            // The operator's own machines are named in it: it is not the key holder's to know.
            case .failed: (done, reason) = (false, "The reranker did not answer, or not rightly.")
            }
        }
    }

    struct Matched: Encodable, Sendable {
        var documents: Int
        var rows: Int?
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
        var rerankMilliseconds: Double

        enum CodingKeys: String, CodingKey {
            case embeddingMilliseconds = "embedding_ms"
            case indexMilliseconds = "index_ms"
            case passagesMilliseconds = "passages_ms"
            case rerankMilliseconds = "rerank_ms"
        }
    }

    var hits: [HitObject]
    var mode: String
    var fusion: String?
    var languageGuard: Guard?
    var model: ModelObject?
    var searched: Searched
    var matched: Matched?
    var expectedRecall: Double
    var probed: Probed
    var snapshot: Int64
    var nextCursor: String?
    var ignoredWords: Int?
    var reranking: Reranking?
    var timings: Timings

    enum CodingKeys: String, CodingKey, CaseIterable {
        case hits, mode, fusion, model, searched, matched, probed, snapshot, reranking, timings
        case languageGuard = "language_guard"
        case nextCursor = "next_cursor"
        case ignoredWords = "ignored_words"
        case expectedRecall = "expected_recall"
    }

    init(_ response: SearchResponse, nextCursor: String?) {
        hits = response.hits.map { HitObject($0) }
        mode = response.mode.rawValue
        fusion = response.fusion.map { FusionName($0).rawValue }
        languageGuard = response.languageGuard.map {
            Guard(language: $0.languageTag, confidence: $0.confidence, active: $0.isActive)
        }
        self.nextCursor = nextCursor
        ignoredWords = response.ignoredWordCount > 0 ? response.ignoredWordCount : nil
        reranking = response.reranking.map { Reranking($0) }
        model = response.model.map { ModelObject($0) }
        let rows = response.searched
        searched = Searched(
            committed: rows.committed, sealed: rows.sealed, tail: rows.tail, complete: rows.isComplete,
            words: response.searchedWords.map { Words(sealed: $0.sealed, tail: $0.tail) })
        matched = response.matched.map { Matched(documents: $0.documentCount, rows: $0.rowCount) }
        expectedRecall = response.expectedRecall
        probed = Probed(
            lists: response.probed.listCount, rows: response.probed.rowCount,
            reranked: response.probed.rerankedRowCount)
        snapshot = response.snapshotSequence
        timings = Timings(
            embeddingMilliseconds: Self.milliseconds(response.timings.embedding),
            indexMilliseconds: Self.milliseconds(response.timings.index),
            passagesMilliseconds: Self.milliseconds(response.timings.passages),
            rerankMilliseconds: Self.milliseconds(response.timings.reranking))
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1000
    }

    static let schemaName = "SearchResult"
    static let fields = [
        Field("hits", .array("Best first.", .reference(HitObject.self))),
        Field("mode", .choice("What was compared.", SearchMode.allCases.map(\.rawValue))),
        Field(
            "fusion", .choice("How two rankings became one.", FusionName.allCases.map(\.rawValue)),
            isRequired: false),
        Field(
            "language_guard",
            .object(
                "Of a hybrid search: whether a model that does not know the question's language is kept from deciding.",
                [
                    Field("language", .string("The question's, or und.")),
                    Field("confidence", .number("How sure that is, 0 to 1.")),
                    Field("active", .boolean("Whether words decide alone.")),
                ]),
            isRequired: false),
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
                    Field(
                        "words",
                        .object(
                            "Passages whose words could be found, where words were looked at.",
                            [
                                Field("sealed", .integer("In sealed segments.", 0...Int.max)),
                                Field("tail", .integer("In memory.", 0...Int.max)),
                            ]),
                        isRequired: false),
                ])),
        Field(
            "matched",
            .object(
                "With a filter: what it lets pass. A search returns its limit of these, or all.",
                [
                    Field("documents", .integer("Documents that match.", 0...Int.max)),
                    Field(
                        "rows", .integer("Their passages, where vectors are compared.", 0...Int.max),
                        isRequired: false),
                ]),
            isRequired: false),
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
            "next_cursor", .string("For the hits behind these; absent on the last page."), isRequired: false),
        Field(
            "ignored_words",
            .integer("Words of the question that were not looked for: there are too many.", 1...Int.max),
            isRequired: false),
        Field(
            "reranking",
            .object(
                "Where one was asked for.",
                [
                    Field("done", .boolean("Whether the order is the reranker's.")),
                    Field("model", .string("What decided."), isRequired: false),
                    Field("read", .integer("Passages that it read.", 1...Int.max), isRequired: false),
                    Field("reason", .string("Why the order is the search's own."), isRequired: false),
                ]),
            isRequired: false),
        Field(
            "timings",
            .object(
                "Where the time went.",
                [
                    Field("embedding_ms", .number("Embedding the question.")),
                    Field("index_ms", .number("Comparing.")),
                    Field("passages_ms", .number("Fetching the passages.")),
                    Field("rerank_ms", .number("Waiting for the reranker.")),
                ])),
    ]
}
