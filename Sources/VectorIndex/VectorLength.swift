import Kernels

/// Euclidean lengths, and through them the check that a vector can be scored at all.
enum VectorLength {
    /// Vectors of more dimensions than this are refused; far above any embedder's.
    static let dimensionMax = 65_536

    /// By Cauchy and Schwarz no sum on the way to the dot product of two vectors within this bound exceeds
    /// it, so none overflows: scores are numbers, never NaN. The greatest Float32 is just below 2¹²⁸.
    static let squaredLengthMax: Float = 0x1p126

    /// The vector's length, if it has the right dimension and can be scored.
    static func checked(
        _ vector: [Float], dimension: Int, row: RowID?
    ) throws(VectorIndexError) -> Float {
        guard vector.count == dimension else {
            throw .dimensionMismatch(expected: dimension, found: vector.count)
        }
        let squared = DotProducts.product(vector.span, vector.span)
        // Written so that NaN fails it.
        guard squared <= squaredLengthMax else { throw .notFinite(row: row) }
        return squared.squareRoot()
    }
}
