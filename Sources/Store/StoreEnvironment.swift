import Foundation

/// A moment, in whole milliseconds since 1970-01-01 UTC.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

/// What the Store takes from the world besides files: the time and randomness, and whoever watches its steps.
package struct StoreEnvironment: Sendable {
    package let now: @Sendable () -> Timestamp

    /// Told of every failpoint that is passed, on the thread that passes it: for tests that look at what is on the
    /// disk there, or end the process.
    package let reached: @Sendable (Failpoint) -> Void

    /// As many unpredictable bytes as asked for.
    package let randomBytes: @Sendable (_ count: Int) -> [UInt8]

    package init(
        now: @escaping @Sendable () -> Timestamp, randomBytes: @escaping @Sendable (_ count: Int) -> [UInt8],
        reached: @escaping @Sendable (Failpoint) -> Void = { _ in }
    ) {
        self.now = now
        self.randomBytes = randomBytes
        self.reached = reached
    }

    /// The same world, watched.
    package func watched(by reached: @escaping @Sendable (Failpoint) -> Void) -> StoreEnvironment {
        StoreEnvironment(now: now, randomBytes: randomBytes, reached: reached)
    }

    /// The machine's wall clock and its random source.
    package static let system = StoreEnvironment(
        now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
        randomBytes: { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        })
}
