/// An embedder that costs next to nothing and knows words, not meanings: for tests of all the rest, and for measuring
/// it. Chosen by name (`--model test`), never by default.
package struct TestEmbedder: Embedder {
    /// The ids there are, each with its dimension: two, so that a workspace can be moved from one to the other.
    package static let dimensions = ["test": 64, "test-96": 96]

    package let space: EmbeddingSpace
    package let windowTokens = 256
    package let specialTokenCount = 2
    private let hashes: WordHashes

    /// Nil for an id that is none of `dimensions`.
    package init?(id: String) {
        guard let dimension = Self.dimensions[id] else { return nil }
        space = EmbeddingSpace(model: id, revision: "1", precision: "float32", dimension: dimension)
        hashes = WordHashes(dimension: dimension)
    }

    package func tokenCount(of text: String) -> Int {
        WordHashes.words(of: text).count
    }

    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try Task.checkCancellation()
        let values = texts.flatMap { hashes.vector(of: WordHashes.ids(of: $0, tokensMax: windowTokens)) }
        return EmbeddingMatrix(rowCount: texts.count, dimension: space.dimension, values: values)
    }
}
