import Foundation
import Kernels
import Store
import Synchronization
import TextIndex
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

    /// Opened by the first search for words, or ingest.
    let textKeeper = Mutex<TextKeeper?>(nil)

    let turns = Mutex(MaintenanceTurns())
    let recall: Mutex<RecallState>
    let filters = Mutex(FilterCache())

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

    /// Lends what a search made now sees: every commit made before this call.
    ///
    /// Damage that `body` finds is mended, and it is called again over what is then whole.
    ///
    /// - Parameters:
    ///   - space: the one that the question was embedded in; nil for a search that looks at words only.
    ///   - hasWords: whether it looks at words.
    /// - Throws: `SpaceMoved` if the space is not live any more.
    func withView<Success>(
        of space: SpaceRecord?, hasWords: Bool, _ body: (SearchView) throws -> Success
    ) throws -> Success {
        guard let space else {
            return try withTexts { texts in
                try body(matched(nil) { SearchView(texts: try texts.currentSnapshot()) })
            }
        }
        return try withIndex(of: space) { keeper in
            guard hasWords else {
                return try body(matched(space) { SearchView(vectors: try keeper.currentSnapshot()) })
            }
            return try withTexts { texts in
                let view = try matched(space) {
                    let (texts, vectors) = try texts.snapshot(with: keeper.currentSnapshot, at: \.sequence)
                    return SearchView(vectors: vectors, texts: texts)
                }
                return try body(view)
            }
        }
    }

    /// A view with the count of passages of its own moment. The two are read one after the other, and again if a
    /// commit fell between them.
    private func matched(_ space: SpaceRecord?, _ look: () throws -> SearchView) throws -> SearchView {
        var committed = try statistics(of: space)
        var view = try look()
        for _ in 0..<3 where view.sequence != committed.sequence.rawValue {
            committed = try statistics(of: space)
            view = try look()
        }
        view.committedCount = committed.chunkCount
        view.filterMoment = committed.filterMoment
        view.next = committed.buildingSpace
        return view
    }

    /// What was committed, as of one moment at which the space was live.
    private func statistics(of space: SpaceRecord?) throws -> WorkspaceStatistics {
        let statistics = try store.statistics()
        if let space, statistics.liveSpace?.id != space.id { throw SpaceMoved() }
        return statistics
    }

    /// Seals what is worth sealing and closes the files. Maintenance has been stopped.
    ///
    /// - Parameter rows: a tail of so many rows is sealed.
    func close(sealingAtLeast rows: Int) throws {
        let sealing = Result {
            if openedKeeper != nil { _ = try withLiveIndex { try $0.sealIfNeeded(atLeast: rows) } }
            if openedTextKeeper != nil { try withTexts { try $0.sealIfNeeded(atLeast: rows) } }
        }
        keeper.withLock { $0 = nil }
        textKeeper.withLock { $0 = nil }
        try store.close()
        try sealing.get()
    }
}
