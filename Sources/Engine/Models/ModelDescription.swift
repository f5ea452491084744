package import Embedding

/// What made a workspace's vectors, for whoever shows it: all that must be equal for two vectors to be comparable.
package struct ModelDescription: Sendable, Hashable {
    /// The model's id, for example `all-minilm-l6-v2`.
    package var id: String

    /// Which weights: for a local model the first 12 hexadecimal digits of their sha256.
    package var revision: String

    /// How the arithmetic was done, for example `float32`.
    package var precision: String

    /// Components of one vector.
    package var dimension: Int

    package init(_ space: EmbeddingSpace) {
        id = space.model
        revision = space.revision
        precision = space.precision
        dimension = space.dimension
    }
}
