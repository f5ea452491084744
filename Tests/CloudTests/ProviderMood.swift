import Cloud
import Foundation
import Synchronization
import TestSupport

/// How the provider misbehaves: storms of 429 first and again later, and something every third time.
final class ProviderMood: Sendable {
    private let generator: Mutex<SplitMix64>
    private let time: VirtualTime
    private let key: String
    private let isWell = Mutex(false)

    /// A fifth of the calls fail: that it is six in a row happens in one run of fifty, twelve in none.
    static var policy: RetryPolicy {
        var policy = RetryPolicy()
        policy.faultsMax = 12
        return policy
    }

    /// In the text that is never embedded.
    static let poison = "POISON"

    /// - Parameter key: what the provider repeats in its messages.
    init(seed: UInt64, time: VirtualTime, key: String) {
        generator = Mutex(SplitMix64(seed: seed))
        self.time = time
        self.key = key
    }

    /// From now on everything is answered as it should be.
    func recover() {
        isWell.withLock { $0 = true }
    }

    func fault(for entry: EmbeddingProvider.Entry) -> EmbeddingProvider.Fault? {
        if isWell.withLock({ $0 }) { return nil }
        // It echoes the key, as some do.
        if entry.texts.contains(where: { $0.contains(Self.poison) }) {
            return .status(400, message: "bad input, key \(key)")
        }
        if (10..<30).contains(entry.number) { return .status(429, retryAfter: "20") }
        if (60..<75).contains(entry.number) { return .status(429) }
        if (110..<120).contains(entry.number) {
            // Thirty seconds from now, as a date.
            let date = Date(timeIntervalSince1970: entry.time / .seconds(1) + 30)
            return .status(429, retryAfter: Self.text(date))
        }
        return generator.withLock { generator in
            switch UInt32.random(in: 0..<30, using: &generator) {
            case 0: .status(500)
            case 1: .reset
            case 2:
                stalled(entry)
            case 3: .truncated
            case 4: .wrongOrder
            case 5: .wrongDimension
            case 6: .notANumber
            case 7: .null
            case 8: .errorUnder200
            case 9: .status(429, retryAfter: "3")
            default: nil
            }
        }
    }

    private func stalled(_ entry: EmbeddingProvider.Entry) -> EmbeddingProvider.Fault {
        if let id = entry.headers[VirtualTransport.callHeader].flatMap({ Int($0) }) { time.stall(id) }
        return .stall
    }

    /// `Thu, 01 Jan 1970 00:00:30 GMT`
    private static func text(_ date: Date) -> String {
        let second = Int(date.timeIntervalSince1970)
        let clock = [second / 3_600 % 24, second / 60 % 60, second % 60]
        let digits = clock.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        let day = second / 86_400 + 1
        return "Thu, \(day < 10 ? "0\(day)" : "\(day)") Jan 1970 \(digits) GMT"
    }
}
