import Foundation
import Kernels
import Testing

/// The scalar form of each kernel is its specification: against it the others are compared, and it against
/// formulas.
@Suite struct TransformerKernelsTests {
    private static let widths = [0, 1, 7, 8, 9, 15, 16, 17, 384, 768, 1_536]
    private static let vectorForms = InstructionSet.available.dropFirst()
    private static let rowCount = 3

    /// Values spread over `range`, the same for the same seed (xorshift64*).
    private func values(_ count: Int, in range: ClosedRange<Float>, seed: UInt64) -> [Float] {
        var state = seed | 1
        return (0..<count).map { _ in
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            let unit = Float((state &* 0x2545_F491_4F6C_DD1D) >> 40) / Float(1 << 24)
            return range.lowerBound + unit * (range.upperBound - range.lowerBound)
        }
    }

    private func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
    }

    private func check(
        width: Int, in range: ClosedRange<Float>, within tolerance: Float,
        _ kernel: (inout MutableSpan<Float>, InstructionSet) -> Void
    ) {
        let input = values(Self.rowCount * width, in: range, seed: UInt64(width) + 7)
        var expected = input
        apply(kernel, .scalar, to: &expected)
        for set in Self.vectorForms {
            var found = input
            apply(kernel, set, to: &found)
            let difference = greatestDifference(found, expected)
            #expect(difference <= tolerance, "\(set), width \(width)")
        }
    }

    private func apply(
        _ kernel: (inout MutableSpan<Float>, InstructionSet) -> Void, _ set: InstructionSet,
        to matrix: inout [Float]
    ) {
        var span = matrix.mutableSpan
        kernel(&span, set)
    }

    @Test(arguments: widths)
    func `adding a bias is the same in every form`(width: Int) {
        let bias = values(width, in: -1...1, seed: 3)
        check(width: width, in: -10...10, within: 0) { matrix, set in
            TransformerKernels.addBias(to: &matrix, rowCount: Self.rowCount, bias: bias.span, set: set)
        }
    }

    @Test(arguments: widths)
    func `GELU by the formula with tanh is the same in every form within 1e-6 times the input`(width: Int) {
        check(width: width, in: -12...12, within: 1.2e-5) { matrix, set in
            TransformerKernels.applyTanhGELU(to: &matrix, set: set)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `GELU by the formula with tanh is right at the ends and in the middle`(set: InstructionSet) {
        var values: [Float] = [-1e30, -40, -1, 0, 1, 40, 1e30]
        apply({ TransformerKernels.applyTanhGELU(to: &$0, set: $1) }, set, to: &values)
        // 0.1588 and 0.8412 by Wolfram's formula; elsewhere the argument itself, or nothing.
        let expected: [Float] = [0, 0, -0.158808, 0, 0.841192, 40, 1e30]
        for (found, expected) in zip(values, expected) {
            #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)), "\(found), \(expected)")
        }
    }

    @Test(arguments: widths)
    func `GELU is the same in every form within 1e-6 times the input`(width: Int) {
        let bias = values(width, in: -1...1, seed: 5)
        for bound in [Float(1), 3, 10, 100] {
            check(width: width, in: -bound...bound, within: bound * 1e-6) { matrix, set in
                TransformerKernels.addBiasAndGELU(
                    to: &matrix, rowCount: Self.rowCount, bias: bias.span, set: set)
            }
        }
    }

    @Test(arguments: widths)
    func `softmax is the same in every form within 1e-6`(width: Int) {
        for bound in [Float(0.1), 5, 1_000] {
            check(width: width, in: -bound...bound, within: 1e-6) { matrix, set in
                TransformerKernels.softmaxRows(
                    of: &matrix, rowCount: Self.rowCount, width: width, scale: 0.25, set: set)
            }
        }
    }

    /// Not of width 1: a single element has no variance, and dividing rounding errors by its root says
    /// nothing.
    @Test(arguments: widths.filter { $0 != 1 })
    func `layer normalisation is the same in every form within 1e-5`(width: Int) {
        let bias = values(width, in: -1...1, seed: 9)
        let residual = values(Self.rowCount * width, in: -2...2, seed: 10)
        let normalization = TransformerKernels.Normalization(
            gain: values(width, in: 0.5...1.5, seed: 11), shift: values(width, in: -1...1, seed: 12),
            epsilon: 1e-12)
        check(width: width, in: -3...3, within: 1e-5) { matrix, set in
            TransformerKernels.addAndNormalizeRows(
                of: &matrix, rowCount: Self.rowCount, bias: bias.span, residual: residual.span,
                by: normalization,
                set: set)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `the erf inside GELU is within 1e-6 of the exact one from -8 to 8`(set: InstructionSet) {
        let inputs = (0...160_000).map { Float($0) / 10_000 - 8 }
        // gelu(√2 · x) = x/√2 · (1 + erf x), so the error of erf is that of gelu times √2/|x|.
        var found = inputs.map { $0 * Float(2).squareRoot() }
        let zeros = [Float](repeating: 0, count: found.count)
        var span = found.mutableSpan
        TransformerKernels.addBiasAndGELU(to: &span, rowCount: 1, bias: zeros.span, set: set)
        var greatest = 0.0
        for (x, gelu) in zip(inputs, found) where abs(x) > 0.01 {
            let erf = Double(gelu) * 2.0.squareRoot() / Double(x) - 1
            greatest = max(greatest, abs(erf - Foundation.erf(Double(x))))
        }
        #expect(greatest <= 1e-6)
    }

    @Test(arguments: InstructionSet.available)
    func `softmax rows sum to 1, keep the order and survive great and equal scores`(set: InstructionSet) {
        var matrix: [Float] = [1e30, 0, -1e30, 5, 5, 5, -80, -90, -2_000]
        var span = matrix.mutableSpan
        TransformerKernels.softmaxRows(of: &span, rowCount: 3, width: 3, scale: 1, set: set)
        #expect(greatestDifference(Array(matrix[0..<3]), [1, 0, 0]) < 1e-6)
        #expect(greatestDifference(Array(matrix[3..<6]), [1.0 / 3, 1.0 / 3, 1.0 / 3]) < 1e-6)
        #expect(abs(matrix[6...].reduce(0, +) - 1) < 1e-6)
        #expect(matrix[6] > matrix[7] && matrix[7] > matrix[8])
    }

    @Test(arguments: InstructionSet.available)
    func `a normalised row has mean 0 and variance 1, a constant row becomes the shift`(set: InstructionSet) {
        let width = 384
        let zeros = [Float](repeating: 0, count: width)
        let plain = TransformerKernels.Normalization(
            gain: [Float](repeating: 1, count: width), shift: zeros, epsilon: 1e-12)
        var matrix = values(width, in: 100...101, seed: 1) + [Float](repeating: 4, count: width)
        let residual = zeros + zeros
        var span = matrix.mutableSpan
        TransformerKernels.addAndNormalizeRows(
            of: &span, rowCount: 2, bias: zeros.span, residual: residual.span, by: plain, set: set)
        let first = matrix[..<width]
        #expect(abs(first.reduce(0, +) / Float(width)) < 1e-4)
        #expect(abs(first.reduce(0) { $0 + $1 * $1 } / Float(width) - 1) < 1e-4)
        #expect(matrix[width...].allSatisfy { $0 == 0 })
    }
}
