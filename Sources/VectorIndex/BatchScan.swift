import Columnar
import Kernels

/// Many queries against every row they are shown, by matrix products, with the results of one-by-one scans.
///
/// A matrix product adds in another order than the dot kernel, so its scores only tell which rows may matter:
/// those that come within the rounding error of the query's threshold. These few are scored again by the
/// kernel, and that score counts.
///
/// The error: a sum of n products, however ordered, is off by at most γₙ‖a‖‖b‖ with γₙ = nu / (1 - nu) and u
/// = 2⁻²⁴ (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed. 2002, §3.1); two such sums
/// differ by at most twice that.
struct BatchScan {
    /// Queries scored together; enough for the product to run near its best, and few enough that their scores
    /// for a block of rows stay in the second-level cache.
    static let queryCountMax = 128

    /// Rows in one product; the scores are then `128 × 256` floats, 128 KiB.
    private static let productRows = 256

    private let dimension: Int
    private let queries: [[Float]]
    private let matrix: [Float]

    /// Per query: what a row's length is multiplied by to bound the difference of its two scores.
    private let errors: [Float]
    private let filter: RowFilter?
    private var best: [TopK]
    private var scores: [Float]

    /// - Parameters:
    ///   - queries: at least one, at most `queryCountMax`, of equal dimension.
    ///   - lengths: of the queries.
    init(queries: ArraySlice<[Float]>, lengths: ArraySlice<Float>, k: Int, filter: RowFilter?) {
        self.queries = Array(queries)
        dimension = queries.first?.count ?? 0
        matrix = Array(queries.joined())
        let nu = Float(dimension) * 0x1p-24
        // The lengths are rounded themselves, by less than the 1 % added here.
        errors = lengths.map { 2.02 * nu / (1 - nu) * $0 }
        self.filter = filter
        best = [TopK](repeating: TopK(k: k), count: queries.count)
        scores = [Float](repeating: 0, count: queries.count * Self.productRows)
    }

    /// - Parameter vectors: `rows.count × dimension`, row-major, for at most 1,024 rows.
    mutating func visit(
        _ rows: Span<Int64>, _ documents: Span<Int64>, _ vectors: Span<Float>, _ facts: BlockFacts
    ) {
        for start in stride(from: 0, to: rows.count, by: Self.productRows) {
            let positions = start..<min(start + Self.productRows, rows.count)
            let elements = (positions.lowerBound * dimension)..<(positions.upperBound * dimension)
            Self.multiply(
                matrix, MatrixShape(rowCount: queries.count, columnCount: dimension),
                vectors.extracting(elements), rowCount: positions.count, into: &scores)
            for query in queries.indices {
                select(query, rows, documents, vectors, positions, facts)
            }
        }
    }

    /// `scores[query × rowCount + row]`, as the matrix product has them.
    private static func multiply(
        _ matrix: [Float], _ shape: MatrixShape, _ vectors: Span<Float>, rowCount: Int,
        into scores: inout [Float]
    ) {
        var product = scores.mutableSpan
        MatrixProduct.rowsByRows(
            matrix.span, shape, vectors, MatrixShape(rowCount: rowCount, columnCount: shape.columnCount),
            into: &product, MatrixShape(rowCount: shape.rowCount, columnCount: rowCount))
    }

    private mutating func select(
        _ query: Int, _ rows: Span<Int64>, _ documents: Span<Int64>, _ vectors: Span<Float>,
        _ positions: Range<Int>, _ facts: BlockFacts
    ) {
        // Products that underflow lose up to the least normal number each, outside of γ.
        let slack = errors[query] * facts.lengthMax + Float(dimension) * .leastNormalMagnitude
        let vector = queries[query]
        var floor = best[query].threshold - slack
        for offset in 0..<positions.count where scores[query * positions.count + offset] >= floor {
            let position = positions.lowerBound + offset
            guard !Tombstones.isDead(position, in: facts.dead) else { continue }
            if let filter, !filter.admits(row: rows[position], document: documents[position]) { continue }
            let row = vectors.extracting((position * dimension)..<((position + 1) * dimension))
            let score = DotProducts.product(vector.span, row)
            best[query].offer(TopK.Entry(score: score, id: rows[position], tag: documents[position]))
            floor = best[query].threshold - slack
        }
    }

    var neighbors: [[Neighbor]] { best.map(\.neighbors) }
}
