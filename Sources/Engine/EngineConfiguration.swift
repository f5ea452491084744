package import Foundation

/// How a document becomes passages.
package enum ChunkingPolicy: Sendable, Hashable {
    /// By its structure, at the standard size in the embedder's own tokens.
    case standard

    /// By its structure, at a size of one's own: tokens a chunk, and the share that is repeated in the next.
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

    /// Rows the index holds in memory before it seals them. A test sets it low.
    package var tailRowsMax: Int

    /// A close seals a tail of this many rows; a smaller one is read back from the Store at the next open,
    /// which costs less than a segment for every small ingest would.
    package var tailRowsSealedAtClose: Int

    package init(
        dataDirectory: URL, chunking: ChunkingPolicy = .standard, tailRowsMax: Int = 16_384,
        tailRowsSealedAtClose: Int = 1_024
    ) {
        self.dataDirectory = dataDirectory
        self.chunking = chunking
        self.tailRowsMax = tailRowsMax
        self.tailRowsSealedAtClose = tailRowsSealedAtClose
    }
}
