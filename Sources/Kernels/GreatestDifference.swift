import CKernels

/// The greatest of element-wise differences.
package enum GreatestDifference {
    /// The first place where `a[i] - b[i]` is greatest, and that difference.
    ///
    /// - Parameters:
    ///   - a: at least one element, none NaN.
    ///   - b: as many.
    package static func of(_ a: Span<Float>, minus b: Span<Float>) -> (index: Int, difference: Float) {
        precondition(a.count == b.count && a.count > 0, "\(a.count) elements minus \(b.count)")
        var difference: Float = 0
        // SAFETY: both hold `a.count` elements; the pointers live for the call only.
        let index = unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe ckernels_greatest_difference(
                    InstructionSet.best.isa, a.baseAddress, b.baseAddress, a.count, &difference)
            }
        }
        return (index, difference)
    }
}
