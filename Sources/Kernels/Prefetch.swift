import CKernels

/// Asks for memory that is going to be read soon, so that its latency passes while other work is done.
package enum Prefetch {
    /// The bytes of a span.
    package static func bytes(_ span: Span<UInt8>) {
        // SAFETY: a prefetch reads nothing that could be seen; the addresses are inside the span anyway.
        unsafe span.withUnsafeBufferPointer { bytes in
            unsafe ckernels_fetch_bytes(bytes.baseAddress, bytes.count)
        }
    }

    /// The rows of `dimension` elements at the first `count` positions.
    package static func rows(_ rows: Span<Float>, at positions: Span<UInt32>, count: Int, dimension: Int) {
        precondition(count <= positions.count, "\(count) of \(positions.count) positions")
        guard count > 0, dimension > 0 else { return }
        // SAFETY: a prefetch reads nothing and never faults; positions are trusted to be rows, and would do no
        // harm if they were not.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe positions.withUnsafeBufferPointer { positions in
                unsafe ckernels_fetch_rows(rows.baseAddress, positions.baseAddress, count, dimension)
            }
        }
    }

    /// The same of rows of bytes.
    package static func rows(_ rows: Span<UInt8>, at positions: Span<UInt32>, count: Int, dimension: Int) {
        precondition(count <= positions.count, "\(count) of \(positions.count) positions")
        // SAFETY: a prefetch reads nothing and never faults; positions are trusted to be rows, and would do no
        // harm if they were not.
        unsafe rows.withUnsafeBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            for index in 0..<count {
                unsafe ckernels_fetch_bytes(start + Int(positions[index]) * dimension, dimension)
            }
        }
    }
}
