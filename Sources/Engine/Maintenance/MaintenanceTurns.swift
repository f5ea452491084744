package import Store

/// When one workspace's maintenance has its turn: events in, "queue it now" out. A pure value.
///
/// A workspace stands in the queue once at the most and does one step a turn, so that every workspace gets its
/// turn. After a failure, of a disk that is full for example, it waits, and longer each time.
package struct MaintenanceTurns: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// A step was done; there may be more.
        case progressed
        case nothingToDo
        case failed
    }

    private var isQueued = false
    package private(set) var isStopped = false
    private var failureCount = 0
    private var retryAt = Timestamp(milliseconds: .min)

    package init() {}

    /// A minute after the first failure, an hour after many.
    private static let retryMilliseconds: ClosedRange<Int64> = 60_000...3_600_000

    /// Something may be to do.
    ///
    /// - Returns: true if a turn is to be queued.
    package mutating func want(at now: Timestamp) -> Bool {
        guard !isQueued, !isStopped, now >= retryAt else { return false }
        isQueued = true
        return true
    }

    /// The turn has come.
    ///
    /// - Returns: false if nothing is to be done any more.
    package mutating func begin() -> Bool {
        isQueued = false
        return !isStopped
    }

    /// - Returns: true if another turn is to be queued.
    package mutating func end(_ outcome: Outcome, at now: Timestamp) -> Bool {
        switch outcome {
        case .nothingToDo: return false
        case .progressed:
            failureCount = 0
            return want(at: now)
        case .failed:
            let bounds = Self.retryMilliseconds
            let pause = bounds.lowerBound << min(failureCount, 8)
            failureCount += 1
            retryAt = Timestamp(milliseconds: now.milliseconds + min(pause, bounds.upperBound))
            return false
        }
    }

    /// The workspace is being closed: no turn from now on, and whatever is being done stops.
    package mutating func stop() {
        isStopped = true
    }
}
