import TestSupport
import Testing
import TextIndex

@Suite struct TextChangeTests {
    private let index = TextIndex(configuration: TextIndexConfiguration(tailRowsMax: 2))
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var rows: [Int64] {
        get throws { try index.snapshot.search(TextQuery(words: ["kamo"]), k: 100).map(\.row) }
    }

    private func row(_ row: Int64, born: Int64 = 1) -> TextRow {
        TextRow(row, born: born, "kamo")
    }

    private func refuses(_ change: TextChange, _ isExpected: (TextIndexError) -> Bool) throws {
        let before = (try rows, index.snapshot.sequence, index.snapshot.deletedRowCount)
        let error = #expect(throws: TextIndexError.self) { try index.apply([change]) }
        #expect(error.map(isExpected) == true, "\(String(describing: error))")
        #expect(try (rows, index.snapshot.sequence, index.snapshot.deletedRowCount) == before)
    }

    private func seal(_ number: Int64) throws {
        try index.publish(index.writeSegment(number: number, in: directory.url), in: directory.url)
    }

    @Test func `a change that breaks a rule changes nothing`() throws {
        try index.apply([TextChange(sequence: 5, insertions: [row(1), row(2)])])
        let good = row(3, born: 6)
        try refuses(TextChange(sequence: 5, insertions: [good])) {
            if case .sequenceNotIncreasing(last: 5, found: 5) = $0 { true } else { false }
        }
        try refuses(TextChange(sequence: 6, insertions: [good, row(4, born: 7)], deletions: [1])) {
            if case .bornOutside(row: 4, bornSequence: 7, sequences: 0...6) = $0 { true } else { false }
        }
        try refuses(TextChange(sequence: 6, insertions: [good, row(1)], deletions: [2])) {
            if case .rowExists(row: 1, segment: nil) = $0 { true } else { false }
        }
        try refuses(TextChange(sequence: 6, insertions: [good, good])) {
            if case .rowExists(row: 3, segment: nil) = $0 { true } else { false }
        }
    }

    @Test func `of several changes applied at once, all or none take effect`() throws {
        let good = TextChange(sequence: 1, insertions: [row(1)])
        let bad = TextChange(sequence: 1, insertions: [row(2)])
        #expect(throws: TextIndexError.self) { try index.apply([good, bad]) }
        #expect(try rows == [] && index.snapshot.sequence == 0)
        try index.apply([good, TextChange(sequence: 2, insertions: [row(2)], deletions: [1])])
        #expect(try rows == [2] && index.snapshot.sequence == 2)
    }

    @Test func `a row in a segment cannot be inserted again, alive or dead`() throws {
        try index.apply([TextChange(sequence: 1, insertions: [row(1), row(2)])])
        try seal(1)
        try index.apply([TextChange(sequence: 2, deletions: [2])])
        for number in [1, 2] as [Int64] {
            try refuses(TextChange(sequence: 3, insertions: [row(number)])) {
                if case .rowExists(_, segment: 1) = $0 { true } else { false }
            }
        }
    }

    @Test func `a deleted row is never returned, in tail and segment`() throws {
        try index.apply([TextChange(sequence: 1, insertions: (1...4).map { row($0) }, deletions: [4])])
        #expect(try rows == [1, 2, 3])
        try index.apply([TextChange(sequence: 2, deletions: [2])])
        #expect(try rows == [1, 3])
        try seal(1)
        #expect(try rows == [1, 3])
        try index.apply([TextChange(sequence: 3, deletions: [3, 3])])
        #expect(try rows == [1] && index.snapshot.rowCount == 1 && index.snapshot.deletedRowCount == 1)
    }

    @Test func `a row deleted before it was known is dead on arrival`() throws {
        try index.apply([TextChange(sequence: 1, deletions: [7])])
        try index.apply([TextChange(sequence: 2, insertions: [row(7), row(8)])])
        #expect(try rows == [8] && index.snapshot.rowCount == 1)
    }

    @Test func `the tail says when it wants sealing, and refuses rows past four bounds`() throws {
        for sequence in 1...8 as ClosedRange<Int64> {
            try index.apply([TextChange(sequence: sequence, insertions: [row(sequence)])])
            #expect(index.tailState.needsSealing == (sequence > 2))
        }
        #expect(index.tailState.isFull && index.tailState.rowCount == 8)
        try refuses(TextChange(sequence: 9, insertions: [row(9)])) {
            if case .tailFull(rowCount: 8, rowCountMax: 8) = $0 { true } else { false }
        }
        try index.apply([TextChange(sequence: 9, deletions: [1])])
        try seal(1)
        #expect(index.tailState.rowCount == 0)
        try index.apply([TextChange(sequence: 10, insertions: [row(10)])])
        #expect(try rows == Array(2...8) + [10])
    }

    @Test func `a snapshot never changes`() throws {
        try index.apply([TextChange(sequence: 1, insertions: [row(1), row(2)])])
        let before = index.snapshot
        try index.apply([TextChange(sequence: 2, insertions: [row(3)], deletions: [1])])
        try seal(1)
        #expect(before.sequence == 1 && before.rowCount == 2)
        #expect(try before.search(TextQuery(words: ["kamo"]), k: 9).map(\.row) == [1, 2])
    }

    @Test func `deletions that came after a segment was written hold when it is published`() throws {
        try index.apply([TextChange(sequence: 1, insertions: [row(1), row(2), row(3)])])
        let segment = try index.writeSegment(number: 1, in: directory.url)
        try index.apply([TextChange(sequence: 2, insertions: [row(4, born: 2)], deletions: [2])])
        try index.publish(segment, in: directory.url)
        #expect(try rows == [1, 3, 4])
        #expect(index.snapshot.liveSealedRowCount == 2 && index.snapshot.liveTailRowCount == 1)
    }

    @Test func `segments are published in the order of what they cover`() throws {
        try index.apply([TextChange(sequence: 1, insertions: [row(1)])])
        let early = try index.writeSegment(number: 1, in: directory.url)
        try index.apply([TextChange(sequence: 2, insertions: [row(2)])])
        let late = try index.writeSegment(number: 2, in: directory.url)
        let behind = TextIndex()
        let ahead = #expect(throws: TextIndexError.self) { try behind.publish(late, in: directory.url) }
        guard case .segmentAhead(number: 2, sequence: 2, applied: 0)? = ahead else {
            Issue.record("found \(String(describing: ahead))")
            return
        }
        try index.publish(late, in: directory.url)
        let stale = #expect(throws: TextIndexError.self) { try index.publish(early, in: directory.url) }
        guard case .segmentStale(number: 1, sequence: 1, published: 2)? = stale else {
            Issue.record("found \(String(describing: stale))")
            return
        }
        let again = #expect(throws: TextIndexError.self) { try index.publish(late, in: directory.url) }
        guard case .segmentExists(number: 2)? = again else {
            Issue.record("found \(String(describing: again))")
            return
        }
        #expect(try rows == [1, 2])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `rows may come in any order and portions`(seed: UInt64) throws {
        var made = MadeRows(seed: seed)
        let configuration = TextIndexConfiguration()
        let index = TextIndex(configuration: configuration)
        var model = TextBruteForce(configuration: configuration)
        var pending = (0..<1_500 as Range<Int64>).map { made.row($0) }.shuffled(using: &made.random)
        var sequence: Int64 = 0
        while !pending.isEmpty {
            sequence += 1
            let count = min(
                pending.count, Int.random(in: 1...(seed % 2 == 0 ? 40 : 900), using: &made.random))
            let change = TextChange(sequence: sequence, insertions: Array(pending.suffix(count)))
            pending.removeLast(count)
            try index.apply([change])
            model.apply(change)
        }
        let query = made.query()
        #expect(try index.snapshot.search(query, k: 5_000) == model.search(query, k: 5_000))
    }
}
