package import Embedding
package import Foundation
import VectorIndex

/// How a document becomes passages.
package enum ChunkingPolicy: Sendable, Hashable {
    /// By its structure, at the standard size in the embedder's own tokens.
    case standard

    /// By its structure, at a size of one's own: tokens a chunk, and the share that is repeated in the next, within
    /// the bounds of `ChunkingOptions`. More tokens than the model's window holds are read as so many.
    case sized(tokensTarget: Int, overlapFraction: Double)

    /// As one passage, cut at the model's window: for measuring as published figures are measured, not for
    /// use.
    case whole
}

/// What an engine is made of, besides its embedder and its pool.
package struct EngineConfiguration: Sendable {
    /// Holds the catalog and every workspace. Made if missing.
    package var dataDirectory: URL
    package var chunking: ChunkingPolicy

    /// Rows the index holds in memory before it seals them; writers wait at four times as many. A scan of 4,096
    /// rows costs a quarter of a millisecond at 384 dimensions.
    package var tailRowsMax: Int

    /// A close seals a tail of this many rows; a smaller one is read back from the Store at the next open,
    /// which costs less than a segment for every small ingest would.
    package var tailRowsSealedAtClose: Int

    /// Sealed rows alive from which on a workspace's index has inverted lists: 16 or more.
    package var trainingRowsMin: Int

    /// Workspaces open at once: each has files, memory maps and page caches.
    package var openWorkspacesMax = 256

    /// Share of the searches that recall is measured on, 0 to 1. At 0 nothing of any question is kept for that; else
    /// the vectors of the last few hundred are, in memory.
    package var recallSampling = 0.0

    /// Bytes of question vectors that are kept in memory, so that who asks the same again does not wait for
    /// the model;
    /// 0 keeps none. For processes that live on.
    package var queryCacheBytesMax = 0

    /// Whether a search may be the occasion for maintenance, beside ingests. For processes that live on.
    package var maintainsWhileSearching = false

    /// Decides the order of the best passages where a search asks for it; nil where there is none.
    package var reranker: (any Reranker)?

    /// Puts an error into words, for a job's list of what failed.
    package var failureText: @Sendable (any Error) -> String = { "\($0)" }

    /// Waits, between two tries of a document.
    package var wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// How often the catalog is looked at for jobs that other processes have left.
    package var jobLookInterval = Duration.seconds(15)

    /// Makes text of documents that are none. In a process of its own where documents are strangers'.
    package var renderer: any Renderer = InProcessRenderer()

    /// Told of every step of maintenance, on the thread that does it.
    package var onMaintenance: @Sendable (MaintenanceEvent) -> Void = { _ in }

    package static let tailRowsMaxStandard = 4_096
    package static let trainingRowsMinStandard = VectorIndex.trainingRowsMin

    /// What of a full tail a close seals at least.
    package static let closingShareInverse = 4

    /// Rows that may be asked for in a tail or for training: below, files outnumber rows; above, a tail is no tail.
    package static let indexRowsBounds = 16...1_048_576

    /// How long what was replaced or deleted is kept on the disk.
    package var retention = Duration.seconds(24 * 3_600)

    package init(
        dataDirectory: URL, chunking: ChunkingPolicy = .standard, tailRowsMax: Int = tailRowsMaxStandard,
        tailRowsSealedAtClose: Int = tailRowsMaxStandard / closingShareInverse, trainingRowsMin: Int? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.chunking = chunking
        self.tailRowsMax = tailRowsMax
        self.tailRowsSealedAtClose = tailRowsSealedAtClose
        self.trainingRowsMin = trainingRowsMin ?? VectorIndex.trainingRowsMin
    }
}
