/// Whether a call that failed is made again, and when. Pure.
///
/// The wait is a random share of a span that doubles with every failure: "full jitter" (M. Brooker, Exponential
/// Backoff And Jitter, AWS Architecture Blog, 2015), which spreads those who failed together. What a provider
/// says in `Retry-After` is a minimum, however long; where it ends after all patience, nobody waits for it.
package struct RetryPolicy: Sendable {
    /// The first span.
    package var waitFirst = Duration.milliseconds(500)

    /// No span is longer.
    package var waitMax = Duration.seconds(30)

    /// Calls of one batch that may fail: by no answer, a wrong one, or a fault of the provider.
    package var faultsMax = 6

    /// Times that a batch may be told to come back later. The provider is well and says when, so that it is time
    /// which ends this; the number is for one that says so for ever.
    package var throttlesMax = 64

    /// Deadlines that a batch of several texts may miss: then it is taken for too large.
    package var missesMax = 2

    package init() {}

    /// How a batch has fared so far.
    package struct Progress: Sendable {
        package var faultCount = 0
        package var throttleCount = 0

        /// Of the faults, deadlines missed.
        package var missCount = 0

        package init() {}

        /// Calls that failed.
        package var failureCount: Int { faultCount + throttleCount }

        package mutating func count(_ error: CloudError) {
            if error.isThrottle { throttleCount += 1 } else { faultCount += 1 }
            if error.isDeadlineMissed { missCount += 1 }
        }
    }

    /// When to call again, after the failures of `progress`; nil for never.
    ///
    /// - Parameters:
    ///   - textCount: texts of the batch.
    ///   - jitter: a random number, 0 to 1.
    ///   - giveUpAt: the end of all patience.
    package func nextCall(
        after error: CloudError, _ progress: Progress, textCount: Int, now: Duration, giveUpAt: Duration,
        jitter: Double
    ) -> Duration? {
        guard error.isRetriable, progress.faultCount < faultsMax, progress.throttleCount < throttlesMax,
            textCount == 1 || progress.missCount < missesMax
        else { return nil }
        let doublings = min(max(progress.failureCount - 1, 0), 20)
        let span = min(waitMax, waitFirst * (1 << doublings))
        let wait = span * min(max(jitter, 0), 1)
        // All who were told the same moment do not come back in the same moment.
        let moment = error.retryAfter.map { now + $0 + min(wait, waitFirst) } ?? now + wait
        return moment <= giveUpAt ? moment : nil
    }
}
