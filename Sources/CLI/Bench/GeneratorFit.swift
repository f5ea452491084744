import Evaluation
import Kernels

/// Finds how far the generator has to move vectors for them to be as hard to search as the sample: the
/// intrinsic dimension around them is what decides how an approximate search fares.
struct GeneratorFit: Sendable {
    /// Candidates, in steps: coarse enough that rounding on another machine does not choose another one.
    private static let steps = (2...20).map { Float($0) * 0.05 }

    /// Sample rows that are looked at, and how many of them are asked for: enough for the median to hold
    /// still.
    private static let rowsMax = 50_000
    private static let queriesMax = 500
    private static let depth = 100

    struct Result {
        /// For the generator.
        var difference: Float

        /// Of the sample, each row against all others, and of as many that were made, against others that
        /// were made.
        var real: QueryDifficulty
        var made: QueryDifficulty
    }

    let generator: VectorGenerator
    let seed: UInt64
    let pool: ComputePool

    /// Bisection: the further vectors are moved, the higher the intrinsic dimension around them.
    ///
    /// - Returns: nil if the sample has too few rows to tell.
    func fitted() async throws -> Result? {
        let dimension = generator.dimension
        let rowCount = min(Self.rowsMax, generator.sample.count / dimension)
        guard rowCount > 2 * Self.depth else { return nil }
        let rows = Array(generator.sample.prefix(rowCount * dimension))
        guard let real = try await difficulty(ofOwn: rows) else { return nil }
        var (low, high) = (0, Self.steps.count - 1)
        var tried: [Int: QueryDifficulty] = [:]
        while true {
            let middle = (low + high) / 2
            guard let made = try await difficulty(ofMade: Self.steps[middle], rowCount: rowCount) else {
                return nil
            }
            tried[middle] = made
            guard low < high else { break }
            if made.intrinsicDimension < real.intrinsicDimension { low = middle + 1 } else { high = middle }
        }
        func distance(_ difficulty: QueryDifficulty) -> Double {
            abs(difficulty.intrinsicDimension - real.intrinsicDimension)
        }
        let nearest = tried.sorted { $0.key < $1.key }.min { distance($0.value) < distance($1.value) }
        return nearest.map { Result(difference: Self.steps[$0.key], real: real, made: $0.value) }
    }

    /// Rows of the sample asked for among all rows: the first that each finds is itself, and does not count.
    private func difficulty(ofOwn rows: [Float]) async throws -> QueryDifficulty? {
        let rowCount = rows.count / generator.dimension
        let step = max(1, rowCount / Self.queriesMax)
        let queries = stride(from: 0, to: rowCount, by: step).map { vector($0, of: rows) }
        let truth = try await ExactTruth(pool: pool).neighbors(
            of: queries, in: RowSource(rows, dimension: generator.dimension), depth: Self.depth + 1)[0]
        return try TrueNeighbors(
            ids: truth.ids.map { Array($0.dropFirst()) }, scores: truth.scores?.map { Array($0.dropFirst()) },
            depth: Self.depth
        ).difficulty
    }

    private func difficulty(ofMade difference: Float, rowCount: Int) async throws -> QueryDifficulty? {
        let rows = try await generator.rows(rowCount, difference: difference, seed: seed, pool: pool)
        let queries = try await generator.rows(
            Self.queriesMax, difference: difference, seed: ~seed, pool: pool)
        return try await ExactTruth(pool: pool).neighbors(
            of: (0..<Self.queriesMax).map { vector($0, of: queries) },
            in: RowSource(rows, dimension: generator.dimension), depth: Self.depth
        )[0].difficulty
    }

    private func vector(_ row: Int, of rows: [Float]) -> [Float] {
        Array(rows[(row * generator.dimension)..<((row + 1) * generator.dimension)])
    }
}
