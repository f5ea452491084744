import Kernels
import TestSupport
import Testing

@Suite struct FloatMapTests {
    private let inputCount = 100
    private let outputCount = 192

    private func apply(
        _ map: FloatMap, to rows: [Float], then function: ByteMap.Function = .identity, _ set: InstructionSet
    ) -> [Float] {
        let rowCount = rows.count / map.inputCount
        var output = [Float](repeating: .nan, count: rowCount * map.outputCount)
        var room = output.mutableSpan
        map.apply(to: rows.span, rowCount: rowCount, into: &room, then: function, set: set)
        return output
    }

    @Test(arguments: InstructionSet.available, [ByteMap.Function.identity, .gelu])
    func `every set gives what the scalar form gives, for any number of rows`(
        set: InstructionSet, function: ByteMap.Function
    ) {
        var random = SplitMix64(seed: 11)
        let map = FloatMap(
            weight: random.floats(outputCount * inputCount), bias: random.floats(outputCount),
            inputCount: inputCount)
        for rowCount in 0...13 {
            let rows = random.floats(rowCount * inputCount)
            let expected = apply(map, to: rows, then: function, .scalar)
            for (found, value) in zip(apply(map, to: rows, then: function, set), expected) {
                #expect(abs(found - value) <= 2e-5 * max(1, abs(value)))
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `whole numbers are multiplied exactly, each with its own weight`(set: InstructionSet) {
        var random = SplitMix64(seed: 12)
        func whole(_ count: Int) -> [Float] {
            (0..<count).map { _ in Float(Int.random(in: -100...100, using: &random)) }
        }
        let (weight, bias, rows) = (
            whole(outputCount * inputCount), whole(outputCount), whole(7 * inputCount)
        )
        let found = apply(FloatMap(weight: weight, bias: bias, inputCount: inputCount), to: rows, set)
        for row in 0..<7 {
            for output in 0..<outputCount {
                let sum = (0..<inputCount).reduce(bias[output]) {
                    $0 + rows[row * inputCount + $1] * weight[output * inputCount + $1]
                }
                #expect(found[row * outputCount + output] == sum)
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a row's values do not depend on the rows beside it`(set: InstructionSet) {
        var random = SplitMix64(seed: 13)
        let map = FloatMap(
            weight: random.floats(outputCount * inputCount), bias: random.floats(outputCount),
            inputCount: inputCount)
        let rows = random.floats(9 * inputCount)
        let together = apply(map, to: rows, set)
        for row in 0..<9 {
            let alone = apply(map, to: Array(rows[row * inputCount..<(row + 1) * inputCount]), set)
            #expect(Array(together[row * outputCount..<(row + 1) * outputCount]) == alone)
        }
    }
}
