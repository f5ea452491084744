import Evaluation
import Testing

struct RankingMetricsTests {
    @Test func `the ideal order has a normalised gain of one`() {
        let judged = ["a": 3, "b": 2, "c": 1, "d": 0]
        #expect(RankingMetrics.normalizedGain(of: ["a", "b", "c", "d"], judged: judged, at: 10) == 1)
    }

    @Test func `gain is linear in the grade and discounted by the logarithm of the rank`() {
        // By hand: (1/log2(2) + 3/log2(4)) / (3/log2(2) + 1/log2(3)) = (1 + 1.5) / (3 + 0.6309297535714575)
        let gain = RankingMetrics.normalizedGain(of: ["b", "x", "a"], judged: ["a": 3, "b": 1], at: 10)
        #expect(abs(gain - 2.5 / 3.6309297535714575) < 1e-12)
    }

    @Test func `results past k count for nothing`() {
        let ranking = ["x", "y", "a"]
        #expect(RankingMetrics.normalizedGain(of: ranking, judged: ["a": 1], at: 2) == 0)
        #expect(RankingMetrics.recall(of: ranking, judged: ["a": 1], at: 2) == 0)
        #expect(RankingMetrics.reciprocalRank(of: ranking, judged: ["a": 1], at: 2) == 0)
        #expect(RankingMetrics.reciprocalRank(of: ranking, judged: ["a": 1], at: 3) == 1.0 / 3)
    }

    @Test func `recall divides by all relevant documents, found or not`() {
        let judged = ["a": 1, "b": 2, "c": 1, "d": 1, "e": 0]
        #expect(RankingMetrics.recall(of: ["a", "e", "b"], judged: judged, at: 10) == 0.5)
    }

    @Test func `a judged query without an answer counts as zero, an unjudgeable one not at all`() {
        let quality = RunQuality(
            run: ["1": ["a"]], judgements: ["1": ["a": 1], "2": ["b": 1], "3": ["c": 0]])
        #expect(quality.queryIDs == ["1", "2"])
        for measure in QualityMeasure.allCases {
            #expect(quality.values(of: measure) == [1, 0] && quality.mean(of: measure) == 0.5)
        }
    }
}
