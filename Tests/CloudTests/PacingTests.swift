import Cloud
import Testing

struct RetryPolicyTests {
    private let policy = RetryPolicy()
    private static let busy = CloudError.refused(status: 503, message: "busy")

    private func next(
        after error: CloudError, faults: Int = 1, throttles: Int = 0, misses: Int = 0, texts: Int = 10,
        giveUpAt: Duration = .seconds(1_000), jitter: Double = 1
    ) -> Duration? {
        var progress = RetryPolicy.Progress()
        (progress.faultCount, progress.throttleCount, progress.missCount) = (faults, throttles, misses)
        return policy.nextCall(
            after: error, progress, textCount: texts, now: .seconds(100), giveUpAt: giveUpAt, jitter: jitter)
    }

    @Test(arguments: [(1, 500), (2, 1_000), (3, 2_000), (4, 4_000), (5, 8_000)])
    func `the span of a wait doubles with every failure, and the wait is a random share of it`(
        faults: Int, milliseconds: Int
    ) {
        #expect(next(after: Self.busy, faults: faults) == .seconds(100) + .milliseconds(milliseconds))
        #expect(next(after: Self.busy, faults: faults, jitter: 0) == .seconds(100))
        #expect(
            next(after: Self.busy, faults: faults, jitter: 0.5)
                == .seconds(100) + .milliseconds(milliseconds) / 2)
    }

    @Test func `no span is longer than the longest`() {
        let throttled = CloudError.throttled(status: 429, message: "", retryAfter: nil)
        #expect(next(after: throttled, faults: 0, throttles: 40) == .seconds(130))
    }

    @Test func `what the provider says is a minimum, however short the wait would be`() {
        let error = CloudError.throttled(status: 429, message: "", retryAfter: .seconds(120))
        #expect(next(after: error, faults: 0, throttles: 1, jitter: 0) == .seconds(220))
        let moment = next(after: error, faults: 0, throttles: 9, jitter: 1)
        #expect(moment == .seconds(220) + .milliseconds(500))
    }

    @Test func `a wait that ends after all patience is not begun`() {
        let error = CloudError.throttled(status: 429, message: "", retryAfter: .seconds(120))
        #expect(next(after: error, faults: 0, throttles: 1, giveUpAt: .seconds(219), jitter: 0) == nil)
        #expect(next(after: Self.busy, giveUpAt: .seconds(100), jitter: 1) == nil)
    }

    @Test func `attempts end, those that were told to wait later than those that failed`() {
        #expect(next(after: Self.busy, faults: 5) != nil)
        #expect(next(after: Self.busy, faults: 6) == nil)
        let throttled = CloudError.throttled(status: 429, message: "", retryAfter: .seconds(1))
        #expect(next(after: throttled, faults: 0, throttles: 63) != nil)
        #expect(next(after: throttled, faults: 0, throttles: 64) == nil)
    }

    @Test func `a batch that misses two deadlines is not sent a third time, a single text is`() {
        let missed = CloudError.deadlineExceeded(milliseconds: 1)
        #expect(next(after: missed, faults: 1, misses: 1) != nil)
        #expect(next(after: missed, faults: 2, misses: 2) == nil)
        #expect(next(after: missed, faults: 2, misses: 2, texts: 1) != nil)
    }

    @Test(arguments: [400, 401, 402, 403, 404, 405, 410, 501])
    func `what is our own fault is not tried again`(status: Int) {
        #expect(next(after: .refused(status: status, message: "no")) == nil)
    }

    @Test(arguments: [408, 409, 425, 500, 502, 503, 504, 520, 529])
    func `what passes is`(status: Int) {
        #expect(next(after: .refused(status: status, message: "no")) != nil)
    }
}

struct AdaptiveConcurrencyTests {
    @Test func `a round that goes well allows one call more, up to the most`() {
        var concurrency = AdaptiveConcurrency(max: 6)
        #expect(concurrency.slots == 4)
        for _ in 0..<4 { concurrency.succeeded(inUse: 4) }
        #expect(concurrency.slots == 4)
        concurrency.succeeded(inUse: 4)
        #expect(concurrency.slots == 5)
        for _ in 0..<100 { concurrency.succeeded(inUse: 6) }
        #expect(concurrency.slots == 6)
    }

    @Test func `who does not use what is allowed is not allowed more`() {
        var concurrency = AdaptiveConcurrency(max: 16)
        for _ in 0..<100 { concurrency.succeeded(inUse: 2) }
        #expect(concurrency.slots == 4)
    }

    @Test func `too much halves it, once for all calls that were under way together, and never to nothing`() {
        var concurrency = AdaptiveConcurrency(max: 16)
        concurrency.congested(begunAt: .seconds(1), now: .seconds(2))
        concurrency.congested(begunAt: .seconds(1), now: .seconds(2))
        concurrency.congested(begunAt: .seconds(2), now: .seconds(3))
        #expect(concurrency.slots == 2)
        for second in 3..<20 {
            concurrency.congested(begunAt: .seconds(second + 1), now: .seconds(second + 1))
        }
        #expect(concurrency.slots == 1)
    }
}

struct CircuitBreakerTests {
    private static let busy = CloudError.refused(status: 500, message: "down")

    private func opened(at now: Duration = .zero) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failuresMax { breaker.failed(Self.busy, wasProbe: false, now: now) }
        return breaker
    }

    @Test func `it opens after so many failures in a row, and one answer among them keeps it closed`() {
        var breaker = CircuitBreaker()
        for _ in 1..<CircuitBreaker.failuresMax { breaker.failed(Self.busy, wasProbe: false, now: .zero) }
        #expect(breaker.verdict(now: .zero) == .go)
        breaker.answered()
        for _ in 1..<CircuitBreaker.failuresMax { breaker.failed(Self.busy, wasProbe: false, now: .zero) }
        #expect(breaker.verdict(now: .zero) == .go)
        breaker.failed(Self.busy, wasProbe: false, now: .zero)
        #expect(breaker.verdict(now: .zero) == .waitUntil(.seconds(5)))
    }

    @Test func `after the cool-down one call finds out, and the others wait for it`() {
        var breaker = opened()
        #expect(breaker.verdict(now: .seconds(4)) == .waitUntil(.seconds(5)))
        #expect(breaker.verdict(now: .seconds(5)) == .go)
        let findsOut = breaker.begin()
        #expect(findsOut && breaker.verdict(now: .seconds(5)) == .waitForProbe)
        breaker.answered()
        #expect(breaker.verdict(now: .seconds(5)) == .go)
        let mayFindOut = breaker.begin()
        #expect(!mayFindOut)
    }

    @Test func `each time it finds nobody it waits twice as long, up to the longest`() {
        var breaker = opened()
        var now = Duration.zero
        for seconds in [5, 10, 20, 40, 60, 60] {
            #expect(breaker.verdict(now: now) == .waitUntil(now + .seconds(seconds)))
            now += .seconds(seconds)
            let findsOut = breaker.begin()
            #expect(findsOut)
            breaker.failed(Self.busy, wasProbe: true, now: now)
        }
    }

    @Test func `failures of calls that began before it opened change nothing`() {
        var breaker = opened()
        breaker.failed(Self.busy, wasProbe: false, now: .seconds(3))
        #expect(breaker.verdict(now: .seconds(3)) == .waitUntil(.seconds(5)))
    }

    @Test func `a call that was to find out and is called off leaves that to the next`() {
        var breaker = opened()
        let first = breaker.begin()
        breaker.probeAbandoned(now: .seconds(6))
        #expect(breaker.verdict(now: .seconds(6)) == .go)
        let second = breaker.begin()
        #expect(first && second)
    }
}
