/// An allowance of calls or tokens as it goes by: what the last answer said, less what was used since.
package struct RateWindow: Sendable, Equatable {
    private var remaining: Double
    private let limit: Double?
    private let seenAt: Duration
    private let resetAt: Duration
    private let refillsSteadily: Bool

    /// A header is not believed for longer: the next answer says how it is by then.
    private static let holdMax = Duration.seconds(60)

    package init(_ allowance: RateLimitHeaders.Allowance, now: Duration) {
        remaining = allowance.remaining
        limit = allowance.limit
        seenAt = now
        resetAt = now + min(allowance.reset, Self.holdMax)
        refillsSteadily = allowance.refillsSteadily
    }

    /// When so much may be used; nil for at once.
    package func wait(for amount: Double, now: Duration) -> Duration? {
        guard now < resetAt else { return nil }
        // More than the whole allowance is never there: such a call goes when all of it is.
        let needed = min(amount, limit ?? amount)
        guard refillsSteadily, let limit, limit > remaining else {
            return remaining >= needed ? nil : resetAt
        }
        let perSecond = (limit - remaining) / ((resetAt - seenAt) / .seconds(1))
        guard remaining + perSecond * ((now - seenAt) / .seconds(1)) < needed else { return nil }
        return min(resetAt, seenAt + .seconds((needed - remaining) / perSecond))
    }

    package mutating func use(_ amount: Double) {
        remaining -= amount
    }
}
