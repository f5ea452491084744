import Engine

extension SearchObject {
    /// What is asked, and of what.
    static let questionFields = [
        Field(
            "query",
            .string(
                """
                The question, in words: up to \(SearchRequest.queryBytesMax) bytes that fit the model's window. Unless \
                only vectors are looked at, "words in quotes" must stand together, -word must not be there, and word* \
                finds every word that begins so.
                """,
                characters: 1...SearchRequest.queryBytesMax),
            example: "How do I start the generator by hand?"),
        Field(
            "limit",
            .integer("Passages wanted; \(SearchRequest.limitDefault) if absent.", 1...SearchRequest.limitMax),
            isRequired: false),
        Field(
            "mode",
            .choice(
                "What is compared: vectors, words, or both, which is what happens if absent.",
                SearchMode.allCases.map(\.rawValue)),
            isRequired: false),
        Field("filter", .reference(FilterObject.self), isRequired: false),
        Field(
            "as_of",
            .anyOf(
                "The moment to be searched, within the time for which what is taken away is kept; now if absent.",
                [.integer("A snapshot's number.", 0...Int.max), .date("The last commit before it.")]),
            isRequired: false),
        Field(
            "cursor",
            .string("Goes on behind the hits of an earlier answer, over the same snapshot: its next_cursor."),
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

    /// What the order is by.
    static let rankingFields = [
        Field(
            "fusion",
            .choice(
                "How the two sides of a hybrid search become one ranking: scores on one scale, or ranks.",
                FusionName.allCases.map(\.rawValue)),
            isRequired: false),
        Field("fusion_k", .number("Of rrf: 1 to 1000; 60 if absent."), isRequired: false),
        Field(
            "weights",
            .object(
                "What either side counts, 0 to 1; if absent, the standard under the language guard.",
                [
                    Field("vector", .number("Of meaning.")), Field("keyword", .number("Of words.")),
                ]),
            isRequired: false),
        Field(
            "language",
            .string("The question's language, as in de; detected if absent.", characters: 2...3),
            isRequired: false, example: "de"),
        Field(
            "min_score",
            .number("Relevance below which a passage is not shown, 0 to 1; all are shown if absent."),
            isRequired: false),
        Field(
            "diversity",
            .number("How much a passage that repeats a better one is put back, 0 to 1; 0 if absent."),
            isRequired: false),
        Field(
            "collapse_duplicates",
            .boolean("Whether passages in nearly the same words are shown once; false if absent."),
            isRequired: false),
        Field(
            "rerank",
            .boolean("Whether the server's reranker decides the order of the best; false if absent."),
            isRequired: false),
        Field(
            "rerank_depth",
            .integer(
                "How many it reads; \(SearchRequest.rerankDepthDefault) if absent.",
                1...SearchRequest.rerankDepthMax),
            isRequired: false),
    ]

    /// What is shown of what was found.
    static let presentationFields = [
        Field(
            "neighbors",
            .integer(
                "Passages to show before and after each hit; 0 if absent.", 0...SearchRequest.neighborsMax),
            isRequired: false),
        Field(
            "section",
            .boolean("Whether to show all that stands under each hit's heading; false if absent."),
            isRequired: false),
    ]
}
