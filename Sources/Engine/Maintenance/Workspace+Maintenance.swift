import Kernels
import Store
import Synchronization
import TextIndex
import VectorIndex

extension Workspace {
    /// Files of writers that began a day ago are nobody's: no compaction takes so long.
    private static let abandonedMilliseconds: Int64 = 24 * 3_600_000

    /// More steps than any workspace needs after one another.
    private static let stepsMax = 256

    /// Lets the next step be done when its turn comes, if there is one to do. Returns at once.
    func maintainSoon(on pool: ComputePool) {
        guard isMaintenanceWanted, turns.withLock({ $0.want(at: environment.now()) }) else { return }
        pool.start(in: .maintenance) { self.takeTurn(on: pool) }
    }

    private var isMaintenanceWanted: Bool {
        if isTextMaintenanceWanted { return true }
        guard let keeper = openedKeeper else { return false }
        if keeper.nextStep != .nothing || isMeasurementDue || isCollectionDue { return true }
        // What cannot be told is found out by the turn.
        return (try? keeper.isOutdated()) ?? true
    }

    private func takeTurn(on pool: ComputePool) {
        guard turns.withLock({ $0.begin() }) else { return }
        let outcome = turn()
        if turns.withLock({ $0.end(outcome, at: environment.now()) }) {
            pool.start(in: .maintenance) { self.takeTurn(on: pool) }
        }
    }

    private func turn() -> MaintenanceTurns.Outcome {
        do {
            return try maintainOnce() ? .progressed : .nothingToDo
        } catch is ManifestMoved {
            return .progressed
        } catch is PostingsMoved {
            return .progressed
        } catch is SpaceMoved {
            return .progressed
        } catch VectorIndexError.compactionStopped {
            return .nothingToDo
        } catch TextIndexError.compactionStopped {
            return .nothingToDo
        } catch {
            return .failed
        }
    }

    /// Seals the tail if it has so many rows, and does every step there is to do. On the maintenance lane.
    func settle(sealingAtLeast rows: Int) throws {
        _ = try withLiveIndex { keeper in
            try keeper.follow()
            try keeper.sealIfNeeded(atLeast: rows)
        }
        try followTexts(sealingAtLeast: rows)
        for _ in 0..<Self.stepsMax {
            do {
                guard try maintainOnce() else { return }
            } catch is ManifestMoved {
                continue
            } catch is PostingsMoved {
                continue
            } catch is SpaceMoved {
                continue
            }
        }
    }

    /// Does one step. On the maintenance lane, so that there are never two at once.
    ///
    /// - Returns: false if there was nothing to do.
    private func maintainOnce() throws -> Bool {
        guard mayGoOn, let space = try store.space(.live) else { return false }
        if isMeasurementDue {
            try reported(.recallMeasurement) { _ in try measureRecall() }
            return true
        }
        guard let keeper = openedKeeper, keeper.space.id == space.id else {
            // Nobody has searched or ingested in this space: opening is what tells whether there is something to do.
            try withIndex(of: space) { _ in }
            return true
        }
        if try keeper.isOutdated() {
            try reported(.refresh) { _ in try reopenIndex(of: space) }
            return true
        }
        return try withIndex(of: space) { keeper in try maintain(keeper) }
    }

    private func maintain(_ keeper: IndexKeeper) throws -> Bool {
        // During a long ingest both have always something to do. A step of the words takes a second, one of the vectors
        // minutes: who waits for the short one waits little.
        if try maintainTexts(reporting: reported) { return true }
        let step = keeper.nextStep
        switch step {
        case .nothing:
            try keeper.forgetUnusedQuantizers()
            let now = environment.now().milliseconds
            try keeper.sweep(before: Timestamp(milliseconds: now - Self.abandonedMilliseconds))
            guard isCollectionDue else { return false }
            return try reportedCollection()
        case .train, .compact, .rewrite:
            try reported(step == .train ? .training : .compaction) { report in
                try keeper.perform(step, mayGoOn: { mayGoOn }, report: report)
            }
            return true
        }
    }

    private func reportedCollection() throws -> Bool {
        var isThereMore = false
        try reported(.garbageCollection) { _ in isThereMore = try collectDueGarbage() }
        return isThereMore
    }

    /// False once the workspace is being closed.
    var mayGoOn: Bool { turns.withLock { !$0.isStopped } }

    /// No step is begun from now on, and the one that is being done stops.
    func stopMaintenance() {
        turns.withLock { $0.stop() }
    }

    private func reported(
        _ work: MaintenanceEvent.Work, _ body: ((MaintenanceEvent.Moment) -> Void) throws -> Void
    ) throws {
        func report(_ moment: MaintenanceEvent.Moment) {
            configuration.onMaintenance(MaintenanceEvent(workspace: name, work: work, moment: moment))
        }
        let clock = ContinuousClock()
        let start = clock.now
        report(.begun)
        // Large arrays came and went.
        defer { if work == .training || work == .compaction { HeapPages.giveBack() } }
        do {
            try body(report)
            report(.ended(clock.now - start))
        } catch {
            report(Self.end(with: error))
            throw error
        }
    }

    private static func end(with error: any Error) -> MaintenanceEvent.Moment {
        switch error {
        case is ManifestMoved, is PostingsMoved, is SpaceMoved, VectorIndexError.compactionStopped,
            TextIndexError.compactionStopped:
            .dropped
        default: .failed(FaultDetail(EngineError(translating: error)))
        }
    }
}
