/// How right an engine is at one point. Measured over every query, apart from the times.
struct PointAccuracy: Sendable {
    /// The ranks that are reported.
    static let ranks = [1, 10, 100]

    /// By rank; a rank that the truth cannot judge is missing.
    let recall: [Int: Double]

    /// Of the answers of a batch, at 10 or at k where that is less.
    let batchedRecall: Double?

    /// The mean of what the engine expected, where it says so.
    let expectedRecall: Double?

    /// recall@j is taken from searches for k where j ≤ k, and from searches for j where it is greater: each
    /// engine is judged by what it answers when it is asked for that many.
    init(
        of engine: any SearchEngine, at point: OperatingPoint, queries: [[Float]], k: Int, judge: RecallJudge
    ) throws {
        let answers = try queries.map { try engine.search($0, k: k, at: point) }
        var recall: [Int: Double] = [:]
        for rank in Self.ranks where judge.canJudge(at: rank) {
            let found =
                rank <= k ? answers : try queries.map { try engine.search($0, k: rank, at: point) }
            recall[rank] = try judge.recall(of: found.map(\.ids), at: rank)
        }
        self.recall = recall
        let expectations = answers.compactMap(\.expectedRecall)
        expectedRecall =
            expectations.isEmpty ? nil : expectations.reduce(0, +) / Double(expectations.count)
        let batch = try engine.search(batch: queries, k: k, at: point).map(\.ids)
        let rank = min(k, 10)
        batchedRecall = judge.canJudge(at: rank) ? try judge.recall(of: batch, at: rank) : nil
    }
}
