import CKernels

/// A linear map y = x · weightᵀ + bias in Float32, its weights packed for the kernel: what a general product does
/// to them in each call is done once, and bias and function cost no pass of their own.
package struct FloatMap: Sendable {
    package let inputCount: Int
    package let outputCount: Int

    /// Packed as CKernels/ckernels_linear.h has them: what `init(packed:bias:inputCount:)` takes.
    package let weights: any LentNumbers<Float>
    private let bias: [Float]

    /// The count of outputs must be a multiple of this.
    package static let outputUnit = 64

    /// Whether there is a kernel; elsewhere matrix products are faster than its scalar form.
    package static func isFast(outputCount: Int, set: InstructionSet = .best) -> Bool {
        outputCount.isMultiple(of: outputUnit) && ckernels_has_float_linear(set.isa) == 1
    }

    /// - Parameter weight: outputs × inputs, as many outputs as `bias` has.
    package init(weight: [Float], bias: [Float], inputCount: Int) {
        let outputCount = bias.count
        precondition(
            outputCount.isMultiple(of: Self.outputUnit) && weight.count == outputCount * inputCount,
            "\(weight.count) weights of \(outputCount) outputs and \(inputCount) inputs")
        (self.inputCount, self.outputCount, self.bias) = (inputCount, outputCount, bias)
        let unit = Self.outputUnit
        var packed = [Float](repeating: 0, count: weight.count)
        for output in 0..<outputCount {
            let start = output / unit * inputCount * unit + output % unit
            for input in 0..<inputCount { packed[start + input * unit] = weight[output * inputCount + input] }
        }
        weights = packed
    }

    /// - Parameter packed: the `weights` of a map of the same counts, kept somewhere.
    package init(packed: any LentNumbers<Float>, bias: [Float], inputCount: Int) {
        precondition(
            bias.count.isMultiple(of: Self.outputUnit) && packed.count == bias.count * inputCount,
            "\(packed.count) weights of \(bias.count) outputs and \(inputCount) inputs")
        (self.inputCount, outputCount, self.bias, weights) = (inputCount, bias.count, bias, packed)
    }

    /// output = function(input · weightᵀ + bias), `rowCount × outputCount`.
    ///
    /// Within 1e-5 of the exact value, relative to the sum of the products' magnitudes.
    package func apply(
        to input: Span<Float>, rowCount: Int, into output: inout MutableSpan<Float>,
        then function: ByteMap.Function = .identity, set: InstructionSet = .best
    ) {
        precondition(
            input.count == rowCount * inputCount && output.count == rowCount * outputCount,
            "\(rowCount) rows of \(inputCount) to \(outputCount): found \(input.count) and \(output.count)")
        weights.withNumbers { weights in
            apply(weights, to: input, rowCount: rowCount, into: &output, then: function, set)
        }
    }

    private func apply(
        _ weights: Span<Float>, to input: Span<Float>, rowCount: Int, into output: inout MutableSpan<Float>,
        then function: ByteMap.Function, _ set: InstructionSet
    ) {
        // SAFETY: the packed weights and the bias are as long as the counts say, the input has rowCount ×
        // inputCount elements, the output rowCount × outputCount; the pointers live for the call only.
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe bias.withUnsafeBufferPointer { bias in
                unsafe input.withUnsafeBufferPointer { input in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        var map = unsafe ckernels_float_map(
                            input_count: Int64(inputCount), output_count: Int64(outputCount),
                            weights: weights.baseAddress, bias: bias.baseAddress)
                        unsafe ckernels_float_linear(
                            set.isa, &map, input.baseAddress, Int64(rowCount),
                            Int32(function == .gelu ? CKERNELS_GELU : CKERNELS_PLAIN), output.baseAddress)
                    }
                }
            }
        }
    }
}
