import Kernels
import TestSupport
import Testing

@Suite struct ByteMapTests {
    private static let sets = InstructionSet.available

    private let inputCount = 128
    private let outputCount = 192

    private func apply(
        _ map: ByteMap, to rows: [Float], then function: ByteMap.Function = .identity,
        _ set: InstructionSet = .best
    ) -> [Float] {
        let rowCount = rows.count / map.inputCount
        var output = [Float](repeating: .nan, count: rowCount * map.outputCount)
        var scratch = ByteMap.Scratch()
        var room = output.mutableSpan
        map.apply(
            to: rows.span, rowCount: rowCount, into: &room, then: function, scratch: &scratch, set: set)
        return output
    }

    /// In double precision, from the numbers as they are.
    private func product(_ rows: [Float], _ weight: [Float], _ bias: [Float]) -> [Double] {
        (0..<(rows.count / inputCount)).flatMap { row in
            bias.indices.map { output in
                (0..<inputCount).reduce(Double(bias[output])) {
                    $0 + Double(rows[row * inputCount + $1]) * Double(weight[output * inputCount + $1])
                }
            }
        }
    }

    @Test(arguments: sets, [ByteMap.Function.identity, .gelu])
    func `every set gives the scalar form's values, for any number of rows`(
        set: InstructionSet, function: ByteMap.Function
    ) {
        var random = SplitMix64(seed: 3)
        let map = ByteMap(
            weight: random.floats(outputCount * inputCount), bias: random.floats(outputCount),
            inputCount: inputCount, inputMaxima: random.floats(inputCount).map(abs))
        for rowCount in 0...13 {
            let rows = random.floats(rowCount * inputCount)
            let expected = apply(map, to: rows, then: function, .scalar)
            for (found, value) in zip(apply(map, to: rows, then: function, set), expected) {
                let tolerance: Float = function == .gelu ? 1e-5 : 1e-6
                #expect(abs(found - value) <= tolerance * max(1, abs(value)))
            }
        }
    }

    @Test func `a map of whole numbers is exact`() {
        var random = SplitMix64(seed: 4)
        func whole(_ count: Int, _ range: ClosedRange<Int>) -> [Float] {
            (0..<count).map { _ in Float(Int.random(in: range, using: &random)) }
        }
        // Rows that fill -128 ... 127 and weights that fill ±127 are what bytes can hold without rounding.
        var weight = whole(outputCount * inputCount, -127...127)
        for output in 0..<outputCount { weight[output * inputCount] = 127 }
        var rows = whole(7 * inputCount, -128...127)
        for row in 0..<7 { (rows[row * inputCount], rows[row * inputCount + 1]) = (-128, 127) }
        let bias = whole(outputCount, -1_000...1_000)
        let found = apply(ByteMap(weight: weight, bias: bias, inputCount: inputCount), to: rows)
        #expect(found.map(Double.init) == product(rows, weight, bias))
    }

    @Test
    func `rounding costs a hundredth of the values' size, and a tenth of that where inputs are balanced`() {
        var random = SplitMix64(seed: 5)
        let weight = random.floats(outputCount * inputCount)
        let bias = [Float](repeating: 0, count: outputCount)
        var rows = random.floats(40 * inputCount)
        // One component a hundred times as large as the others takes their steps from them.
        for row in 0..<40 { rows[row * inputCount + 5] *= 100 }
        var maxima = [Float](repeating: 1, count: inputCount)
        maxima[5] = 100
        let truth = product(rows, weight, bias)
        func error(_ maxima: [Float]) -> Double {
            let map = ByteMap(weight: weight, bias: bias, inputCount: inputCount, inputMaxima: maxima)
            let found = apply(map, to: rows)
            let squares = zip(found, truth).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
            return (squares / truth.reduce(0.0) { $0 + $1 * $1 }).squareRoot()
        }
        let (plain, balanced) = (error([]), error(maxima))
        #expect(plain < 0.05 && balanced < plain / 2, "\(plain), \(balanced)")
    }

    @Test func `zeros, and rows of one sign, keep their zero`() {
        var random = SplitMix64(seed: 6)
        let weight = random.floats(outputCount * inputCount)
        let bias = random.floats(outputCount)
        let map = ByteMap(weight: weight, bias: bias, inputCount: inputCount)
        #expect(apply(map, to: [Float](repeating: 0, count: inputCount)) == bias)
        for sign in [Float(1), -1] {
            let rows = random.floats(inputCount).map { sign * (abs($0) + 3) }
            for (found, value) in zip(apply(map, to: rows), product(rows, weight, bias)) {
                #expect(abs(Double(found) - value) < 1)
            }
        }
    }
}

@Suite struct AttentionTests {
    private static let sets = InstructionSet.available

    private func context(
        _ rows: [Float], _ rowCount: Int, _ heads: Int, _ size: Int, _ set: InstructionSet,
        rounding: Bool = false
    ) -> [Float] {
        var context = [Float](repeating: .nan, count: rowCount * heads * size)
        var scratch: [Float] = []
        var room = context.mutableSpan
        Attention.apply(
            to: rows.span, rowCount: rowCount, headCount: heads, headSize: size, into: &room,
            rounding: rounding, scratch: &scratch, set: set)
        return context
    }

    @Test(arguments: sets, [(1, 32), (12, 32), (3, 64), (2, 96), (2, 20)])
    func `every set gives the scalar form's values within 1e-5`(
        set: InstructionSet, shape: (heads: Int, size: Int)
    ) {
        var random = SplitMix64(seed: 7)
        for rowCount in [1, 2, 3, 5, 6, 7, 15, 16, 17, 63, 64, 65, 130] {
            let rows = random.floats(rowCount * 3 * shape.heads * shape.size)
            let found = context(rows, rowCount, shape.heads, shape.size, set)
            let expected = context(rows, rowCount, shape.heads, shape.size, .scalar)
            let greatest = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            #expect(greatest < 1e-5, "\(rowCount) rows")
        }
    }

    @Test(arguments: sets, [(1, 32), (12, 32), (3, 64), (2, 96)])
    func `attention with rounded numbers stays near the exact one`(
        set: InstructionSet, shape: (heads: Int, size: Int)
    ) {
        var random = SplitMix64(seed: 8)
        for rowCount in [1, 2, 3, 5, 6, 7, 15, 16, 17, 31, 32, 33, 64, 65, 130] {
            let rows = random.floats(rowCount * 3 * shape.heads * shape.size)
            let found = context(rows, rowCount, shape.heads, shape.size, set, rounding: true)
            let expected = context(rows, rowCount, shape.heads, shape.size, .scalar)
            let greatest = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            #expect(greatest < 0.02, "\(rowCount) rows")
        }
    }

    @Test(arguments: sets)
    func `equal keys give the mean of the values, and one great score its value`(set: InstructionSet) {
        var rows = [Float](repeating: 0, count: 4 * 96)
        for row in 0..<4 {
            for d in 0..<32 { rows[row * 96 + 64 + d] = Float(row * 32 + d) }
        }
        let mean = context(rows, 4, 1, 32, set)
        for d in 0..<32 { #expect(abs(mean[d] - Float(48 + d)) < 1e-4) }
        for d in 0..<32 { (rows[d], rows[2 * 96 + 32 + d]) = (30, 30) }
        let chosen = context(rows, 4, 1, 32, set)
        for d in 0..<32 { #expect(abs(chosen[d] - Float(64 + d)) < 1e-4) }
    }
}
