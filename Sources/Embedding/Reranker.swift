/// Says how well passages answer a question, having read both together.
package protocol Reranker: Sendable {
    /// Its name, for whoever is told what decided an order.
    var model: String { get }

    /// One score for each passage, in order; higher is better, on a scale of the model's own.
    ///
    /// - Throws: its own errors; `CancellationError` when the calling task was cancelled.
    func scores(of passages: [String], for query: String) async throws -> [Double]
}
