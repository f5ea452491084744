import Kernels

/// Assigns rows to centroids by Euclidean distance, with one matrix product a block.
///
/// |x - c|² = |x|² - 2 (x·c - |c|²/2): the nearest centroid is the one with the greatest x·c - |c|²/2.
struct NearestCentroid {
    let dimension: Int
    let centroids: [Float]
    let count: Int

    /// |c|²/2 of each.
    private let halves: [Float]
    private var products: [Float] = []

    /// Rows in one product.
    private static let blockRows = 256

    /// - Parameter centroids: `count × dimension`.
    init(centroids: [Float], dimension: Int) {
        self.centroids = centroids
        self.dimension = dimension
        count = centroids.count / dimension
        halves = (0..<count).map { index in
            let row = centroids.span.extracting((index * dimension)..<((index + 1) * dimension))
            return DotProducts.product(row, row) / 2
        }
    }

    /// - Parameters:
    ///   - rows: `rowCount × dimension`.
    ///   - body: gets a row's number, its nearest centroid, and x·c - |c|²/2 there.
    mutating func forEach(
        _ rows: Span<Float>, rowCount: Int, _ body: (_ row: Int, _ centroid: Int, _ score: Float) -> Void
    ) {
        precondition(rows.count == rowCount * dimension, "\(rows.count) elements for \(rowCount) rows")
        if products.isEmpty { products = [Float](repeating: 0, count: Self.blockRows * count) }
        for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
            let size = min(Self.blockRows, rowCount - start)
            let block = rows.extracting((start * dimension)..<((start + size) * dimension))
            Self.multiply(block, rowCount: size, centroids, dimension: dimension, into: &products)
            for row in 0..<size {
                let (centroid, score) = GreatestDifference.of(
                    products.span.extracting((row * count)..<((row + 1) * count)), minus: halves.span)
                body(start + row, centroid, score)
            }
        }
    }

    private static func multiply(
        _ rows: Span<Float>, rowCount: Int, _ centroids: [Float], dimension: Int, into products: inout [Float]
    ) {
        let count = centroids.count / dimension
        var room = products.mutableSpan
        MatrixProduct.rowsByRows(
            rows, MatrixShape(rowCount: rowCount, columnCount: dimension), centroids.span,
            MatrixShape(rowCount: count, columnCount: dimension), into: &room,
            MatrixShape(rowCount: rowCount, columnCount: count))
    }
}
