import Embedding

/// When calls of one provider may begin: how many at once, not before when, and whether at all. Pure; events in,
/// verdicts out.
struct CallGovernor {
    enum Verdict: Equatable {
        case go(wasProbe: Bool)

        /// Ask again at this moment.
        case waitUntil(Duration)

        /// Ask again when another call has ended.
        case waitForOthers
        case refuse(CircuitReport)
    }

    /// What a call tells that has ended.
    enum Outcome {
        /// Its vectors, or what is wrong with the request.
        case answered
        case throttled
        case failed(CloudError)

        /// Called off, or not made after all.
        case abandoned
    }

    /// A call that may be made, or was.
    struct Pass {
        let role: EmbeddingRole
        let begunAt: Duration
        let wasProbe: Bool
    }

    private(set) var concurrency: AdaptiveConcurrency
    private(set) var breaker = CircuitBreaker()
    private(set) var callCount = 0
    private var requests: RateWindow?
    private var tokens: RateWindow?
    private var heldUntil = Duration.zero
    private let deadline: Duration

    init(concurrencyMax: Int, deadline: Duration) {
        concurrency = AdaptiveConcurrency(max: concurrencyMax)
        self.deadline = deadline
    }

    /// Whether a call may begin.
    ///
    /// Passages wait while the circuit is open, as long as their patience lasts from the moment it opened: then all
    /// are refused until the provider is found well, so that an ingest of a thousand documents does not wait a
    /// thousand times. Questions do not wait for it, and have a place beside the ingest's.
    ///
    /// - Parameters:
    ///   - ahead: calls that wait and come first.
    ///   - patience: how long this call waits for an open circuit; nil for not at all.
    mutating func verdict(
        tokens count: Int, as role: EmbeddingRole, ahead: Int, patience: Duration?, now: Duration
    ) -> Verdict {
        let circuit = breaker.verdict(now: now)
        if circuit != .go, let report = refusal(patience: patience, circuit, now: now) {
            return .refuse(report)
        }
        if case .waitUntil(let moment) = circuit { return .waitUntil(moment) }
        guard circuit == .go, callCount + ahead < concurrency.slots + (role == .query ? 1 : 0) else {
            return .waitForOthers
        }
        let moments = [
            heldUntil > now ? heldUntil : nil, requests?.wait(for: 1, now: now),
            tokens?.wait(for: Double(count), now: now),
        ].compactMap { $0 }
        if let latest = moments.max() { return .waitUntil(latest) }
        requests?.use(1)
        tokens?.use(Double(count))
        callCount += 1
        return .go(wasProbe: breaker.begin())
    }

    private func refusal(
        patience: Duration?, _ circuit: CircuitBreaker.Verdict, now: Duration
    ) -> CircuitReport? {
        let report = report(now: now)
        guard let patience, let outage = outage, outage.lastFailure.isRetriable else { return report }
        let next = if case .waitUntil(let moment) = circuit { moment } else { now }
        return next - outage.since <= patience ? nil : report
    }

    private var outage: CircuitBreaker.Outage? {
        switch breaker.state {
        case .closed: nil
        case .open(let outage, _), .halfOpen(let outage): outage
        }
    }

    /// The call has ended.
    ///
    /// - Parameter headers: of its answer, if there was one.
    mutating func ended(_ pass: Pass, _ outcome: Outcome, _ headers: RateLimitHeaders?, now: Duration) {
        let inUse = callCount
        callCount -= 1
        if let headers { learn(headers, now: now) }
        switch outcome {
        case .answered:
            breaker.answered()
            if (now - pass.begunAt) / deadline > AdaptiveConcurrency.slowShare {
                concurrency.congested(begunAt: pass.begunAt, now: now, keeping: 0.9)
            } else {
                concurrency.succeeded(inUse: inUse)
            }
        case .throttled:
            if pass.wasProbe { breaker.answered() }
            concurrency.congested(begunAt: pass.begunAt, now: now)
        case .failed(let error):
            breaker.failed(error, wasProbe: pass.wasProbe, now: now)
            if case .deadlineExceeded = error { concurrency.congested(begunAt: pass.begunAt, now: now) }
        case .abandoned:
            if pass.wasProbe { breaker.probeAbandoned(now: now) }
        }
    }

    private mutating func learn(_ headers: RateLimitHeaders, now: Duration) {
        if let allowance = headers.requests { requests = RateWindow(allowance, now: now) }
        if let allowance = headers.tokens { tokens = RateWindow(allowance, now: now) }
        // It is told to one call, and meant for all that show the same key.
        if let retryAfter = headers.retryAfter { heldUntil = max(heldUntil, now + retryAfter) }
    }

    /// Nothing that is asked will be answered, for a reason that waiting does not mend.
    mutating func trip(_ error: CloudError, now: Duration) {
        breaker.open(error, now: now)
    }

    func report(now: Duration) -> CircuitReport {
        switch breaker.state {
        case .closed(let count):
            CircuitReport(
                phase: .closed, failureCount: count, openFor: .zero, nextTryIn: .zero, lastFailure: nil)
        case .open(let outage, let until):
            CircuitReport(
                phase: .open, failureCount: outage.failureCount, openFor: now - outage.since,
                nextTryIn: max(.zero, until - now), lastFailure: outage.lastFailure)
        case .halfOpen(let outage):
            CircuitReport(
                phase: .halfOpen, failureCount: outage.failureCount, openFor: now - outage.since,
                nextTryIn: .zero, lastFailure: outage.lastFailure)
        }
    }
}

/// How the circuit to a provider stands.
package struct CircuitReport: Sendable, Equatable {
    package enum Phase: String, Sendable {
        /// Calls are made.
        case closed

        /// None is made before `nextTryIn` is over.
        case open

        /// One call finds out whether the provider is well again.
        case halfOpen = "half-open"
    }

    package var phase: Phase

    /// Calls in a row that failed.
    package var failureCount: Int

    /// Since it opened.
    package var openFor: Duration
    package var nextTryIn: Duration
    package var lastFailure: CloudError?
}
