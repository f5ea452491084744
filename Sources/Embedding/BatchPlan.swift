/// Which texts go through the model together.
///
/// Texts are sorted by length and packed into batches of about equal token counts, so that every thread has
/// work and no batch outgrows its memory. Order and cut depend on the lengths only: the same call makes the
/// same batches.
package struct BatchPlan: Sendable, Equatable {
    /// Tokens of one batch at most, except that a text longer than this has a batch to itself. A batch takes
    /// about 16 kB a token, which is to stay in the second-level cache. MiniLM on one core (Zen 5, 2026-11-25), texts
    /// of 64 tokens: 37.2 k tokens/s in bytes in batches of 256, 34.8 k in batches of 1,024; 11.0 k and 10.8 k in
    /// Float32.
    package static let batchTokensMax = 256

    /// Below this a batch is not cut further to give another thread something to do.
    package static let batchTokensMin = 64

    /// Indices of the texts of each batch, longest texts first.
    package let batches: [[Int]]

    /// - Parameters:
    ///   - lengths: the token count of each text.
    ///   - threadCount: how many batches run at a time; at least 1.
    package init(lengths: [Int], threadCount: Int) {
        let share = (lengths.reduce(0, +) + threadCount - 1) / threadCount
        let budget = min(max(share, Self.batchTokensMin), Self.batchTokensMax)
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        var batches: [[Int]] = []
        var room = 0
        for text in order {
            if batches.isEmpty || lengths[text] > room {
                batches.append([])
                room = budget
            }
            batches[batches.count - 1].append(text)
            room -= lengths[text]
        }
        self.batches = batches
    }
}
