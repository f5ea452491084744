/// Whether a provider is asked at all. Pure.
///
/// Closed: it is asked. After `failuresMax` calls in a row that failed it opens, and nothing is asked until the
/// cool-down is over. Half-open: one call asks whether it is well again; if it is, all may, if not, the cool-down
/// is twice as long. Being told to come back later (429) is no failure: the provider is well.
package struct CircuitBreaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case closed(failureCount: Int)
        case open(Outage, until: Duration)

        /// One call is under way to find out.
        case halfOpen(Outage)
    }

    package struct Outage: Sendable, Equatable {
        /// Of the failure that opened it.
        package var since: Duration
        package var failureCount: Int
        package var coolDown: Duration
        package var lastFailure: CloudError
    }

    /// Whether a call may begin now.
    package enum Verdict: Sendable, Equatable {
        case go
        case waitUntil(Duration)
        case waitForProbe
    }

    /// In a row. Ten are no accident, and few enough to spare a provider that is down.
    package static let failuresMax = 10
    static let coolDownFirst = Duration.seconds(5)
    static let coolDownMax = Duration.seconds(60)

    package private(set) var state = State.closed(failureCount: 0)

    package init() {}

    package func verdict(now: Duration) -> Verdict {
        switch state {
        case .closed: .go
        case .open(_, let until): now < until ? .waitUntil(until) : .go
        case .halfOpen: .waitForProbe
        }
    }

    /// A call begins that `verdict` allowed.
    ///
    /// - Returns: whether it is the one that finds out.
    package mutating func begin() -> Bool {
        guard case .open(let outage, _) = state else { return false }
        state = .halfOpen(outage)
        return true
    }

    /// The provider answered: well, or that something about the question is wrong, or that it is too early.
    package mutating func answered() {
        state = .closed(failureCount: 0)
    }

    package mutating func failed(_ error: CloudError, wasProbe: Bool, now: Duration) {
        switch state {
        case .closed(let count):
            guard count + 1 >= Self.failuresMax else {
                state = .closed(failureCount: count + 1)
                return
            }
            open(error, failureCount: count + 1, now: now)
        case .halfOpen(var outage) where wasProbe:
            outage.failureCount += 1
            outage.coolDown = min(Self.coolDownMax, outage.coolDown * 2)
            outage.lastFailure = error
            state = .open(outage, until: now + outage.coolDown)
        case .open, .halfOpen:
            // Of a call that began before.
            break
        }
    }

    /// The call that was to find out ended without an answer to that: it was called off. The next finds out.
    package mutating func probeAbandoned(now: Duration) {
        guard case .halfOpen(let outage) = state else { return }
        state = .open(outage, until: now)
    }

    /// Opens at once: what failed once will fail always.
    package mutating func open(_ error: CloudError, failureCount: Int = 1, now: Duration) {
        state = .open(
            Outage(
                since: now, failureCount: failureCount, coolDown: Self.coolDownFirst, lastFailure: error),
            until: now + Self.coolDownFirst)
    }
}
