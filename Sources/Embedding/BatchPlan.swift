/// Which texts go through the model together.
///
/// Texts are sorted by length and packed into batches of about equal token counts, so that every thread has
/// work and no batch outgrows its memory. Order and cut depend on the lengths only: the same call makes the
/// same batches.
package struct BatchPlan: Sendable, Equatable {
    /// Tokens of one batch at most, except that a text longer than this has a batch to itself. A batch takes
    /// about 16 kB a token. MiniLM on one busy core (Zen 5, OpenBLAS, 2026-11-23) does 6.1 k tokens/s in
    /// batches of 200 tokens, 6.9 to 7.0 k from 400 to 2,000, and 6.5 k at 8,000, where the caches end.
    package static let batchTokensMax = 1_024

    /// Below this a batch is not cut further to give another thread something to do.
    package static let batchTokensMin = 256

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
