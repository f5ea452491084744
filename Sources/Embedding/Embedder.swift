/// Turns texts into vectors: a local model, or somebody else's machine.
package protocol Embedder: Sendable {
    /// The space the vectors live in. Vectors of two different spaces must never be compared.
    var space: EmbeddingSpace { get }

    /// Tokens the model sees of one text, special tokens included. What is beyond is cut off.
    var windowTokens: Int { get }

    /// How many of `windowTokens` the model takes for itself: 2 for BERT (`[CLS]` and `[SEP]`), and more where a prefix
    /// stands before each text.
    var specialTokenCount: Int { get }

    /// Tokens of `text` without special tokens and without any cut. The text is data: a literal `[SEP]` in it
    /// counts as the characters it is made of.
    func tokenCount(of text: String) -> Int

    /// Embeds `texts`: one unit-length row per text, in input order.
    ///
    /// - Throws: `EmbeddingError` of the local model; a remote one throws its own. `CancellationError` when
    ///   the calling task was cancelled.
    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix

    /// Embeds `texts` as far as it can: a text that is refused fails alone, and the vectors of the others are
    /// handed out as they come, so that whoever keeps them loses none that was paid for.
    ///
    /// - Parameter deliver: called with a part of the texts at a time, each text in one part at most, from any
    ///   task; calls may overlap.
    /// - Returns: the texts that were refused, in order. All others were delivered.
    /// - Throws: what keeps it from going on, whichever text it is asked about. What was delivered stays
    ///   delivered.
    func embed(
        _ texts: [String], as role: EmbeddingRole,
        deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async throws -> [TextRefusal]

    /// The languages it was trained on, as BCP 47 primary subtags; nil where it knows many, or nobody says.
    var languages: Set<String>? { get }

    /// Where its cosines lie; nil where nobody has measured that.
    var cosineScale: CosineScale? { get }

    /// How many calls at once it makes good use of, beside the arithmetic of this machine.
    var callsAtOnce: Int { get }

    /// Texts that a call had best carry, where there are as many.
    var textsAtOnce: Int { get }

    /// What has been used so far of something that costs money; nil where nothing does.
    var spend: EmbeddingSpend? { get }
}

extension Embedder {
    /// All in one part, and no text fails alone.
    package func embed(
        _ texts: [String], as role: EmbeddingRole,
        deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async throws -> [TextRefusal] {
        try await deliver(
            EmbeddedPart(indexes: Array(texts.indices), matrix: try await embed(texts, as: role)))
        return []
    }

    package var languages: Set<String>? { nil }

    package var cosineScale: CosineScale? { nil }

    package var callsAtOnce: Int { 1 }

    /// A batch is what a killed ingest may have to compute again.
    package var textsAtOnce: Int { 128 }

    package var spend: EmbeddingSpend? { nil }
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
