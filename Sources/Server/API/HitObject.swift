import Engine

/// What one half of a search says of a hit.
struct ScorePartObject: Encodable, Sendable, APIObject {
    var side: String
    var rank: Int?
    var value: Double
    var share: Double
    var weight: Double
    var contribution: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case side, rank, value, share, weight, contribution
    }

    init(_ part: ScoreReceipt.Part) {
        side = part.side.rawValue
        rank = part.rank
        value = part.value
        share = part.share
        weight = part.weight
        contribution = part.contribution
    }

    static let schemaName = "ScorePart"
    static let fields = [
        Field("side", .choice("Meaning, or words.", [ScoreReceipt.Side.vector, .keyword].map(\.rawValue))),
        Field("rank", .integer("Among that side's candidates, from 1.", 1...Int.max), isRequired: false),
        Field("value", .number("The cosine, or BM25.")),
        Field("share", .number("What the fusion makes of rank or value.")),
        Field("weight", .number("What the side counts.")),
        Field(
            "contribution", .number("weight × share. The contributions add up to the score before reranking.")
        ),
    ]
}

/// One word's part of BM25.
struct WordScoreObject: Encodable, Sendable, APIObject {
    var word: String
    var frequency: Double
    var documentFrequency: Int
    var inverseDocumentFrequency: Double
    var score: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case word, frequency, score
        case documentFrequency = "document_frequency"
        case inverseDocumentFrequency = "idf"
    }

    init(_ word: WordScore) {
        self.word = word.word
        frequency = word.frequency
        documentFrequency = word.documentFrequency
        inverseDocumentFrequency = word.inverseDocumentFrequency
        score = word.score
    }

    static let schemaName = "WordScore"
    static let fields = [
        Field("word", .string("As the question has it.")),
        Field("frequency", .number("How often the passage has it; in title and headings it counts more.")),
        Field("document_frequency", .integer("Passages that have it.", 0...Int.max)),
        Field("idf", .number("What its rarity makes it worth.")),
        Field("score", .number("Its part: these add up to the value of the keyword side.")),
    ]
}

/// A passage near a hit.
struct SurroundingObject: Encodable, Sendable, APIObject {
    var text: String
    var citation: CitationObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case text, citation
    }

    init(_ surrounding: Surrounding) {
        text = surrounding.text
        citation = CitationObject(surrounding.citation)
    }

    static let schemaName = "Surrounding"
    static let fields = [
        Field("text", .string("The passage.")), Field("citation", .reference(CitationObject.self)),
    ]
}

/// A passage that was found.
struct HitObject: Encodable, Sendable, APIObject {
    var rank: Int
    var score: Double
    var relevance: Double
    var parts: [ScorePartObject]
    var words: [WordScoreObject]
    var rerankScore: Double?
    var text: String
    var highlights: [[Int]]
    var citation: CitationObject
    var surroundings: [SurroundingObject]?
    var duplicates: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case rank, score, relevance, parts, words, text, highlights, citation, surroundings, duplicates
        case rerankScore = "rerank_score"
    }

    init(_ hit: SearchHit) {
        rank = hit.rank
        score = hit.score
        relevance = hit.relevance
        parts = hit.receipt.parts.map { ScorePartObject($0) }
        words = hit.receipt.words.map { WordScoreObject($0) }
        rerankScore = hit.rerankScore
        text = hit.text
        highlights = hit.highlights.map { [$0.lowerBound, $0.upperBound] }
        citation = CitationObject(hit.citation)
        surroundings = hit.surroundings.isEmpty ? nil : hit.surroundings.map { SurroundingObject($0) }
        duplicates = hit.duplicateCount > 0 ? hit.duplicateCount : nil
    }

    static let schemaName = "Hit"
    static let fields = [
        Field("rank", .integer("From 1.", 1...SearchRequest.limitMax)),
        Field("score", .number("What the order is by: the sum of the parts, or the reranker's score.")),
        Field(
            "relevance",
            .number("How likely the passage is of use at all, 0 to 1: what min_score is compared with.")),
        Field("parts", .array("What the score is made of.", .reference(ScorePartObject.self))),
        Field("words", .array("What BM25 is made of.", .reference(WordScoreObject.self))),
        Field("rerank_score", .number("The reranker's score, where it decided."), isRequired: false),
        Field("text", .string("The passage.")),
        Field(
            "highlights",
            .array(
                "Where the question's words stand in the text.",
                .array("First byte of UTF-8, from 0, and one past the last.", .integer("", 0...Int.max)))),
        Field("citation", .reference(CitationObject.self)),
        Field(
            "surroundings",
            .array("What stands around it, in order, itself among it.", .reference(SurroundingObject.self)),
            isRequired: false),
        Field(
            "duplicates",
            .integer("Passages in nearly the same words, left out for this one.", 1...Int.max),
            isRequired: false),
    ]
}
