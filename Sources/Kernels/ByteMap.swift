import CKernels

/// A linear map y = x · weightᵀ + bias with weights in whole numbers of a byte: one scale for each output,
/// the rows of x rounded one by one as they come. Four times the products a second of Float32 where the
/// processor multiplies bytes.
package struct ByteMap: Sendable {
    package let inputCount: Int
    package let outputCount: Int

    /// What the weights became.
    package let rounded: Rounded
    private let bias: [Float]

    /// Weights in whole numbers of a byte: what `init(rounded:bias:inputCount:)` takes.
    package struct Rounded: Sendable {
        /// Packed as CKernels/ckernels_linear.h has them; the bits of each are those of an `Int8`.
        package let weights: any LentNumbers<UInt8>

        /// The sum of each output's weights, and what a whole number of them stands for.
        package let sums: [Int32]
        package let scales: [Float]

        /// What components of a row are multiplied by before they are rounded; empty for nothing.
        package let factors: [Float]

        package init(
            weights: any LentNumbers<UInt8>, sums: [Int32], scales: [Float], factors: [Float]
        ) {
            (self.weights, self.sums, self.scales, self.factors) = (weights, sums, scales, factors)
        }
    }

    /// Both counts must be multiples of this.
    package static let countUnit = 64

    /// Whether there is a kernel. Elsewhere the scalar form gives the same products, many times slower than those of
    /// Float32.
    package static func isFast(set: InstructionSet = .best) -> Bool { set == .avx512vnni }

    package enum Function: Sendable {
        case identity

        /// The exact GELU, x/2 · (1 + erf(x/√2)); in bytes to 2e-4, a fiftieth of what its rounding costs.
        case gelu
    }

    /// Rounds the weights.
    ///
    /// - Parameters:
    ///   - weight: outputs × inputs, as many outputs as `bias` has.
    ///   - inputMaxima: about how large each component of a row becomes, measured on sample texts; empty if nobody
    ///     measured. Where components differ much, the large ones would leave the small ones few of a row's 256 steps:
    ///     each is divided by √(maximum / greatest weight), and its weights multiplied by it (after G. Xiao et al.,
    ///     "SmoothQuant", 2022, https://arxiv.org/abs/2211.10438).
    package init(weight: [Float], bias: [Float], inputCount: Int, inputMaxima: [Float] = []) {
        let outputCount = bias.count
        precondition(
            inputCount.isMultiple(of: Self.countUnit) && outputCount.isMultiple(of: Self.countUnit)
                && weight.count == outputCount * inputCount,
            "\(weight.count) weights of \(outputCount) outputs and \(inputCount) inputs")
        precondition(
            inputMaxima.isEmpty || inputMaxima.count == inputCount,
            "\(inputMaxima.count) maxima of \(inputCount) inputs")
        (self.inputCount, self.outputCount, self.bias) = (inputCount, outputCount, bias)
        let divisors = Self.divisors(weight, inputMaxima)
        var weights = [UInt8](repeating: 0, count: weight.count)
        var (sums, scales): ([Int32], [Float]) = ([], [])
        for output in 0..<outputCount {
            var row = Array(weight[(output * inputCount)..<((output + 1) * inputCount)])
            if !divisors.isEmpty { for input in row.indices { row[input] *= divisors[input] } }
            let greatest = row.reduce(0) { max($0, abs($1)) }
            let steps = greatest > 0 ? 127 / greatest : 0
            let start = output / 64 * (inputCount / 4) * 64 + output % 64
            var sum: Int32 = 0
            for (input, value) in row.enumerated() {
                let whole = Int8((value * steps).rounded(.toNearestOrEven))
                weights[(start + input / 4 * 64) * 4 + input % 4] = UInt8(bitPattern: whole)
                sum += Int32(whole)
            }
            sums.append(sum)
            scales.append(greatest / 127)
        }
        rounded = Rounded(weights: weights, sums: sums, scales: scales, factors: divisors.map { 1 / $0 })
    }

    /// - Parameter rounded: of a map of the same counts, kept somewhere.
    package init(rounded: Rounded, bias: [Float], inputCount: Int) {
        let outputCount = bias.count
        let factorCount = rounded.factors.count
        precondition(
            inputCount.isMultiple(of: Self.countUnit) && outputCount.isMultiple(of: Self.countUnit)
                && rounded.weights.count == outputCount * inputCount
                && rounded.sums.count == outputCount && rounded.scales.count == outputCount
                && (factorCount == 0 || factorCount == inputCount),
            """
            \(rounded.weights.count) weights, \(rounded.sums.count) sums, \(rounded.scales.count) scales and \
            \(factorCount) factors of \(outputCount) outputs and \(inputCount) inputs
            """)
        (self.inputCount, self.outputCount, self.bias) = (inputCount, outputCount, bias)
        self.rounded = rounded
    }

    private static func divisors(_ weight: [Float], _ inputMaxima: [Float]) -> [Float] {
        var greatest = [Float](repeating: 0, count: inputMaxima.count)
        guard !greatest.isEmpty else { return [] }
        for (index, value) in weight.enumerated() {
            let input = index % greatest.count
            greatest[input] = max(greatest[input], abs(value))
        }
        return zip(inputMaxima, greatest).map { (max($0, 1e-5) / max($1, 1e-5)).squareRoot() }
    }

    /// Room for rounded rows, used again and again.
    package struct Scratch {
        fileprivate var bytes: [UInt8] = []
        fileprivate var ranges: [ckernels_byte_row] = []

        package init() {}
    }

    /// output = function(input · weightᵀ + bias), `rowCount × outputCount`.
    ///
    /// The products are exact and the same with every set, the rest is within 1e-6 relative, the GELU
    /// within 1e-5.
    package func apply(
        to input: Span<Float>, rowCount: Int, into output: inout MutableSpan<Float>,
        then function: Function = .identity, scratch: inout Scratch, set: InstructionSet = .best
    ) {
        precondition(
            input.count == rowCount * inputCount && output.count == rowCount * outputCount,
            "\(rowCount) rows of \(inputCount) to \(outputCount): found \(input.count) and \(output.count)")
        if scratch.bytes.count < input.count {
            scratch.bytes = [UInt8](repeating: 0, count: input.count)
        }
        if scratch.ranges.count < rowCount {
            scratch.ranges = [ckernels_byte_row](repeating: ckernels_byte_row(), count: rowCount)
        }
        round(input, rowCount, &scratch, set)
        rounded.weights.withNumbers { weights in
            multiply(weights, scratch, rowCount, into: &output, then: function, set)
        }
    }

    private func round(
        _ input: Span<Float>, _ rowCount: Int, _ scratch: inout Scratch, _ set: InstructionSet
    ) {
        // SAFETY: the input has rowCount × inputCount elements, the scratch at least as many bytes and
        // rowCount ranges, the factors inputCount elements or none; the kernel touches no others, during the
        // call only.
        unsafe input.withUnsafeBufferPointer { input in
            unsafe rounded.factors.withUnsafeBufferPointer { factors in
                unsafe scratch.bytes.withUnsafeMutableBufferPointer { bytes in
                    unsafe scratch.ranges.withUnsafeMutableBufferPointer { ranges in
                        unsafe ckernels_round_rows(
                            set.isa, input.baseAddress, Int64(rowCount), Int64(inputCount),
                            factors.isEmpty ? nil : factors.baseAddress, bytes.baseAddress, ranges.baseAddress
                        )
                    }
                }
            }
        }
    }

    private func multiply(
        _ weights: Span<UInt8>, _ scratch: Scratch, _ rowCount: Int, into output: inout MutableSpan<Float>,
        then function: Function, _ set: InstructionSet
    ) {
        // SAFETY: the packed weights, sums, scales and bias are as long as the counts say, bytes and ranges
        // hold rowCount rows, the output has rowCount × outputCount elements; the pointers live for the call
        // only. Every bit pattern of a UInt8 is an Int8.
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe rounded.sums.withUnsafeBufferPointer { sums in
                unsafe rounded.scales.withUnsafeBufferPointer { scales in
                    unsafe bias.withUnsafeBufferPointer { bias in
                        unsafe scratch.bytes.withUnsafeBufferPointer { bytes in
                            unsafe scratch.ranges.withUnsafeBufferPointer { ranges in
                                unsafe output.withUnsafeMutableBufferPointer { output in
                                    var map = unsafe ckernels_byte_map(
                                        input_count: Int64(inputCount), output_count: Int64(outputCount),
                                        weights: unsafe UnsafeRawPointer(weights.baseAddress)?
                                            .assumingMemoryBound(to: Int8.self), sums: sums.baseAddress,
                                        scales: scales.baseAddress, bias: bias.baseAddress)
                                    unsafe ckernels_byte_linear(
                                        set.isa, &map, bytes.baseAddress, ranges.baseAddress, Int64(rowCount),
                                        Int32(function == .gelu ? CKERNELS_GELU : CKERNELS_PLAIN),
                                        output.baseAddress)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
