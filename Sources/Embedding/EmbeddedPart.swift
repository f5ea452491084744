/// Vectors of some of the texts of a call.
package struct EmbeddedPart: Sendable, Equatable {
    /// Which texts: their places in the call, one for each row.
    package let indexes: [Int]

    /// One unit-length row for each of `indexes`, in that order.
    package let matrix: EmbeddingMatrix

    /// Whether there are as many rows as indexes is for the receiver to check, as with any answer.
    package init(indexes: [Int], matrix: EmbeddingMatrix) {
        self.indexes = indexes
        self.matrix = matrix
    }
}

/// A text that an embedder will not embed, however often it is asked, while it embeds others.
package struct TextRefusal: Sendable, Equatable {
    /// The text's place in the call.
    package let index: Int

    /// What the embedder said of it, in its own words; cut to a length that a line bears. It may quote the
    /// text.
    package let reason: String

    package init(index: Int, reason: String) {
        self.index = index
        self.reason = reason
    }
}
