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

    /// When garbage was last collected to the end, by this process.
    let collectedAt: Mutex<Timestamp>

    init(
        id: WorkspaceID, name: String, store: WorkspaceStore, environment: StoreEnvironment,
        configuration: EngineConfiguration
    ) {
        self.id = id
        self.name = name
        self.store = store
        self.environment = environment
        self.configuration = configuration
        recall = Mutex(RecallState(share: configuration.recallSampling))
        collectedAt = Mutex(environment.now())
    }

    /// Gives up what dead ingests have staged. The caller holds the ingest lock, so nobody alive is staging.
    func discardAbandonedVersions() throws {
        _ = try store.discardStaged(before: environment.now())
    }

    /// Lends the index of the live space, whichever it is by now; nil where there is none. Otherwise as `withIndex`.
    func withLiveIndex<Success>(_ body: (IndexKeeper) throws -> Success) throws -> Success? {
        for _ in 1..<Self.attemptsMax {
            do {
                guard let space = try store.space(.live) else { return nil }
                return try withIndex(of: space, body)
            } catch is SpaceMoved {
                continue
            }
        }
        return try store.space(.live).map { try withIndex(of: $0, body) }
    }

    /// Lends the index of the workspace's vectors; opened on the first call, and anew where another process
    /// changed the manifest or something is found damaged. Blocks; run it on the pool.
    ///
    /// - Parameter space: the live one.
    /// - Throws: `SpaceMoved` if it is not live any more; what `body` throws.
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
            if let keeper, keeper.space.id == space.id { return keeper }
            // Only the live space's index takes the place of another's: whoever is late must not bring the old one
            // back.
            guard try store.space(.live)?.id == space.id else { throw SpaceMoved() }
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
        try keeper.withLock { keeper in
            guard try store.space(.live)?.id == space.id else { throw SpaceMoved() }
            keeper = opened
        }
    }

    /// The nearest rows in a snapshot that holds every commit made before this call.
    ///
    /// A damaged segment found on the way is written anew, and the search is done again over what is then
    /// whole.
    ///
    /// - Parameter space: the one the query was embedded in.
    /// - Throws: `SpaceMoved` if that is not live any more.
    func search(
        _ query: [Float], k: Int, options: SearchOptions, space: SpaceRecord, pool: ComputePool
    ) async throws -> IndexAnswer {
        try await pool.run {
            let answer = try self.withIndex(of: space) { keeper in
                try self.searchOnce(query, k: k, options: options, keeper: keeper)
            }
            self.sample(query, in: space.id)
            if self.configuration.maintainsWhileSearching { self.maintainSoon(on: pool) }
            return answer
        }
    }

    private func searchOnce(
        _ query: [Float], k: Int, options: SearchOptions, keeper: IndexKeeper
    ) throws -> IndexAnswer {
        var committed = try statistics(of: keeper.space)
        var snapshot = try keeper.currentSnapshot()
        // The two are read one after the other: read again if a commit fell between them.
        for _ in 0..<3 where snapshot.sequence != committed.sequence.rawValue {
            committed = try statistics(of: keeper.space)
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
            expectedRecall: result.expectedRecall, probed: ProbedRows(result.work),
            next: committed.buildingSpace)
    }

    /// What was committed, as of one moment at which the space was live.
    private func statistics(of space: SpaceRecord) throws -> WorkspaceStatistics {
        let statistics = try store.statistics()
        guard statistics.liveSpace?.id == space.id else { throw SpaceMoved() }
        return statistics
    }

    /// Seals what is worth sealing and closes the files. Maintenance has been stopped.
    ///
    /// - Parameter rows: a tail of so many rows is sealed.
    func close(sealingAtLeast rows: Int) throws {
        let sealing = Result {
            guard openedKeeper != nil else { return }
            _ = try withLiveIndex { try $0.sealIfNeeded(atLeast: rows) }
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

    /// The space that the workspace is being moved to.
    var next: SpaceRecord?
}
