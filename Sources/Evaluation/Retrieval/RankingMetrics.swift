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

/// The mean measures of a run: every judged query counts once, one without an answer counts as 0.
public struct RunQuality: Sendable, Equatable, Codable {
    public var normalizedGainAt10: Double
    public var recallAt10: Double
    public var recallAt100: Double
    public var reciprocalRankAt10: Double
    public var queryCount: Int

    enum CodingKeys: String, CodingKey {
        case normalizedGainAt10 = "ndcg@10"
        case recallAt10 = "recall@10"
        case recallAt100 = "recall@100"
        case reciprocalRankAt10 = "mrr@10"
        case queryCount = "queries"
    }

    /// - Parameters:
    ///   - run: query id to ranked document ids, best first, no document twice.
    ///   - judgements: query id to judgements; queries without a relevant document are left out of the means.
    public init(run: [String: [String]], judgements: [String: Judgements]) {
        let judged = judgements.filter { $0.value.values.contains { $0 > 0 } }
        func mean(_ measure: ([String], Judgements) -> Double) -> Double {
            guard !judged.isEmpty else { return 0 }
            // Summed in a fixed order, so that the same run gives the same digits.
            let sum = judged.keys.sorted().reduce(0.0) { sum, query in
                sum + measure(run[query] ?? [], judged[query] ?? [:])
            }
            return sum / Double(judged.count)
        }
        normalizedGainAt10 = mean { RankingMetrics.normalizedGain(of: $0, judged: $1, at: 10) }
        recallAt10 = mean { RankingMetrics.recall(of: $0, judged: $1, at: 10) }
        recallAt100 = mean { RankingMetrics.recall(of: $0, judged: $1, at: 100) }
        reciprocalRankAt10 = mean { RankingMetrics.reciprocalRank(of: $0, judged: $1, at: 10) }
        queryCount = judged.count
    }
}
