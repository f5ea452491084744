/// Says how well passages answer a question, having read both together.
package protocol Reranker: Sendable {
    /// Its name, for whoever is told what decided an order.
    var model: String { get }

    /// One score for each passage, in order; higher is better, on a scale of the model's own.
    ///
    /// - Parameter passages: up to `RerankerLimits.passagesMax`; of none there are no scores.
    /// - Throws: its own errors; `CancellationError` when the calling task was cancelled.
    func scores(of passages: [String], for query: String) async throws -> [Double]
}

/// What any reranker is asked at most.
package enum RerankerLimits {
    /// Passages of one call: somebody waits, and a cross-encoder takes some hundredths of a second for each.
    package static let passagesMax = 200
}
