package import Embedding
import Store

extension EmbeddingSpace {
    init(_ key: SpaceKey) {
        self.init(
            model: key.model, revision: key.revision, precision: key.precision, dimension: key.dimension)
    }

    /// Model, revision, precision and dimension in one line.
    package var text: String { SpaceKey(self).description }
}

extension SpaceKey {
    init(_ space: EmbeddingSpace) {
        self.init(
            model: space.model, revision: space.revision, precision: space.precision,
            dimension: space.dimension)
    }
}

/// Another space of the workspace became live while something was done in this one: do it again in that one.
struct SpaceMoved: Error {}
