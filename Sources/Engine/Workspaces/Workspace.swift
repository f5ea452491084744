import Embedding
import Foundation
import Kernels
import Store
import Synchronization
import VectorIndex

/// One open workspace: its Store, and the index that follows it.
final class Workspace: Sendable {
    let id: WorkspaceID
    let name: String
    let store: WorkspaceStore
    private let environment: StoreEnvironment
    private let tailRowsMax: Int

    /// Opened by the first search or ingest: listing documents needs no vectors.
    private let keeper = Mutex<IndexKeeper?>(nil)

    init(
        id: WorkspaceID, name: String, store: WorkspaceStore, environment: StoreEnvironment, tailRowsMax: Int
    ) {
        self.id = id
        self.name = name
        self.store = store
        self.environment = environment
        self.tailRowsMax = tailRowsMax
    }

    /// The workspace's own space, made by the first ingest.
    ///
    /// - Throws: `EngineError.spaceMismatch` if the workspace's vectors live in another space.
    func space(for embedder: EmbeddingSpace) throws -> SpaceRecord {
        let wanted = SpaceKey(embedder)
        if let live = try store.space(.live) {
            guard live.key == wanted else {
                throw EngineError.spaceMismatch(expected: live.key.description, found: wanted.description)
            }
            return live
        }
        return try store.ensureSpace(wanted)
    }

    /// Looks before anything is embedded: a question in another space would be paid for and refused.
    ///
    /// - Throws: `EngineError.spaceMismatch`.
    func checkSpace(_ embedder: EmbeddingSpace) throws {
        if try store.space(.live) != nil { _ = try space(for: embedder) }
    }

    /// Gives up what dead ingests have staged. The caller holds the ingest lock, so nobody alive is staging.
    func discardAbandonedVersions() throws {
        _ = try store.discardStaged(before: environment.now())
    }

    /// Lends the index of the workspace's vectors; opened on the first call, and anew where another process
    /// changed the manifest or a segment is found damaged. Blocks; run it on the pool.
    func withIndex<Success>(
        of space: SpaceRecord, _ body: (IndexKeeper) throws -> Success
    ) throws -> Success {
        for _ in 0..<Self.attemptsMax {
            do {
                let keeper = try openKeeper(space)
                do {
                    return try body(keeper)
                } catch let error as VectorIndexError {
                    guard let damaged = error.damagedSegment else { throw error }
                    try keeper.repair(segment: damaged)
                }
            } catch is ManifestMoved {
                self.keeper.withLock { $0 = nil }
            }
        }
        return try body(openKeeper(space))
    }

    /// Damage and replacement met more often than this in one call are no accident.
    private static let attemptsMax = 64

    private func openKeeper(_ space: SpaceRecord) throws -> IndexKeeper {
        try keeper.withLock { keeper in
            if let keeper { return keeper }
            let opened = try IndexKeeper(store: store, space: space, tailRowsMax: tailRowsMax)
            keeper = opened
            return opened
        }
    }

    /// The nearest rows in a snapshot that holds every commit made before this call.
    ///
    /// A damaged segment found on the way is written anew, and the search is done again over what is then
    /// whole.
    func search(
        _ query: [Float], k: Int, space wanted: EmbeddingSpace, pool: ComputePool
    ) async throws -> IndexAnswer {
        try await pool.run {
            guard try self.store.space(.live) != nil else { return IndexAnswer.empty }
            return try self.withIndex(of: self.space(for: wanted)) { keeper in
                try self.searchOnce(query, k: k, keeper: keeper)
            }
        }
    }

    private func searchOnce(_ query: [Float], k: Int, keeper: IndexKeeper) throws -> IndexAnswer {
        var committed = try store.statistics()
        var snapshot = try keeper.currentSnapshot()
        // The two are read one after the other: read again if a commit fell between them.
        for _ in 0..<3 where snapshot.sequence != committed.sequence.rawValue {
            committed = try store.statistics()
            snapshot = try keeper.currentSnapshot()
        }
        let neighbors = try snapshot.search(query, k: min(k, IndexSnapshot.kBounds.upperBound))
        return IndexAnswer(
            neighbors: neighbors, sequence: snapshot.sequence,
            searched: SearchedRows(
                committed: committed.chunkCount, sealed: snapshot.liveSealedRowCount,
                tail: snapshot.liveTailRowCount))
    }

    /// Seals what is worth sealing and closes the files.
    ///
    /// - Parameter rows: a tail of so many rows is sealed.
    func close(sealingAtLeast rows: Int) throws {
        try keeper.withLock { keeper in
            try keeper?.sealIfNeeded(atLeast: rows)
            keeper = nil
        }
        try store.close()
    }
}

/// What the index says to a question: rows, and what was searched for them.
struct IndexAnswer: Sendable {
    var neighbors: [Neighbor]
    var sequence: Int64
    var searched: SearchedRows

    /// The answer of a workspace into which nothing was ever ingested.
    static let empty = IndexAnswer(
        neighbors: [], sequence: 0, searched: SearchedRows(committed: 0, sealed: 0, tail: 0))
}

extension SpaceKey {
    init(_ space: EmbeddingSpace) {
        self.init(
            model: space.model, revision: space.revision, precision: space.precision,
            dimension: space.dimension)
    }
}
