import Kernels
import TestSupport
import Testing

@Suite struct SelectionTests {
    @Test(arguments: [0, 1, 2, 5, 191, 192, 500, 4_096])
    func `candidates come best first, of equals the lower index`(count: Int) {
        var random = SplitMix64(seed: UInt64(count) + 1)
        // Few different scores, so that ties abound.
        let scores = (0..<count).map { _ in Float(Int.random(in: -20...20, using: &random)) / 4 }
        let expected = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        var candidates = BestFirst(scores: scores)
        var found: [Int] = []
        while let (index, score) = candidates.next() {
            #expect(score == scores[index])
            found.append(index)
        }
        #expect(found == expected)
    }

    @Test func `infinite scores are candidates too`() {
        let scores = [Float](repeating: -.infinity, count: 300) + [.infinity, 0]
        var candidates = BestFirst(scores: scores)
        #expect(
            candidates.next()?.index == 300 && candidates.next()?.index == 301
                && candidates.next()?.index == 0)
    }

    @Test(arguments: [1, 2, 3, 17, 400])
    func `the sum of a rank is that of a sorted list`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let sums = (0..<count).map { _ in Int32.random(in: -9...9, using: &random) }
        let sorted = sums.sorted(by: >)
        for rank in Set([1, (count + 1) / 2, count]) {
            var scratch = [Int32](repeating: 0, count: count)
            var room = scratch.mutableSpan
            #expect(
                SumSelection.threshold(sums.span, count: count, rank: rank, scratch: &room)
                    == sorted[rank - 1])
        }
    }

    @Test(arguments: [1, 15, 16, 17, 64, 1_000])
    func `the greatest difference is the first of the greatest`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let a = (0..<count).map { _ in Float(Int.random(in: 0...9, using: &random)) }
        let b = (0..<count).map { _ in Float(Int.random(in: 0...9, using: &random)) }
        let differences = zip(a, b).map(-)
        let (index, difference) = GreatestDifference.of(a.span, minus: b.span)
        #expect(difference == differences.max() && index == differences.firstIndex(of: difference))
    }
}

@Suite struct QueryTablesTests {
    @Test(arguments: [1, 3, 4, 31, 384], InstructionSet.available)
    func `a vector is rounded to bytes within half a unit`(dimension: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(dimension))
        let vector = random.floats(dimension)
        var bytes = [Int8](repeating: 77, count: dimension + 3)
        var room = bytes.mutableSpan
        let unit = QueryTables.quantize(vector.span, into: &room, using: set)
        for (value, byte) in zip(vector, bytes) { #expect(abs(value - unit * Float(byte)) <= 0.501 * unit) }
        #expect(bytes.suffix(3) == [0, 0, 0] && bytes.prefix(dimension).contains { abs(Int($0)) == 127 })
    }

    @Test(arguments: InstructionSet.available) func `zeros stay zeros`(set: InstructionSet) {
        var bytes = [Int8](repeating: 1, count: 4)
        var room = bytes.mutableSpan
        #expect(QueryTables.quantize([0, .leastNonzeroMagnitude].span, into: &room, using: set) == 0)
        #expect(bytes == [0, 0, 0, 0])
    }

    @Test(arguments: [1, 2, 3, 4], InstructionSet.available)
    func `a table's sums are products within half a unit a subspace`(width: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(width))
        let subspaces = 16
        let (query, words) = (random.floats(subspaces * width), random.floats(subspaces * width * 16))
        var table = [Int8](repeating: 0, count: subspaces * 16)
        var room = table.mutableSpan
        let (middle, unit) = QueryTables.codeTable(
            of: query.span, codewords: words.span, subspaceCount: subspaces, width: width, into: &room,
            using: set)
        for _ in 0..<50 {
            let codes = (0..<subspaces).map { _ in Int.random(in: 0..<16, using: &random) }
            var (product, sum): (Float, Int) = (0, 0)
            for (m, code) in codes.enumerated() {
                sum += Int(table[m / 8 * 128 + m % 8 * 16 + code])
                for i in 0..<width { product += query[m * width + i] * words[(m * width + i) * 16 + code] }
            }
            #expect(abs(middle + unit * Float(sum) - product) <= 0.51 * unit * Float(subspaces))
        }
    }

    @Test(arguments: [1, 4], InstructionSet.available)
    func `every instruction set makes the scalar twin's table`(width: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(width) + 9)
        let (query, words) = (random.floats(24 * width), random.floats(24 * width * 16))
        func table(_ set: InstructionSet) -> ([Int8], Float, Float) {
            var table = [Int8](repeating: 0, count: 24 * 16)
            var room = table.mutableSpan
            let (middle, unit) = QueryTables.codeTable(
                of: query.span, codewords: words.span, subspaceCount: 24, width: width, into: &room,
                using: set)
            return (table, middle, unit)
        }
        let (found, expected) = (table(set), table(.scalar))
        #expect(found == expected)
    }
}

@Suite struct VectorSumsTests {
    @Test func `a row is added to its sum and no other`() {
        var sums: [Float] = [1, 2, 3, 4]
        var room = sums.mutableSpan
        VectorSums.add([9, 9, 5, 6].span, row: 1, to: &room, at: 0, dimension: 2)
        #expect(sums == [6, 8, 3, 4])
    }
}
