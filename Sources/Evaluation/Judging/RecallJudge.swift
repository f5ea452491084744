/// Tells how many of the true nearest neighbors were found, aware of ties: a row counts if its true score is
/// at least that of the true k-th, whichever of equals the truth names. Corpora hold duplicates.
///
/// The engine's own scores are never believed; ids are compared, and where an id is not in the truth its
/// score is computed.
public struct RecallJudge: Sendable {
    /// Scores within this of each other are a tie: ten times Float32's rounding at length 1. Relative where
    /// scores are greater than 1.
    public static let tolerance = 1e-6

    private let truth: TrueNeighbors
    private let rowCount: Int
    private let score: @Sendable (_ query: Int, _ id: Int64) throws -> Double
    private let matches: (@Sendable (Int64) -> Bool)?

    /// - Parameters:
    ///   - rowCount: rows of the base; ids are `0..<rowCount`.
    ///   - matches: rows that may be found at all, for a filtered search; nil for all.
    ///   - score: the true score of a query and a row. Called for ids that the truth does not hold.
    public init(
        truth: TrueNeighbors, rowCount: Int, matches: (@Sendable (Int64) -> Bool)? = nil,
        score: @escaping @Sendable (_ query: Int, _ id: Int64) throws -> Double
    ) {
        (self.truth, self.rowCount, self.score, self.matches) = (truth, rowCount, score, matches)
    }

    /// Whether recall@`k` can be told from this truth.
    public func canJudge(at k: Int) -> Bool {
        truth.depth >= min(k, rowCount)
    }

    /// The mean of recall@k over all queries. A query that nothing matches counts as 1 if nothing was found.
    ///
    /// - Parameter found: ids per query, best first; only the first k count, each once.
    /// - Throws: `.answerCountMismatch`, `.truthTooShallow`, `.unknownID`, `.truthContradicted`, or what the
    ///   score throws.
    public func recall(of found: [[Int64]], at k: Int) throws -> Double {
        guard found.count == truth.ids.count else {
            throw BenchmarkError.answerCountMismatch(expected: truth.ids.count, found: found.count)
        }
        guard canJudge(at: k) else {
            throw BenchmarkError.truthTooShallow(depth: truth.depth, needed: min(k, rowCount))
        }
        var sum = 0.0
        for query in found.indices {
            let wanted = min(k, truth.ids[query].count)
            let hits = try hits(found[query].prefix(k), query: query, wanted: wanted)
            sum += wanted > 0 ? Double(hits) / Double(wanted) : hits == 0 ? 1 : 0
        }
        return found.isEmpty ? 0 : sum / Double(found.count)
    }

    private func hits(_ found: ArraySlice<Int64>, query: Int, wanted: Int) throws -> Int {
        let sure = Set(truth.ids[query].prefix(wanted))
        var bar: Double?
        var hits = 0
        var seen = Set<Int64>()
        for id in found where seen.insert(id).inserted {
            guard (0..<Int64(rowCount)).contains(id) else {
                throw BenchmarkError.unknownID(query: query, id: id, rowCount: rowCount)
            }
            if let matches, !matches(id) { continue }
            if sure.contains(id) {
                hits += 1
                continue
            }
            guard wanted > 0 else { continue }
            let limit = try bar ?? trueScore(query, rank: wanted - 1)
            bar = limit
            if try isTie(id, query: query, bar: limit) { hits += 1 }
        }
        return min(hits, wanted)
    }

    /// Whether a row that is not among the first k of the truth is as good as the k-th.
    private func isTie(_ id: Int64, query: Int, bar: Double) throws -> Bool {
        let own = try score(query, id)
        let slack = Self.tolerance * max(1, abs(bar))
        guard own >= bar - slack else { return false }
        let best = try trueScore(query, rank: 0)
        // Two ways of rounding may differ by more than a tie; something really better may not exist.
        guard own <= best + 100 * slack else {
            throw BenchmarkError.truthContradicted(query: query, id: id, score: own, best: best)
        }
        return true
    }

    private func trueScore(_ query: Int, rank: Int) throws -> Double {
        if let scores = truth.scores { return Double(scores[query][rank]) }
        return try score(query, truth.ids[query][rank])
    }
}
