import Kernels

/// The directions along which rows vary most, by LAPACK's eigenvectors of their second moments.
struct PrincipalAxes {
    let dimension: Int

    /// Descending; their sum is `total`.
    private let variances: [Float]
    private let vectors: [Float]

    /// Rows in one product: bounds the copy that is made of them.
    private static let blockRows = 4_096

    /// - Parameter rows: `rowCount × dimension`, with a mean near zero.
    init(of rows: [Float], dimension: Int) {
        self.dimension = dimension
        let rowCount = rows.count / dimension
        var moments = [Float](repeating: 0, count: dimension * dimension)
        for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
            let size = min(Self.blockRows, rowCount - start)
            let block = rows.span.extracting((start * dimension)..<((start + size) * dimension))
            let columns = Self.transposed(block, rowCount: size, dimension: dimension)
            var room = moments.mutableSpan
            MatrixProduct.rowsByColumns(
                columns.span, MatrixShape(rowCount: dimension, columnCount: size), block,
                MatrixShape(rowCount: size, columnCount: dimension), into: &room,
                MatrixShape(rowCount: dimension, columnCount: dimension),
                alpha: 1 / Float(max(1, rowCount)), beta: 1)
        }
        if let found = SymmetricEigenvectors(of: moments, order: dimension) {
            (variances, vectors) = (found.values.map { max(0, $0) }, found.vectors)
        } else {
            // Any orthonormal axes serve; codes along these are only less exact.
            variances = (0..<dimension).map { moments[$0 * dimension + $0] }
            vectors = (0..<(dimension * dimension)).map { $0 % (dimension + 1) == 0 ? 1 : 0 }
        }
    }

    var total: Float { variances.reduce(0, +) }

    /// Variance along an axis; 0 for one past the dimension.
    func variance(_ axis: Int) -> Float {
        axis < dimension ? variances[axis] : 0
    }

    /// The first `subspaces × width` axes in an order that gives every subspace about the same product of
    /// variances (T. Ge et al., "Optimized product quantization", 2013, §3.2.2: eigenvalue allocation).
    func order(subspaces: Int, width: Int) -> [Int] {
        // Logarithms are shifted so that every axis adds to its subspace's load.
        let least = max(variances.last ?? 0, .leastNormalMagnitude)
        var members = [[Int]](repeating: [], count: subspaces)
        var loads = [Float](repeating: 0, count: subspaces)
        for axis in 0..<(subspaces * width) {
            let open = members.indices.filter { members[$0].count < width }
            guard let lightest = open.min(by: { loads[$0] < loads[$1] }) else { break }
            members[lightest].append(axis)
            loads[lightest] += Self.logarithm(max(variance(axis), least) / least) + 0x1p-10
        }
        return members.flatMap { $0 }
    }

    /// The given axes, `order.count × dimension`; zeros for those past the dimension.
    func rows(_ order: [Int]) -> [Float] {
        order.flatMap { axis in
            axis < dimension
                ? Array(vectors[(axis * dimension)..<((axis + 1) * dimension)])
                : [Float](repeating: 0, count: dimension)
        }
    }

    private static func transposed(_ rows: Span<Float>, rowCount: Int, dimension: Int) -> [Float] {
        var columns = [Float](repeating: 0, count: rows.count)
        for row in 0..<rowCount {
            for i in 0..<dimension { columns[i * rowCount + row] = rows[row * dimension + i] }
        }
        return columns
    }

    /// The binary logarithm, near enough to share out loads: exponent and significand.
    private static func logarithm(_ value: Float) -> Float {
        Float(value.exponent) + (value.significand - 1)
    }
}
