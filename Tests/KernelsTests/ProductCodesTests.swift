import Kernels
import TestSupport
import Testing

@Suite struct ProductCodesTests {
    static let groupCounts = [0, 1, 3, 4, 5, 9]
    static let stepCounts = [1, 2, 3, 6, 7, 12, 31, 33, 64]
    static let sets = InstructionSet.available

    @Test(arguments: groupCounts, sets)
    func `every set finds what the scalar twin finds, for any number of steps`(
        groupCount: Int, set: InstructionSet
    ) {
        for stepCount in Self.stepCounts {
            let list = CodeList(groupCount: groupCount, stepCount: stepCount, seed: UInt64(stepCount))
            for threshold in list.thresholds {
                #expect(list.scan(threshold, using: set) == list.scan(threshold, using: .scalar))
            }
        }
    }

    @Test(arguments: groupCounts, sets)
    func `every set leaves out what the scalar twin leaves out, wherever the first bit stands`(
        groupCount: Int, set: InstructionSet
    ) {
        let list = CodeList(groupCount: groupCount, stepCount: 6, seed: 1)
        for first in [0, 1, 16, 47, 48, 49, 63, 64, 77] {
            for allowed in list.masks(first: first) {
                for threshold in list.thresholds {
                    let found = list.scan(threshold, allowed: (allowed, first), using: set)
                    #expect(found == list.scan(threshold, allowed: (allowed, first), using: .scalar))
                }
            }
        }
    }

    @Test(arguments: sets)
    func `sums of the least and the greatest entries are exact`(set: InstructionSet) {
        for stepCount in [1, 31, 32, 33, 200] {
            for entry in [Int8.min, .max] {
                var list = CodeList(groupCount: 3, stepCount: stepCount, seed: 5)
                list.table = list.table.map { _ in entry }
                let found = list.scan(.min, using: set)
                #expect(
                    found.count == 48 && found.allSatisfy { $0.sum == 8 * Int32(stepCount) * Int32(entry) })
            }
        }
    }

    @Test(arguments: sets)
    func `each half of a byte looks up the table of its own subspace`(set: InstructionSet) {
        for subspace in 0..<16 {
            var list = CodeList(groupCount: 1, stepCount: 2, seed: 0)
            list.codes = list.codes.map { _ in 0x73 }
            list.table = [Int8](repeating: 0, count: list.table.count)
            // Of every eight subspaces the first four are in the low halves, the others in the high ones.
            list.table[subspace * 16 + (subspace % 8 < 4 ? 3 : 7)] = 5
            #expect(list.scan(5, using: set).map(\.position) == Array(100..<116))
        }
    }

    @Test(arguments: sets)
    func `only rows whose bit is set are found, with their sums`(set: InstructionSet) {
        let list = CodeList(groupCount: 5, stepCount: 6, seed: 9)
        let all = list.scan(.min, using: set)
        for first in [0, 50] {
            for row in [0, 15, 16, 37, 79] {
                var bits = [UInt64](repeating: 0, count: (first + 80 + 127) / 64)
                bits[(first + row) / 64] |= 1 << UInt64((first + row) % 64)
                #expect(list.scan(.min, allowed: (bits, first), using: set) == [all[row]])
            }
        }
    }

    @Test(arguments: sets)
    func `a row at the threshold is found, one below is not`(set: InstructionSet) {
        let list = CodeList(groupCount: 9, stepCount: 6, seed: 3)
        let all = list.scan(.min, using: set)
        for row in all.prefix(20) {
            let found = list.scan(row.sum, using: set)
            #expect(found == all.filter { $0.sum >= row.sum })
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 8, 12, 16, 24, 32, 96], sets)
    func `every set finds the codewords that the scalar twin finds`(width: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(width))
        for subspaceCount in [1, 2, 3, 8, 16] {
            for rowCount in [0, 1, 3, 4, 5, 9] {
                let rows = random.floats(rowCount * subspaceCount * width)
                let codewords = random.floats(subspaceCount * width * 16)
                let found = nearest(rows, codewords, subspaceCount, width, set)
                #expect(found == nearest(rows, codewords, subspaceCount, width, .scalar))
            }
        }
    }

    @Test(arguments: sets)
    func `of equally near codewords the lower is taken`(set: InstructionSet) {
        // Every codeword stands twice, and then all of them are one.
        let pairs = (0..<4).flatMap { _ in (0..<16).map { Float($0 / 2) } }
        for value in 0..<8 {
            #expect(
                nearest([Float](repeating: Float(value), count: 4), pairs, 1, 4, set) == [UInt8(2 * value)])
        }
        #expect(nearest([3, 3], [Float](repeating: 1, count: 32), 2, 1, set) == [0, 0])
    }

    @Test(arguments: sets)
    func `a codeword is nearest to itself`(set: InstructionSet) {
        var random = SplitMix64(seed: 8)
        let codewords = random.floats(8 * 16)
        for code in 0..<16 {
            let row = (0..<8).map { codewords[$0 * 16 + code] }
            #expect(nearest(row, codewords, 1, 8, set) == [UInt8(code)])
        }
    }

    private func nearest(
        _ rows: [Float], _ codewords: [Float], _ subspaceCount: Int, _ width: Int, _ set: InstructionSet
    ) -> [UInt8] {
        var codes = [UInt8](repeating: 99, count: rows.count / width)
        var room = codes.mutableSpan
        ProductCodes.nearest(
            to: rows.span, codewords: codewords.span, subspaceCount: subspaceCount, width: width, into: &room,
            using: set)
        return codes
    }
}

/// Codes and a table at random.
private struct CodeList {
    struct Found: Equatable {
        let position: UInt32
        let sum: Int32
    }

    let groupCount: Int
    var codes: [UInt8]
    var table: [Int8]

    init(groupCount: Int, stepCount: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        self.groupCount = groupCount
        codes = (0..<groupCount * stepCount * ProductCodes.stepBytes).map { _ in
            UInt8.random(in: 0 ... .max, using: &random)
        }
        table = (0..<stepCount * ProductCodes.stepEntries).map { _ in
            Int8.random(in: .min ... .max, using: &random)
        }
    }

    /// Those that find all, half, few and no rows.
    var thresholds: [Int32] {
        let sums = scan(.min, using: .scalar).map(\.sum).sorted()
        return [.min, sums.first ?? 0, sums.isEmpty ? 0 : sums[sums.count / 2], sums.last ?? 0, .max]
    }

    /// All, none, every other one, a random half, a single row and a whole group, one word longer than the
    /// rows.
    func masks(first: Int) -> [[UInt64]] {
        var random = SplitMix64(seed: UInt64(first))
        let rowCount = groupCount * ProductCodes.groupRows
        let words = 0..<(first + rowCount + 127) / 64
        func only(_ rows: Range<Int>) -> [UInt64] {
            var bits = words.map { _ in UInt64(0) }
            for row in rows where row < rowCount {
                bits[(first + row) / 64] |= 1 << UInt64((first + row) % 64)
            }
            return bits
        }
        return [
            words.map { _ in .max }, words.map { _ in 0 }, words.map { _ in 0x5555_5555_5555_5555 },
            words.map { _ in random.next() }, only(17..<18), only(32..<48),
        ]
    }

    func scan(
        _ threshold: Int32, allowed: (bits: [UInt64], first: Int) = ([], 0), using set: InstructionSet
    ) -> [Found] {
        var positions = [UInt32](repeating: 0, count: groupCount * ProductCodes.groupRows)
        var sums = [Int32](repeating: 0, count: positions.count)
        var positionRoom = positions.mutableSpan
        var sumRoom = sums.mutableSpan
        let count = ProductCodes.scan(
            codes.span, groupCount: groupCount, table: table.span, threshold: threshold,
            allowed: allowed.bits.span, allowedFirst: allowed.first, first: 100, into: &positionRoom,
            &sumRoom,
            using: set
        )
        return zip(positions, sums).prefix(count).map(Found.init)
    }
}
