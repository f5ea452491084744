import Foundation

/// Puts cosines and BM25 on one scale from 0, of no use, to 1, surely of use: what a threshold can be set on.
struct RelevanceCalibration: Sendable, Hashable {
    /// Logistic weights: of the cosine, of BM25's share of what the words could give, and of neither.
    var similarityWeight: Double
    var keywordWeight: Double
    var bias: Double

    static let standard = RelevanceCalibration(similarityWeight: 1, keywordWeight: 1, bias: 0)

    /// - Parameter keywordShare: BM25 as a share of the greatest that the question's words can give.
    func relevance(similarity: Double?, keywordShare: Double?) -> Double {
        let sum = bias + similarityWeight * (similarity ?? 0) + keywordWeight * (keywordShare ?? 0)
        return 1 / (1 + exp(-sum))
    }
}
