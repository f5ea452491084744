/// One passage and what it belongs to.
package struct TextRow: Sendable, Hashable {
    /// Number of the row in the log of whoever owns the index. Given out once, never reused.
    package var row: Int64

    /// Ordinal of the document the row belongs to: the index carries it and filters by it.
    package var document: Int64

    /// Sequence at which the row was committed: `0...` the sequence of the change that inserts it.
    package var bornSequence: Int64

    /// Decides how the row is cut into terms.
    package var language: Language

    package var title: String
    package var headings: [String]

    /// Bounded by the owner; a row is analyzed as a whole.
    package var text: String

    package init(
        row: Int64, document: Int64, bornSequence: Int64, language: Language, title: String = "",
        headings: [String] = [], text: String
    ) {
        self.row = row
        self.document = document
        self.bornSequence = bornSequence
        self.language = language
        self.title = title
        self.headings = headings
        self.text = text
    }
}

/// What one commit does to the index: applied as a whole or not at all.
package struct TextChange: Sendable {
    /// Greater than the sequence of every change before it.
    package var sequence: Int64

    /// Rows the index has never held.
    package var insertions: [TextRow]

    /// Rows that are dead from this sequence on, taken after the insertions. A row that the index does not
    /// hold is remembered as dead, so that a segment published later cannot bring it back.
    package var deletions: [Int64]

    package init(sequence: Int64, insertions: [TextRow] = [], deletions: [Int64] = []) {
        self.sequence = sequence
        self.insertions = insertions
        self.deletions = deletions
    }
}

/// One row found by a search.
package struct TextMatch: Sendable, Hashable {
    package let row: Int64
    package let document: Int64

    /// The sum of the words' contributions, a multiple of 2⁻¹⁷.
    package let score: Float

    package init(row: Int64, document: Int64, score: Float) {
        self.row = row
        self.document = document
        self.score = score
    }
}
