import Foundation

/// The true nearest neighbors of each query, best first: ids, and their scores where they are known.
///
/// A score is a similarity: greater is nearer.
public struct TrueNeighbors: Sendable, Equatable {
    /// Per query. Fewer than `depth` where fewer rows match.
    public let ids: [[Int64]]

    /// Of the same shape as `ids`.
    public let scores: [[Float]]?

    /// Neighbors that were sought for each query.
    public let depth: Int

    /// Truth from a search of one's own.
    ///
    /// - Throws: `.truthCountMismatch`, `.truthDepthMismatch` if scores and ids differ in shape.
    public init(ids: [[Int64]], scores: [[Float]]? = nil, depth: Int) throws(BenchmarkError) {
        if let scores {
            guard scores.count == ids.count else {
                throw .truthCountMismatch(expected: ids.count, found: scores.count)
            }
            for (ids, scores) in zip(ids, scores) where ids.count != scores.count {
                throw .truthDepthMismatch(ids: ids.count, scores: scores.count)
            }
        }
        (self.ids, self.scores, self.depth) = (ids, scores, depth)
    }

    /// Truth from files.
    ///
    /// - Parameters:
    ///   - idFile: a row of ids for each query.
    ///   - scoreFile: a row of scores for each query.
    ///   - queryCount: rows that are read; the files may hold no fewer.
    ///   - rowCount: of the base.
    /// - Throws: `BenchmarkError` where they do not fit, `VectorFileError` where they cannot be read.
    public init(
        reading idFile: VectorFile, scores scoreFile: VectorFile? = nil, queryCount: Int, rowCount: Int
    ) throws {
        guard idFile.rowCount == queryCount else {
            throw BenchmarkError.truthCountMismatch(expected: queryCount, found: idFile.rowCount)
        }
        let ids = Self.rows(try idFile.integers(0..<queryCount), of: idFile.dimension)
        for (query, row) in ids.enumerated() {
            if let id = row.first(where: { $0 < 0 || $0 >= rowCount }) {
                throw BenchmarkError.truthOutOfRange(query: query, id: id, rowCount: rowCount)
            }
        }
        let scores = try scoreFile.map { file in
            guard file.rowCount == queryCount else {
                throw BenchmarkError.truthCountMismatch(expected: queryCount, found: file.rowCount)
            }
            return Self.rows(try file.floats(0..<queryCount), of: file.dimension)
        }
        try self.init(ids: ids, scores: scores, depth: idFile.dimension)
    }

    /// The same with scores, after a check that they fall: truth by another measure, or of other vectors,
    /// does not keep the order.
    ///
    /// - Parameter score: the true score of a query and a row; called for every neighbor, if scores are not
    ///   known.
    /// - Throws: `.truthNotDescending`, or what the score throws.
    public func checked(score: (_ query: Int, _ id: Int64) throws -> Double) throws -> TrueNeighbors {
        let scores =
            try self.scores
            ?? ids.enumerated().map { query, ids in try ids.map { Float(try score(query, $0)) } }
        for (query, scores) in scores.enumerated() {
            for rank in scores.indices.dropFirst() {
                // Whoever made the truth may have rounded otherwise.
                let slack = Float(100 * RecallJudge.tolerance) * max(1, abs(scores[rank]))
                guard scores[rank] <= scores[rank - 1] + slack else {
                    throw BenchmarkError.truthNotDescending(
                        query: query, rank: rank + 1, score: Double(scores[rank]),
                        before: Double(scores[rank - 1]))
                }
            }
        }
        return try TrueNeighbors(ids: ids, scores: scores, depth: depth)
    }

    private static func rows<Number>(_ numbers: [Number], of dimension: Int) -> [[Number]] {
        stride(from: 0, to: numbers.count, by: dimension).map { Array(numbers[$0..<($0 + dimension)]) }
    }

    /// How hard the queries are; nil without scores.
    public var difficulty: QueryDifficulty? {
        scores.flatMap { QueryDifficulty(scores: $0) }
    }
}

/// How hard a set of queries is for an approximate search. Medians over queries.
public struct QueryDifficulty: Sendable, Equatable, Codable {
    /// Similarity of the nearest, the 10th and the 100th neighbor.
    public var similarityAt1: Double
    public var similarityAt10: Double?
    public var similarityAt100: Double?

    /// Local intrinsic dimension by maximum likelihood over the Euclidean distances of unit vectors to the
    /// neighbors given (Levina and Bickel 2004; Amsaleg et al. 2015): the greater, the harder.
    public var intrinsicDimension: Double

    enum CodingKeys: String, CodingKey {
        case similarityAt1 = "similarity@1"
        case similarityAt10 = "similarity@10"
        case similarityAt100 = "similarity@100"
        case intrinsicDimension = "intrinsic_dimension"
    }

    init?(scores: [[Float]]) {
        let rows = scores.filter { $0.count >= 2 }
        guard !rows.isEmpty else { return nil }
        func median(at rank: Int) -> Double? {
            let values = rows.compactMap { $0.count >= rank ? Double($0[rank - 1]) : nil }
            return Spread(of: values)?.median
        }
        let dimensions = rows.compactMap { Self.intrinsicDimension($0) }
        guard let first = median(at: 1), let dimension = Spread(of: dimensions)?.median else { return nil }
        (similarityAt1, similarityAt10, similarityAt100) = (first, median(at: 10), median(at: 100))
        intrinsicDimension = dimension
    }

    private static func intrinsicDimension(_ scores: [Float]) -> Double? {
        // Of unit vectors: |a - b|² = 2 - 2 a·b. Equal vectors are kept from a logarithm of zero.
        let distances = scores.map { max(2 - 2 * Double($0), 1e-12).squareRoot() }
        guard let last = distances.last else { return nil }
        let sum = distances.dropLast().reduce(0) { $0 + log($1 / last) }
        return sum < 0 ? -Double(distances.count - 1) / sum : nil
    }
}
