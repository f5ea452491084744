/// How a hit came to its score: an account that adds up.
package struct ScoreReceipt: Sendable, Hashable {
    /// Which half of a search.
    package enum Side: String, Sendable, Hashable {
        case vector, keyword
    }

    /// What one half says.
    package struct Part: Sendable, Hashable {
        package var side: Side

        /// Its place among that half's candidates, from 1; nil where it is none of them.
        package var rank: Int?

        /// The cosine, or BM25.
        package var value: Double

        /// What the fusion makes of rank or value.
        package var share: Double
        package var weight: Double

        /// `weight × share`.
        package var contribution: Double
    }

    package var parts: [Part]

    /// What each word of the question adds to BM25: their sum is the keyword part's value.
    package var words: [WordScore] = []

    /// The sum of the contributions.
    package var score: Double

    init(parts: [Part]) {
        self.parts = parts
        score = parts.reduce(0) { $0 + $1.contribution }
    }

    package subscript(side: Side) -> Part? { parts.first { $0.side == side } }
}

/// One word's part of a passage's BM25.
package struct WordScore: Sendable, Hashable {
    /// As the question has it.
    package var word: String

    /// How often the passage has it; a word of title or headings counts as their weight says.
    package var frequency: Double

    /// Passages that have it.
    package var documentFrequency: Int
    package var inverseDocumentFrequency: Double
    package var score: Double
}
