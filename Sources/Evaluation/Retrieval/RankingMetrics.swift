import Foundation

/// Relevance judgements of one query: document id to grade. Grade 0 and absence both mean "not relevant".
public typealias Judgements = [String: Int]

/// Measures of one ranking against one query's judgements.
///
/// Definitions are those of `trec_eval` (NIST), which BEIR's figures use: gain is the grade itself, not
/// `2^grade − 1`.
public enum RankingMetrics {
    /// Normalised discounted cumulative gain of the first `k` results.
    ///
    /// `Σ grade(i) / log2(i + 1)` over ranks `i = 1…k`, divided by the same sum over the ideal order
    /// (Järvelin and Kekäläinen 2002). 0 where nothing is relevant.
    public static func normalizedGain(of ranking: [String], judged: Judgements, at k: Int) -> Double {
        let ideal = judged.values.filter { $0 > 0 }.sorted(by: >)
        let best = discountedGain(ideal.prefix(k))
        guard best > 0 else { return 0 }
        return discountedGain(ranking.prefix(k).map { max(judged[$0] ?? 0, 0) }[...]) / best
    }

    /// The share of the relevant documents that stand among the first `k`. 0 where nothing is relevant.
    public static func recall(of ranking: [String], judged: Judgements, at k: Int) -> Double {
        let relevantCount = judged.values.count { $0 > 0 }
        guard relevantCount > 0 else { return 0 }
        let found = Set(ranking.prefix(k)).count { (judged[$0] ?? 0) > 0 }
        return Double(found) / Double(relevantCount)
    }

    /// One over the rank of the first relevant document among the first `k`; 0 if there is none.
    public static func reciprocalRank(of ranking: [String], judged: Judgements, at k: Int) -> Double {
        guard let index = ranking.prefix(k).firstIndex(where: { (judged[$0] ?? 0) > 0 }) else { return 0 }
        return 1 / Double(index + 1)
    }

    private static func discountedGain(_ grades: ArraySlice<Int>) -> Double {
        zip(1..., grades).reduce(0) { sum, entry in sum + Double(entry.1) / log2(Double(entry.0 + 1)) }
    }
}
