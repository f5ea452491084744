import Evaluation
import Kernels

/// Rows that are read in blocks, from a file or from memory.
struct RowSource: Sendable {
    let dimension: Int
    let blocks: [Range<Int>]

    /// Of a block: `count × dimension`, row-major.
    let rows: @Sendable (Range<Int>) throws -> [Float]

    init(_ table: VectorTable) {
        (dimension, blocks) = (table.dimension, table.blocks)
        rows = { try table.rows($0) }
    }

    init(_ values: [Float], dimension: Int, blockRows: Int = 4096) {
        self.dimension = dimension
        let rowCount = values.count / dimension
        blocks = stride(from: 0, to: rowCount, by: blockRows).map { $0..<min($0 + blockRows, rowCount) }
        rows = { Array(values[($0.lowerBound * dimension)..<($0.upperBound * dimension)]) }
    }
}

/// True nearest neighbors by comparing every query with every row, in blocks by `sgemm`.
struct ExactTruth: Sendable {
    /// Queries that pass over the base together. Their products with `rowsMax` rows are 4 MB.
    private static let queriesMax = 1024
    private static let rowsMax = 1024

    let pool: ComputePool

    /// - Parameter subsets: filters, for each of which the truth is found in the same pass.
    /// - Returns: the truth over all rows, then over each subset; each `depth` deep, where as many rows
    ///   match.
    func neighbors(
        of queries: [[Float]], in base: RowSource, depth: Int, subsets: [RowSubset] = []
    ) async throws -> [TrueNeighbors] {
        let share = min(Self.queriesMax, max(1, (queries.count + pool.threadCount - 1) / pool.threadCount))
        let parts = stride(from: 0, to: queries.count, by: share).map {
            Array(queries[$0..<min($0 + share, queries.count)])
        }
        let found = try await pool.map(count: parts.count, in: .background) { part in
            var pass = TruthPass(queries: parts[part], depth: depth, subsets: subsets)
            for block in base.blocks {
                try pass.compare(with: base.rows(block), from: block.lowerBound)
            }
            return pass.neighbors
        }
        return try (0...subsets.count).map { subset in
            let entries = found.flatMap { $0[subset] }
            return try TrueNeighbors(
                ids: entries.map { $0.map(\.id) }, scores: entries.map { $0.map(\.score) }, depth: depth)
        }
    }

    /// A part of the queries on its way through the base.
    private struct TruthPass {
        private let queries: [Float]
        private let queryCount: Int
        private let dimension: Int
        private let subsets: [RowSubset]

        /// The best so far: of all rows, then of each subset; by query.
        private var best: [[TopK]]
        private var products: [Float]

        init(queries: [[Float]], depth: Int, subsets: [RowSubset]) {
            (queryCount, dimension) = (queries.count, queries[0].count)
            self.queries = queries.flatMap { $0 }
            self.subsets = subsets
            best = [[TopK]](
                repeating: [TopK](repeating: TopK(k: depth), count: queryCount), count: subsets.count + 1)
            products = [Float](repeating: 0, count: queryCount * ExactTruth.rowsMax)
        }

        mutating func compare(with rows: [Float], from first: Int) {
            let rowCount = rows.count / dimension
            for start in stride(from: 0, to: rowCount, by: ExactTruth.rowsMax) {
                let count = min(ExactTruth.rowsMax, rowCount - start)
                let slice = rows.span.extracting((start * dimension)..<((start + count) * dimension))
                multiply(slice, count)
                offer(first: first + start, count: count)
            }
        }

        private mutating func multiply(_ rows: Span<Float>, _ count: Int) {
            let (queries, queryCount, dimension) = (queries, queryCount, dimension)
            var products = self.products.mutableSpan
            MatrixProduct.rowsByRows(
                queries.span, MatrixShape(rowCount: queryCount, columnCount: dimension),
                rows, MatrixShape(rowCount: count, columnCount: dimension),
                into: &products, MatrixShape(rowCount: queryCount, columnCount: count))
        }

        private mutating func offer(first: Int, count: Int) {
            for subset in 0...subsets.count {
                let places =
                    subset == 0
                    ? Array(0..<count)
                    : (0..<count).filter { subsets[subset - 1].contains(Int64(first + $0)) }
                for query in 0..<queryCount {
                    for place in places where products[query * count + place] >= best[subset][query].threshold
                    {
                        best[subset][query].offer(
                            TopK.Entry(
                                score: products[query * count + place], id: Int64(first + place), tag: 0))
                    }
                }
            }
        }

        var neighbors: [[[TopK.Entry]]] {
            best.map { $0.map { $0.sorted() } }
        }
    }
}
