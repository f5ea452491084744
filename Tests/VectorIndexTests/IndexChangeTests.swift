import TestSupport
import Testing
import VectorIndex

@Suite struct IndexChangeTests {
    private let index = VectorIndex(configuration: .init(dimension: 1, tailRowsMax: 2))
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var rows: [Int64] {
        get throws { try index.snapshot.search([1], k: 100).map(\.row.rawValue) }
    }

    private func refuses(_ change: IndexChange, _ isExpected: (VectorIndexError) -> Bool) throws {
        let before = (try rows, index.snapshot.sequence, index.snapshot.deletedRowCount)
        let error = #expect(throws: VectorIndexError.self) { try index.apply(change) }
        #expect(error.map(isExpected) == true, "\(String(describing: error))")
        #expect(try (rows, index.snapshot.sequence, index.snapshot.deletedRowCount) == before)
    }

    private func seal(_ number: Int64) throws {
        try index.publish(index.writeSegment(number: number, in: directory.url), in: directory.url)
    }

    @Test func `a change that breaks a rule changes nothing`() throws {
        try index.apply(IndexChange(sequence: 5, insertions: [IndexRow(1, [1]), IndexRow(2, [1])]))
        let good = IndexRow(3, born: 6, [1])
        try refuses(IndexChange(sequence: 5, insertions: [good])) {
            if case .sequenceNotIncreasing(last: 5, found: 5) = $0 { true } else { false }
        }
        try refuses(IndexChange(sequence: 6, insertions: [good, IndexRow(4, [1, 2])], deletions: [1])) {
            if case .dimensionMismatch(expected: 1, found: 2) = $0 { true } else { false }
        }
        try refuses(IndexChange(sequence: 6, insertions: [good, IndexRow(4, [.nan])], deletions: [1])) {
            if case .notFinite(row: 4) = $0 { true } else { false }
        }
        try refuses(IndexChange(sequence: 6, insertions: [good, IndexRow(4, born: 7, [1])])) {
            if case .bornOutside(row: 4, bornSequence: 7, sequences: 0...6) = $0 { true } else { false }
        }
        try refuses(IndexChange(sequence: 6, insertions: [good, IndexRow(1, [1])])) {
            if case .rowExists(row: 1, segment: nil) = $0 { true } else { false }
        }
        try refuses(IndexChange(sequence: 6, insertions: [good, good])) {
            if case .rowExists(row: 3, segment: nil) = $0 { true } else { false }
        }
    }

    @Test func `of several changes applied at once, all or none take effect`() throws {
        let good = IndexChange(sequence: 1, insertions: [IndexRow(1, [1])])
        let bad = IndexChange(sequence: 1, insertions: [IndexRow(2, [1])])
        #expect(throws: VectorIndexError.self) { try index.apply([good, bad]) }
        #expect(try rows == [] && index.snapshot.sequence == 0)
        try index.apply([good, IndexChange(sequence: 2, insertions: [IndexRow(2, [1])], deletions: [1])])
        #expect(try rows == [2] && index.snapshot.sequence == 2)
    }

    @Test func `a row in a segment cannot be inserted again, alive or dead`() throws {
        try index.apply(IndexChange(sequence: 1, insertions: [IndexRow(1, [1]), IndexRow(2, [1])]))
        try seal(1)
        try index.apply(IndexChange(sequence: 2, deletions: [2]))
        for row in [1, 2] as [Int64] {
            try refuses(IndexChange(sequence: 3, insertions: [IndexRow(row, [1])])) {
                if case .rowExists(_, segment: 1) = $0 { true } else { false }
            }
        }
    }

    @Test func `a deleted row is never returned, in tail and segment`() throws {
        try index.apply(
            IndexChange(sequence: 1, insertions: (1...4).map { IndexRow($0, [1]) }, deletions: [4]))
        #expect(try rows == [1, 2, 3])
        try index.apply(IndexChange(sequence: 2, deletions: [2]))
        #expect(try rows == [1, 3])
        try seal(1)
        #expect(try rows == [1, 3])
        try index.apply(IndexChange(sequence: 3, deletions: [3, 3]))
        #expect(try rows == [1] && index.snapshot.rowCount == 1 && index.snapshot.deletedRowCount == 1)
    }

    @Test func `a row deleted before it was known is dead on arrival`() throws {
        try index.apply(IndexChange(sequence: 1, deletions: [7]))
        try index.apply(IndexChange(sequence: 2, insertions: [IndexRow(7, [1]), IndexRow(8, [1])]))
        #expect(try rows == [8] && index.snapshot.rowCount == 1)
    }

    @Test func `the tail says when it wants sealing, and refuses rows past four bounds`() throws {
        var sequence: Int64 = 0
        func insert(_ count: Int) throws {
            for _ in 0..<count {
                sequence += 1
                try index.apply(IndexChange(sequence: sequence, insertions: [IndexRow(sequence, [1])]))
            }
        }
        try insert(2)
        #expect(!index.tailState.needsSealing)
        try insert(6)
        #expect(index.tailState.needsSealing && index.tailState.isFull && index.tailState.rowCount == 8)
        try refuses(IndexChange(sequence: 9, insertions: [IndexRow(9, [1])])) {
            if case .tailFull(rowCount: 8, rowCountMax: 8) = $0 { true } else { false }
        }
        try index.apply(IndexChange(sequence: 9, deletions: [1]))
        try seal(1)
        #expect(index.tailState.rowCount == 0)
        sequence = 9
        try insert(1)
        #expect(try rows == Array(2...8) + [10])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `rows may come in any order and portions`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let index = VectorIndex(configuration: .init(dimension: 3))
        var model = BruteForce()
        var pending = (0..<3000).map { IndexRow($0, random.vector(3)) }.shuffled(using: &random)
        var sequence: Int64 = 0
        while !pending.isEmpty {
            sequence += 1
            let count = min(pending.count, Int.random(in: 1...(seed % 2 == 0 ? 20 : 1500), using: &random))
            let change = IndexChange(sequence: sequence, insertions: Array(pending.suffix(count)))
            pending.removeLast(count)
            try index.apply(change)
            model.apply(change)
        }
        let query = random.vector(3)
        #expect(try index.snapshot.search(query, k: 5000) == model.search(query, k: 5000))
    }
}
