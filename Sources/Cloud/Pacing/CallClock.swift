package import Foundation

/// Time, as far as calls of other machines need it. Passed in, so that a test decides how it goes by.
package protocol CallClock: Sendable {
    /// Time since some fixed moment. Never goes back.
    var now: Duration { get }

    /// What the calendar says: only to understand a date that a provider sends.
    var date: Date { get }

    /// Returns at `moment`, or at once if that has passed.
    ///
    /// - Throws: `CancellationError`.
    func wait(until moment: Duration) async throws
}

/// The machine's own clocks.
package struct SystemCallClock: CallClock {
    private let start = ContinuousClock.now

    package init() {}

    package var now: Duration { ContinuousClock.now - start }
    package var date: Date { Date() }

    package func wait(until moment: Duration) async throws {
        try await Task.sleep(until: start + moment, clock: .continuous)
    }
}
