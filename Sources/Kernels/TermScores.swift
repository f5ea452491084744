import CKernels

/// The sum of BM25 over postings, in whole numbers, so that it does not depend on the order of adding.
package enum TermScores {
    /// Entries of a table of norms: one for each code of a length.
    package static let normCount = 256

    /// What one posting adds: weight ÷ (1 + norm ÷ frequency), rounded. It falls with the norm and rises with the
    /// frequency, also as rounded. The specification of `add`.
    ///
    /// - Parameter weight: below 2²³.
    @inlinable
    package static func score(weight: Float, norm: Float, frequency: UInt32) -> UInt32 {
        UInt32(weight / (1 + norm / Float(frequency)) + 0.5)
    }

    /// Adds the score of each posting to the sum of its row, and marks the row.
    ///
    /// - Parameters:
    ///   - positions: of rows; those outside `base ..< base + sums.count` and of `lengths` are left out.
    ///   - lengths: the code of each row's length.
    ///   - norms: 256, by code.
    ///   - touched: a bit for each sum.
    package static func add(
        _ positions: Span<UInt32>, _ frequencies: Span<UInt32>, base: Int, lengths: Span<UInt8>,
        norms: Span<Float>, weight: Float, sums: inout [UInt32], touched: inout [UInt64]
    ) {
        precondition(
            positions.count == frequencies.count && base >= 0 && base <= lengths.count
                && norms.count == normCount
                && touched.count * 64 >= sums.count,
            "\(positions.count) positions, \(frequencies.count) frequencies, \(lengths.count) rows from \(base), "
                + "\(norms.count) norms, \(sums.count) sums, \(touched.count) words of bits")
        let room = UInt32(min(sums.count, lengths.count - base))
        // SAFETY: the kernel leaves out positions not in `base ..< base + room`; for those there are sums, bits and
        // lengths.
        unsafe positions.withUnsafeBufferPointer { positions in
            unsafe frequencies.withUnsafeBufferPointer { frequencies in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe norms.withUnsafeBufferPointer { norms in
                        unsafe sums.withUnsafeMutableBufferPointer { sums in
                            unsafe touched.withUnsafeMutableBufferPointer { touched in
                                unsafe ckernels_add_scores(
                                    positions.baseAddress, frequencies.baseAddress, positions.count,
                                    UInt32(base),
                                    lengths.baseAddress, norms.baseAddress, weight, sums.baseAddress,
                                    touched.baseAddress, room)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds the frequency of each posting to the sum of its row, and marks the row; those outside
    /// `base ..< base + sums.count` are left out.
    package static func addFrequencies(
        _ positions: Span<UInt32>, _ frequencies: Span<UInt32>, base: Int, sums: inout [UInt32],
        touched: inout [UInt64]
    ) {
        precondition(
            positions.count == frequencies.count && base >= 0 && touched.count * 64 >= sums.count,
            "\(positions.count) positions, \(frequencies.count) frequencies from \(base), \(sums.count) sums, "
                + "\(touched.count) words of bits")
        let room = UInt32(sums.count)
        // SAFETY: the kernel leaves out positions not in `base ..< base + room`; for those there are sums and bits.
        unsafe positions.withUnsafeBufferPointer { positions in
            unsafe frequencies.withUnsafeBufferPointer { frequencies in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe touched.withUnsafeMutableBufferPointer { touched in
                        unsafe ckernels_add_frequencies(
                            positions.baseAddress, frequencies.baseAddress, positions.count, UInt32(base),
                            sums.baseAddress, touched.baseAddress, room)
                    }
                }
            }
        }
    }
}
