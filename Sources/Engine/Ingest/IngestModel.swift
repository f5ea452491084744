import Embedding
import Store

/// What a document is read, embedded and committed with: a workspace's live space, and all that belongs to its
/// model. It holds for one try; a commit into a space that is not live any more is refused.
struct IngestModel: Sendable {
    let space: SpaceRecord
    let embedder: any Embedder
    let reader: DocumentReader

    /// The model of a workspace; the standard one from now on, if it had none. Blocks.
    ///
    /// - Throws: `EngineError.spaceMismatch` if its embedder is not here.
    init(of workspace: Workspace, embedders: EmbedderShelf, chunking: ChunkingPolicy) throws {
        let store = workspace.store
        space =
            try store.space(.live) ?? store.ensureLiveSpace(SpaceKey(embedders.standard().space))
        embedder = try embedders.embedder(of: EmbeddingSpace(space.key), for: workspace.name)
        reader = DocumentReader(policy: chunking, embedder: embedder)
    }
}
