import CLAPACKE

/// Eigenvectors of a symmetric matrix, by LAPACK's `ssyevd`.
package struct SymmetricEigenvectors: Sendable {
    /// Descending.
    package let values: [Float]

    /// One eigenvector a row, `count × count`, in the order of `values`; orthonormal.
    package let vectors: [Float]

    /// - Parameter matrix: `order × order`, row-major; only its upper triangle is read.
    /// - Returns: nil if the iteration does not converge, which finite matrices do not do.
    package init?(of matrix: [Float], order: Int) {
        precondition(matrix.count == order * order, "\(matrix.count) elements are not \(order) × \(order)")
        _ = BLASLibrary.isSingleThreaded
        var columns = matrix
        var ascending = [Float](repeating: 0, count: order)
        let status = unsafe columns.withUnsafeMutableBufferPointer { columns in
            unsafe ascending.withUnsafeMutableBufferPointer { ascending in
                // SAFETY: both buffers have the order's size; the pointers live for the call only.
                unsafe LAPACKE_ssyevd(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(order),
                    columns.baseAddress, Int32(order), ascending.baseAddress)
            }
        }
        guard status == 0 else { return nil }
        values = ascending.reversed()
        var rows = [Float](repeating: 0, count: order * order)
        for row in 0..<order {
            for i in 0..<order { rows[row * order + i] = columns[i * order + order - 1 - row] }
        }
        vectors = rows
    }
}
