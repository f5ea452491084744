import Kernels
import TestSupport
import Testing

@Suite struct DotProductsTests {
    static let dimensions = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 384, 768, 1536]

    @Test(arguments: dimensions, Array(InstructionSet.available))
    func `every instruction set agrees with the scalar twin`(dimension: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(dimension))
        for rowCount in [0, 1, 3, 4, 5, 11] {
            let query = random.floats(dimension)
            let rows = random.floats(rowCount * dimension)
            let expected = scores(query, rows, rowCount, .scalar)
            let found = scores(query, rows, rowCount, set)
            for row in 0..<rowCount {
                let size = zip(query, rows[(row * dimension)...]).reduce(Float(0)) { $0 + abs($1.0 * $1.1) }
                #expect(abs(found[row] - expected[row]) <= 1e-5 * size)
            }
        }
    }

    @Test(arguments: dimensions)
    func `the scalar twin agrees with a sum in Double`(dimension: Int) {
        var random = SplitMix64(seed: 7)
        let (query, row) = (random.floats(dimension), random.floats(dimension))
        let exact = zip(query, row).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let found = scores(query, row, 1, .scalar)[0]
        #expect(abs(Double(found) - exact) <= 1e-6 * Double(dimension + 1))
    }

    @Test(arguments: dimensions, Array(InstructionSet.available))
    func `equal rows score the same bits wherever they stand`(dimension: Int, set: InstructionSet) {
        var random = SplitMix64(seed: 3)
        let (query, row) = (random.floats(dimension), random.floats(dimension))
        let alone = scores(query, row, 1, set)[0]
        for rowCount in 2...9 {
            for position in 0..<rowCount {
                var rows = random.floats(rowCount * dimension)
                rows.replaceSubrange((position * dimension)..<((position + 1) * dimension), with: row)
                #expect(scores(query, rows, rowCount, set)[position].bitPattern == alone.bitPattern)
            }
        }
    }

    @Test(arguments: dimensions.dropFirst(), Array(InstructionSet.available))
    func `a gathered row has the bits it has among all`(dimension: Int, set: InstructionSet) {
        var random = SplitMix64(seed: 5)
        let (query, rows) = (random.floats(dimension), random.floats(20 * dimension))
        let all = scores(query, rows, 20, set)
        for count in [0, 1, 5, 6, 7, 20, 33] {
            let positions = (0..<count).map { _ in UInt32.random(in: 0..<20, using: &random) }
            var found = [Float](repeating: 9, count: count + 1)
            var room = found.mutableSpan
            DotProducts.gathered(
                of: query.span, against: rows.span, at: positions.span, count: count, into: &room, using: set)
            let expected = positions.map { all[Int($0)] } + [9]
            #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test func `scores past the rows are left as they are`() {
        var scores: [Float] = [9, 9, 9]
        var room = scores.mutableSpan
        DotProducts.scores(of: [2, 3].span, against: [1, 1].span, rowCount: 1, into: &room)
        #expect(scores == [5, 9, 9])
    }

    @Test func `a product is the score of a row`() {
        var random = SplitMix64(seed: 11)
        let (a, b) = (random.floats(100), random.floats(100))
        #expect(DotProducts.product(a.span, b.span) == scores(a, b, 1, .best)[0])
    }

    private func scores(_ query: [Float], _ rows: [Float], _ rowCount: Int, _ set: InstructionSet) -> [Float]
    {
        var scores = [Float](repeating: .nan, count: rowCount)
        var room = scores.mutableSpan
        DotProducts.scores(of: query.span, against: rows.span, rowCount: rowCount, into: &room, using: set)
        return scores
    }
}

extension SplitMix64 {
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &self) }
    }
}
