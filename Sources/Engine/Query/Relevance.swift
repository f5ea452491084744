import Foundation

/// Puts a cosine and BM25 on one scale from 0, of no use, to 1, surely of use: what a threshold can be set on.
///
/// Logistic regression of whether a passage is judged relevant on the sum of the cosine (of the reference model) and
/// the share that its BM25 is of what the question's words can give, fitted on SciFact's training questions and on
/// headings of technical documents (2026-11), against near misses and passages of other sets. Held out: keys pressed at
/// random stay below 0.26, and of the best passages that are right 96 to 100 in 100 are above 0.35. It orders and
/// rejects, and is no probability: words of the workspace in no order are as good as a question to it.
enum Relevance {
    private static let bias = -2.614
    private static let weight = 3.471

    /// Of the cosine alone, where words are not looked at; and of the share alone.
    private static let vectorBias = -2.55
    private static let vectorWeight = 6.06
    private static let keywordBias = -1.42
    private static let keywordWeight = 4.29

    /// - Parameter decidedByWords: the cosine says nothing of this question.
    static func of(_ candidate: Candidate, on scale: ScoreScale, decidedByWords: Bool) -> Double {
        let cosine = decidedByWords ? nil : candidate.similarity.map(scale.referred)
        let share = candidate.keywordScore.map(scale.share)
        return switch (cosine, share) {
        case (let cosine?, nil): logistic(vectorBias + vectorWeight * cosine)
        case (let cosine?, let share?): logistic(bias + weight * (cosine + share))
        case (nil, let share?): logistic(keywordBias + keywordWeight * share)
        case (nil, nil): 0
        }
    }

    private static func logistic(_ sum: Double) -> Double { 1 / (1 + exp(-sum)) }
}
