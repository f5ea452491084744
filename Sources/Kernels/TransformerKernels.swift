import CKernels

/// The parts of a transformer layer that are not matrix products, over row-major matrices without gaps, in
/// place.
///
/// Each has a form for every `InstructionSet`, of which the scalar one is the specification; a set the
/// processor lacks falls back to the best it has.
package enum TransformerKernels {
    /// Adds `bias` to each row of the `rowCount × bias.count` matrix.
    package static func addBias(
        to matrix: inout MutableSpan<Float>, rowCount: Int, bias: Span<Float>, set: InstructionSet = .best
    ) {
        checkCount(matrix.count, rowCount, bias.count)
        // SAFETY: the matrix holds rowCount × bias.count elements; the kernel touches no others, during the
        // call only.
        unsafe matrix.withUnsafeMutableBufferPointer { matrix in
            unsafe bias.withUnsafeBufferPointer { bias in
                guard let rows = matrix.baseAddress, let biasBase = bias.baseAddress else { return }
                unsafe ckernels_bias_add(set.isa, rows, Int64(rowCount), Int64(bias.count), biasBase)
            }
        }
    }

    /// Adds `bias` to each row, then applies the exact GELU, x/2 · (1 + erf(x/√2)), within 5e-7 · |x|
    /// (D. Hendrycks, K. Gimpel, 2016, https://arxiv.org/abs/1606.08415).
    package static func addBiasAndGELU(
        to matrix: inout MutableSpan<Float>, rowCount: Int, bias: Span<Float>, set: InstructionSet = .best
    ) {
        checkCount(matrix.count, rowCount, bias.count)
        // SAFETY: the matrix holds rowCount × bias.count elements; the kernel touches no others, during the
        // call only.
        unsafe matrix.withUnsafeMutableBufferPointer { matrix in
            unsafe bias.withUnsafeBufferPointer { bias in
                guard let rows = matrix.baseAddress, let biasBase = bias.baseAddress else { return }
                unsafe ckernels_bias_gelu(set.isa, rows, Int64(rowCount), Int64(bias.count), biasBase)
            }
        }
    }

    /// Replaces each row x of the `rowCount × width` matrix by softmax(scale · x); `scale` is positive.
    package static func softmaxRows(
        of matrix: inout MutableSpan<Float>, rowCount: Int, width: Int, scale: Float,
        set: InstructionSet = .best
    ) {
        checkCount(matrix.count, rowCount, width)
        precondition(scale > 0, "scale must be positive, found \(scale)")
        // SAFETY: the matrix holds rowCount × width elements; the kernel touches no others, during the call
        // only.
        unsafe matrix.withUnsafeMutableBufferPointer { matrix in
            guard width > 0, let rows = matrix.baseAddress else { return }
            unsafe ckernels_softmax(set.isa, rows, Int64(rowCount), Int64(width), scale)
        }
    }

    /// What a layer normalisation adds and multiplies; all of the matrix's width.
    package struct Normalization: Sendable {
        package let gain: [Float]
        package let shift: [Float]
        package let epsilon: Float

        package init(gain: [Float], shift: [Float], epsilon: Float) {
            precondition(gain.count == shift.count, "gain has \(gain.count) elements, shift \(shift.count)")
            self.gain = gain
            self.shift = shift
            self.epsilon = epsilon
        }
    }

    /// Adds `bias` and the row of `residual` to each row, then normalises it to mean 0 and variance 1, times
    /// gain plus shift (J. Ba et al., 2016, https://arxiv.org/abs/1607.06450).
    package static func addAndNormalizeRows(
        of matrix: inout MutableSpan<Float>, rowCount: Int, bias: Span<Float>, residual: Span<Float>,
        by normalization: Normalization, set: InstructionSet = .best
    ) {
        checkCount(matrix.count, rowCount, bias.count)
        checkCount(residual.count, rowCount, bias.count)
        let gain = normalization.gain.span
        let shift = normalization.shift.span
        precondition(gain.count == bias.count, "the gain has \(gain.count) elements, expected \(bias.count)")
        guard rowCount > 0, bias.count > 0 else { return }
        // SAFETY: matrix and residual hold rowCount × width elements, the others width; the kernel touches no
        // others, during the call only. The counts are positive, so no base address is nil.
        unsafe matrix.withUnsafeMutableBufferPointer { matrix in
            unsafe residual.withUnsafeBufferPointer { residual in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe gain.withUnsafeBufferPointer { gain in
                        unsafe shift.withUnsafeBufferPointer { shift in
                            unsafe ckernels_layer_norm(
                                set.isa, matrix.baseAddress, Int64(rowCount), Int64(bias.count),
                                bias.baseAddress, residual.baseAddress, gain.baseAddress, shift.baseAddress,
                                normalization.epsilon)
                        }
                    }
                }
            }
        }
    }

    private static func checkCount(_ count: Int, _ rowCount: Int, _ width: Int) {
        precondition(
            rowCount >= 0 && width >= 0 && count == rowCount * width,
            "a \(rowCount) × \(width) matrix needs \(rowCount * width) elements, found \(count)")
    }
}
