/// What a ranking is measured by.
public enum QualityMeasure: String, CaseIterable, Sendable, Codable {
    case normalizedGainAt10 = "ndcg@10"
    case recallAt10 = "recall@10"
    case recallAt100 = "recall@100"
    case reciprocalRankAt10 = "mrr@10"

    /// As tables write it.
    public var title: String {
        switch self {
        case .normalizedGainAt10: "nDCG@10"
        case .reciprocalRankAt10: "MRR@10"
        case .recallAt10, .recallAt100: rawValue
        }
    }

    /// Documents of a ranking that any measure looks at.
    public static let depthMax = 100

    /// - Parameter ranking: document ids, best first, no document twice.
    public func value(of ranking: [String], judged: Judgements) -> Double {
        switch self {
        case .normalizedGainAt10: RankingMetrics.normalizedGain(of: ranking, judged: judged, at: 10)
        case .recallAt10: RankingMetrics.recall(of: ranking, judged: judged, at: 10)
        case .recallAt100: RankingMetrics.recall(of: ranking, judged: judged, at: 100)
        case .reciprocalRankAt10: RankingMetrics.reciprocalRank(of: ranking, judged: judged, at: 10)
        }
    }
}

/// The measures of a run, query by query: every judged query counts once, one without an answer counts as 0.
public struct RunQuality: Sendable, Equatable {
    /// The queries that have a relevant document, in the order of their ids: two runs with the same judgements have
    /// the same.
    public let queryIDs: [String]

    private let values: [QualityMeasure: [Double]]

    /// - Parameters:
    ///   - run: query id to ranked document ids, best first, no document twice.
    ///   - judgements: query id to judgements; queries without a relevant document are left out.
    public init(run: [String: [String]], judgements: [String: Judgements]) {
        let judged = judgements.filter { $0.value.values.contains { $0 > 0 } }.sorted { $0.key < $1.key }
        queryIDs = judged.map(\.key)
        var values: [QualityMeasure: [Double]] = [:]
        for measure in QualityMeasure.allCases {
            values[measure] = judged.map { measure.value(of: run[$0.key] ?? [], judged: $0.value) }
        }
        self.values = values
    }

    /// One value for each of `queryIDs`, 0 to 1.
    public func values(of measure: QualityMeasure) -> [Double] { values[measure] ?? [] }

    /// 0 if no query is judged.
    public func mean(of measure: QualityMeasure) -> Double {
        let values = values(of: measure)
        // Summed in a fixed order, so that the same run gives the same digits.
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
