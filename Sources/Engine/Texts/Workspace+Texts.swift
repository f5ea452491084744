import Kernels
import Store
import Synchronization
import TextIndex
import VectorIndex

extension Workspace {
    /// Damage and replacement met more often than this in one call are no accident.
    private static let textAttemptsMax = 64

    /// Lends the index of the workspace's words; opened on the first call, and anew where another process changed the
    /// manifest or something is found damaged. Blocks; run it on the pool.
    func withTexts<Success>(_ body: (TextKeeper) throws -> Success) throws -> Success {
        for _ in 1..<Self.textAttemptsMax {
            var used: TextKeeper?
            do {
                let keeper = try openTextKeeper()
                used = keeper
                do {
                    return try body(keeper)
                } catch let error as TextIndexError {
                    guard let number = error.damagedSegment else { throw error }
                    try keeper.rewrite(number)
                }
            } catch is PostingsMoved {
                giveUpTexts(used)
            }
        }
        return try body(openTextKeeper())
    }

    private func openTextKeeper() throws -> TextKeeper {
        try textKeeper.withLock { keeper in
            if let keeper { return keeper }
            let opened = try TextKeeper(store: store, configuration: configuration)
            try opened.follow()
            store.releaseMemory()
            keeper = opened
            return opened
        }
    }

    /// The keeper, if the workspace's words have been searched or written to.
    var openedTextKeeper: TextKeeper? { textKeeper.withLock { $0 } }

    private func giveUpTexts(_ used: TextKeeper?) {
        textKeeper.withLock { if $0 === used { $0 = nil } }
    }

    /// Opens the index anew from what is live now, and only then puts it in the place of the one there is: searches do
    /// not wait for it.
    private func reopenTexts() throws {
        let opened = try TextKeeper(store: store, configuration: configuration)
        try opened.follow()
        textKeeper.withLock { $0 = opened }
    }

    /// Writes the segments of words anew from the Store.
    func rebuildTexts() throws {
        _ = try withTexts { try $0.rebuild() }
        try reopenTexts()
    }

    /// Brings the index of words to the end of the log, and seals what is to be sealed; where nothing was ever
    /// committed there is none.
    ///
    /// - Parameter rows: a tail of so many is sealed as well.
    func followTexts(sealingAtLeast rows: Int? = nil) throws {
        guard try store.space(.live) != nil else { return }
        try withTexts { keeper in
            try keeper.follow()
            try keeper.sealIfNeeded(atLeast: rows)
        }
    }

    /// Whether maintenance has something to do for the words.
    var isTextMaintenanceWanted: Bool {
        guard let keeper = openedTextKeeper else { return false }
        if !keeper.nextCompaction.isEmpty { return true }
        return (try? keeper.isOutdated()) ?? true
    }

    /// Does one step for the words. On the maintenance lane.
    ///
    /// - Returns: false if there was nothing to do.
    func maintainTexts(
        reporting: (MaintenanceEvent.Work, ((MaintenanceEvent.Moment) -> Void) throws -> Void) throws -> Void
    ) throws -> Bool {
        guard let keeper = openedTextKeeper else { return false }
        if try keeper.isOutdated() {
            try reporting(.refresh) { _ in try reopenTexts() }
            return true
        }
        guard !keeper.nextCompaction.isEmpty else { return false }
        try reporting(.compaction) { report in
            try withTexts { keeper in
                let segments = keeper.nextCompaction
                guard !segments.isEmpty else { return }
                try keeper.compact(segments, mayGoOn: { self.mayGoOn }, report: report)
            }
        }
        return true
    }
}
