/// Sums of rows.
package enum VectorSums {
    /// `sums[list] += rows[row]`, both of `dimension` elements.
    package static func add(
        _ rows: Span<Float>, row: Int, to sums: inout MutableSpan<Float>, at list: Int, dimension: Int
    ) {
        precondition(
            row >= 0 && (row + 1) * dimension <= rows.count && list >= 0
                && (list + 1) * dimension <= sums.count,
            "row \(row) of \(rows.count), list \(list) of \(sums.count) elements of \(dimension)")
        // SAFETY: both ranges lie inside their spans, as checked above.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                for i in 0..<dimension {
                    unsafe sums[list * dimension + i] += rows[row * dimension + i]
                }
            }
        }
    }
}
