/// How many calls may be under way at once: one more for every round that goes well, half as many where the
/// provider says that it is too much. Pure.
///
/// Additive increase, multiplicative decrease (D.-M. Chiu, R. Jain, 1989), as TCP has it.
package struct AdaptiveConcurrency: Sendable, Equatable {
    let max: Int
    private(set) var limit: Double
    private var lastCut = Duration.zero - .seconds(1)

    /// Where to begin: enough for a provider that is well, no storm for one that is not.
    static let start = 4.0

    /// An answer that takes this share of the deadline is taken for a sign that calls wait there for each other.
    static let slowShare = 0.5

    package init(max: Int) {
        self.max = max
        limit = min(Double(max), Self.start)
    }

    package var slots: Int { Swift.max(1, Int(limit)) }

    /// A call went well. `inUse` are the calls under way with it: who does not use what there is needs no more.
    package mutating func succeeded(inUse: Int) {
        guard inUse >= slots else { return }
        limit = min(Double(max), limit + 1 / limit)
    }

    /// Too much: of a provider that says so, or does not keep up.
    ///
    /// - Parameter begunAt: when the call began. Calls that began before the last cut tell of the time before it.
    package mutating func congested(begunAt: Duration, now: Duration, keeping share: Double = 0.5) {
        guard begunAt > lastCut else { return }
        limit = Swift.max(1, limit * share)
        lastCut = now
    }
}
