import Kernels

/// Makes a quantizer from a sample of rows: centroids, principal axes of what rows differ from them, and
/// codewords along these.
struct QuantizerTraining {
    let shape: QuantizerShape
    let seed: UInt64

    /// Rows a list that training looks at: with more, recall does not change any more in the third digit.
    static let rowsPerList = 64

    /// Rows that axes and codewords are made from.
    private static let residualRowsMax = 32_768

    /// Passes over a subspace's components, which are few.
    private static let codewordPasses = 12

    /// With more lists than this, centroids are trained in two levels: one level would cost the square.
    private static let flatListsMax = 1_024

    static func sampleRows(listCount: Int, rowCount: Int) -> Int {
        min(rowCount, max(listCount * rowsPerList, min(rowCount, 16_384)))
    }

    /// - Parameters:
    ///   - rows: at least as many as lists.
    ///   - progress: told the share done, 0 to 1; what it throws ends the training.
    func train(
        _ rows: some TrainingRows, progress: TrainingProgress
    ) throws(VectorIndexError) -> QuantizerModel {
        var random = SeededRandom(seed: seed)
        let centroids = try centroids(rows, &random) { share throws(VectorIndexError) in
            try progress(0.9 * share)
        }
        let residuals = try residuals(rows, centroids, &random)
        let axes = PrincipalAxes(of: residuals, dimension: shape.dimension)
        let order = axes.order(subspaces: shape.subspaceCount, width: shape.width)
        let axisRows = axes.rows(order)
        let projected = project(residuals, axisRows)
        let codewords = codewords(projected, &random)
        try progress(0.98)
        let errors = errors(projected, codewords)
        let variances = order.map { axes.variance($0) }
        let covered = variances.reduce(0, +)
        let left = max(1, shape.dimension - shape.axisCount)
        return QuantizerModel(
            shape: shape, centroids: centroids, axes: axisRows, codewords: codewords,
            axisVariances: zip(variances, errors).flatMap { [$0, $1] },
            residue: shape.dimension > shape.axisCount ? max(0, axes.total - covered) / Float(left) : 0)
    }

    // MARK: Centroids

    private func centroids(
        _ rows: some TrainingRows, _ random: inout SeededRandom, _ progress: TrainingProgress
    ) throws(VectorIndexError) -> [Float] {
        let dimension = shape.dimension
        guard shape.listCount > Self.flatListsMax else {
            return try KMeans(dimension: dimension, count: shape.listCount)
                .train(try rows.vectors(0..<rows.rowCount), random: &random, progress: progress)
        }
        return try TwoLevelKMeans(dimension: dimension, count: shape.listCount)
            .train(rows, random: &random, progress: progress)
    }

    /// What rows of the sample differ from their centroids.
    private func residuals(
        _ rows: some TrainingRows, _ centroids: [Float], _ random: inout SeededRandom
    ) throws(VectorIndexError) -> [Float] {
        let dimension = shape.dimension
        let chosen = random.sample(min(rows.rowCount, Self.residualRowsMax), of: rows.rowCount)
        var residuals = try rows.vectors(chosen)
        var nearest = NearestCentroid(centroids: centroids, dimension: dimension)
        var lists = [Int](repeating: 0, count: chosen.count)
        nearest.forEach(residuals.span, rowCount: chosen.count) { row, list, _ in lists[row] = list }
        for (row, list) in lists.enumerated() {
            for i in 0..<dimension { residuals[row * dimension + i] -= centroids[list * dimension + i] }
        }
        return residuals
    }

    // MARK: Codewords

    private func project(_ residuals: [Float], _ axes: [Float]) -> [Float] {
        let rowCount = residuals.count / shape.dimension
        var projected = [Float](repeating: 0, count: rowCount * shape.axisCount)
        var room = projected.mutableSpan
        MatrixProduct.rowsByRows(
            residuals.span, MatrixShape(rowCount: rowCount, columnCount: shape.dimension), axes.span,
            MatrixShape(rowCount: shape.axisCount, columnCount: shape.dimension), into: &room,
            MatrixShape(rowCount: rowCount, columnCount: shape.axisCount))
        return projected
    }

    /// 16 codewords for each subspace, by k-means over the sample's components there.
    private func codewords(_ projected: [Float], _ random: inout SeededRandom) -> [Float] {
        let (count, width, words) = (shape.subspaceCount, shape.width, ProductCodes.codewordCount)
        let rowCount = projected.count / shape.axisCount
        // Sixteen rows of the sample to begin with; where there are fewer, some serve twice.
        let first = (0..<words).map { $0 * max(1, rowCount / words) % rowCount }
        var codewords = [Float](repeating: 0, count: shape.axisCount * words)
        for m in 0..<count {
            for i in 0..<width {
                for (j, row) in first.enumerated() {
                    codewords[(m * width + i) * words + j] = projected[row * shape.axisCount + m * width + i]
                }
            }
        }
        for _ in 0..<Self.codewordPasses { codewords = improved(codewords, projected, rowCount) }
        return codewords
    }

    private func improved(_ codewords: [Float], _ projected: [Float], _ rowCount: Int) -> [Float] {
        let (count, width, words) = (shape.subspaceCount, shape.width, ProductCodes.codewordCount)
        let codes = codes(projected, codewords, rowCount)
        var sums = [Float](repeating: 0, count: codewords.count)
        var sizes = [Float](repeating: 0, count: count * words)
        for row in 0..<rowCount {
            for m in 0..<count {
                let code = Int(codes[row * count + m])
                sizes[m * words + code] += 1
                for i in 0..<width {
                    sums[(m * width + i) * words + code] += projected[row * shape.axisCount + m * width + i]
                }
            }
        }
        for m in 0..<count {
            for i in 0..<width {
                for j in 0..<words {
                    let place = (m * width + i) * words + j
                    let size = sizes[m * words + j]
                    sums[place] = size > 0 ? sums[place] / size : codewords[place]
                }
            }
        }
        return sums
    }

    private func codes(_ projected: [Float], _ codewords: [Float], _ rowCount: Int) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: rowCount * shape.subspaceCount)
        var room = codes.mutableSpan
        ProductCodes.nearest(
            to: projected.span, codewords: codewords.span, subspaceCount: shape.subspaceCount,
            width: shape.width, into: &room)
        return codes
    }

    /// Mean square along each axis of what the codes miss.
    private func errors(_ projected: [Float], _ codewords: [Float]) -> [Float] {
        let (count, width, words) = (shape.subspaceCount, shape.width, ProductCodes.codewordCount)
        let rowCount = projected.count / shape.axisCount
        let codes = codes(projected, codewords, rowCount)
        var errors = [Float](repeating: 0, count: shape.axisCount)
        for row in 0..<rowCount {
            for m in 0..<count {
                let code = Int(codes[row * count + m])
                for i in 0..<width {
                    let axis = m * width + i
                    let missed = projected[row * shape.axisCount + axis] - codewords[axis * words + code]
                    errors[axis] += missed * missed
                }
            }
        }
        return errors.map { $0 / Float(max(1, rowCount)) }
    }
}
