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
    let environment: StoreEnvironment
    let configuration: EngineConfiguration

    /// Opened by the first search or ingest: listing documents needs no vectors.
    private let keeper = Mutex<IndexKeeper?>(nil)

    let turns = Mutex(MaintenanceTurns())
    let recall: Mutex<RecallState>

    init(
        id: WorkspaceID, name: String, store: WorkspaceStore, environment: StoreEnvironment,
        configuration: EngineConfiguration
    ) {
        self.id = id
        self.name = name
        self.store = store
        self.environment = environment
        self.configuration = configuration
        recall = Mutex(RecallState(sampler: RecallSampler(share: configuration.recallSampling)))
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
    /// changed the manifest or something is found damaged. Blocks; run it on the pool.
    func withIndex<Success>(
        of space: SpaceRecord, _ body: (IndexKeeper) throws -> Success
    ) throws -> Success {
        for _ in 0..<Self.attemptsMax {
            var used: IndexKeeper?
            do {
                let keeper = try openKeeper(space)
                used = keeper
                do {
                    return try body(keeper)
                } catch let error as VectorIndexError {
                    guard let damage = error.damage else { throw error }
                    try keeper.repair(damage)
                }
            } catch is ManifestMoved {
                giveUp(used)
            }
        }
        return try body(openKeeper(space))
    }

    /// Damage and replacement met more often than this in one call are no accident.
    private static let attemptsMax = 64

    private func openKeeper(_ space: SpaceRecord) throws -> IndexKeeper {
        try keeper.withLock { keeper in
            if let keeper { return keeper }
            let opened = try IndexKeeper(store: store, space: space, configuration: configuration)
            try opened.follow()
            // The rows went through SQLite's caches, and are in the index now: of the pages nobody asks again.
            store.releaseMemory()
            keeper = opened
            return opened
        }
    }

    /// The keeper, if the workspace has been searched or written to.
    var openedKeeper: IndexKeeper? { keeper.withLock { $0 } }

    private func giveUp(_ used: IndexKeeper?) {
        keeper.withLock { if $0 === used { $0 = nil } }
    }

    /// Opens the index anew from what is live now, and only then puts it in the place of the one there is:
    /// searches do not wait for it.
    func reopenIndex(of space: SpaceRecord) throws {
        let opened = try IndexKeeper(store: store, space: space, configuration: configuration)
        try opened.follow()
        keeper.withLock { $0 = opened }
    }

    /// The nearest rows in a snapshot that holds every commit made before this call.
    ///
    /// A damaged segment found on the way is written anew, and the search is done again over what is then
    /// whole.
    func search(
        _ query: [Float], k: Int, options: SearchOptions, space wanted: EmbeddingSpace, pool: ComputePool
    ) async throws -> IndexAnswer {
        try await pool.run {
            guard try self.store.space(.live) != nil else { return IndexAnswer.empty }
            let answer = try self.withIndex(of: self.space(for: wanted)) { keeper in
                try self.searchOnce(query, k: k, options: options, keeper: keeper)
            }
            self.sample(query)
            if self.configuration.maintainsWhileSearching { self.maintainSoon(on: pool) }
            return answer
        }
    }

    private func searchOnce(
        _ query: [Float], k: Int, options: SearchOptions, keeper: IndexKeeper
    ) throws -> IndexAnswer {
        var committed = try store.statistics()
        var snapshot = try keeper.currentSnapshot()
        // The two are read one after the other: read again if a commit fell between them.
        for _ in 0..<3 where snapshot.sequence != committed.sequence.rawValue {
            committed = try store.statistics()
            snapshot = try keeper.currentSnapshot()
        }
        var options = options
        options.curve = curve(for: keeper.index.quantizer?.number)
        let result = try snapshot.search(
            query, k: min(k, IndexSnapshot.kBounds.upperBound), options: options)
        return IndexAnswer(
            neighbors: result.neighbors, sequence: snapshot.sequence,
            searched: SearchedRows(
                committed: committed.chunkCount, sealed: snapshot.liveSealedRowCount,
                tail: snapshot.liveTailRowCount),
            expectedRecall: result.expectedRecall, probed: ProbedRows(result.work))
    }

    /// Seals what is worth sealing and closes the files. Maintenance has been stopped.
    ///
    /// - Parameter rows: a tail of so many rows is sealed.
    func close(sealingAtLeast rows: Int) throws {
        let sealing = Result {
            guard openedKeeper != nil, let space = try store.space(.live) else { return }
            try withIndex(of: space) { try $0.sealIfNeeded(atLeast: rows) }
        }
        keeper.withLock { $0 = nil }
        try store.close()
        try sealing.get()
    }
}

/// What the index says to a question: rows, and what was searched for them.
struct IndexAnswer: Sendable {
    var neighbors: [Neighbor]
    var sequence: Int64
    var searched: SearchedRows
    var expectedRecall: Double
    var probed: ProbedRows

    /// The answer of a workspace into which nothing was ever ingested.
    static let empty = IndexAnswer(
        neighbors: [], sequence: 0, searched: SearchedRows(committed: 0, sealed: 0, tail: 0),
        expectedRecall: 1, probed: ProbedRows(listCount: 0, rowCount: 0, rerankedRowCount: 0))
}

extension SpaceKey {
    init(_ space: EmbeddingSpace) {
        self.init(
            model: space.model, revision: space.revision, precision: space.precision,
            dimension: space.dimension)
    }
}
