/// Turns texts into vectors: a local model, or somebody else's machine.
package protocol Embedder: Sendable {
    /// The space the vectors live in. Vectors of two different spaces must never be compared.
    var space: EmbeddingSpace { get }

    /// Tokens the model sees of one text, special tokens included. What is beyond is cut off.
    var windowTokens: Int { get }

    /// How many of `windowTokens` the model takes for itself: 2 for BERT (`[CLS]` and `[SEP]`).
    var specialTokenCount: Int { get }

    /// Tokens of `text` without special tokens and without any cut. The text is data: a literal `[SEP]` in it
    /// counts as the characters it is made of.
    func tokenCount(of text: String) -> Int

    /// Embeds `texts`: one unit-length row per text, in input order.
    ///
    /// - Throws: `EmbeddingError` of the local model; a remote one throws its own. `CancellationError` when
    ///   the calling task was cancelled.
    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix
}

/// What a text is to the model; some models want a different prefix for each.
package enum EmbeddingRole: String, Sendable, Codable, CaseIterable {
    case query, passage
}

/// Everything that must be equal for two vectors to be comparable.
package struct EmbeddingSpace: Hashable, Sendable, Codable {
    /// The model's id, for example `all-minilm-l6-v2`.
    package let model: String

    /// Which weights: for a local model the first 12 hexadecimal digits of their sha256.
    package let revision: String

    /// How the arithmetic was done, for example `float32`.
    package let precision: String

    /// Components of one vector.
    package let dimension: Int

    package init(model: String, revision: String, precision: String, dimension: Int) {
        self.model = model
        self.revision = revision
        self.precision = precision
        self.dimension = dimension
    }
}

/// Vectors as the rows of a matrix: `rowCount × dimension`, row-major.
package struct EmbeddingMatrix: Sendable, Equatable {
    package let rowCount: Int
    package let dimension: Int

    /// `rowCount × dimension` values, row-major.
    package let values: [Float]

    package init(rowCount: Int, dimension: Int, values: [Float]) {
        precondition(
            rowCount >= 0 && dimension >= 0 && values.count == rowCount * dimension,
            "\(rowCount) × \(dimension) needs \(rowCount * dimension) values, found \(values.count)")
        self.rowCount = rowCount
        self.dimension = dimension
        self.values = values
    }

    /// A copy of row `row`, `dimension` values.
    package func row(_ row: Int) -> [Float] {
        Array(values[row * dimension..<(row + 1) * dimension])
    }
}

/// What an embedder throws, as far as those who do not know which one it is must understand it.
package protocol EmbedderFailure: Error {
    /// Whether the same call may succeed if it is made again.
    var isRetriable: Bool { get }
}
