import Foundation
import Testing
import VectorIndex

@Suite struct SegmentTests {
    private let directory: TemporaryDirectory
    private let index = VectorIndex(configuration: .init(dimension: 2))

    init() throws {
        directory = try TemporaryDirectory()
        let rows = (1...5).map { IndexRow($0, document: $0 * 10, born: $0, [Float($0), 1]) }
        try index.apply(IndexChange(sequence: 6, insertions: rows, deletions: [3]))
    }

    @Test func `a segment holds the tail's living rows and says so`() throws {
        let description = try index.writeSegment(number: 4, in: directory.url)
        #expect(description.number == 4 && description.rowCount == 4 && description.dimension == 2)
        #expect(description.sequences == 1...6 && description.fileName == "4.vectors")
        #expect(try description.byteCount == Int64(directory.bytes(of: description).count))
        #expect(index.snapshot.tailRowCount == 5 && index.snapshot.segments.isEmpty)
        try index.publish(description, in: directory.url)
        let snapshot = index.snapshot
        #expect(
            snapshot.segments == [description] && snapshot.sealedRowCount == 4 && snapshot.tailRowCount == 0)
        #expect(snapshot.rowCount == 4 && snapshot.deletedRowCount == 0 && snapshot.sequence == 6)
        try snapshot.verify(segment: 4)
    }

    @Test func `rows and deletions that come between writing and publishing stay`() throws {
        let description = try index.writeSegment(number: 1, in: directory.url)
        try index.apply(IndexChange(sequence: 7, insertions: [IndexRow(9, [9, 1])], deletions: [2, 5]))
        try index.publish(description, in: directory.url)
        #expect(try index.snapshot.search([1, 0], k: 10).map(\.row) == [9, 4, 1])
        #expect(index.snapshot.tailRowCount == 1 && index.snapshot.rowCount == 3)
    }

    @Test func `sealed means sealed: a segment's number is never used again`() throws {
        _ = try index.writeSegment(number: 1, in: directory.url)
        let error = #expect(throws: VectorIndexError.self) {
            try index.writeSegment(number: 1, in: directory.url)
        }
        guard case .segmentExists(number: 1)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a segment overtaken by another is refused`() throws {
        let early = try index.writeSegment(number: 1, in: directory.url)
        try index.apply(IndexChange(sequence: 7, deletions: [1]))
        try index.publish(index.writeSegment(number: 2, in: directory.url), in: directory.url)
        #expect(throws: VectorIndexError.self) { try index.publish(early, in: directory.url) }
        #expect(try index.snapshot.search([1, 0], k: 10).map(\.row) == [5, 4, 2])
    }

    @Test func `two segments with a row in common are refused`() throws {
        let first = try index.writeSegment(number: 1, in: directory.url)
        let second = try index.writeSegment(number: 2, in: directory.url)
        let other = VectorIndex(configuration: .init(dimension: 2))
        let error = #expect(throws: VectorIndexError.self) {
            try other.open([first, second], in: directory.url)
        }
        guard case .rowExists(row: 1, segment: 1)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        try other.open([second], in: directory.url)
        #expect(other.snapshot.rowCount == 4)
    }

    @Test func `a segment of commits that were not applied is refused`() throws {
        let description = try index.writeSegment(number: 1, in: directory.url)
        let behind = VectorIndex(configuration: .init(dimension: 2))
        let error = #expect(throws: VectorIndexError.self) {
            try behind.publish(description, in: directory.url)
        }
        guard case .segmentAhead(number: 1, sequence: 6, applied: 0)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a tail without living rows is sealed as a segment without rows`() throws {
        try index.apply(IndexChange(sequence: 7, deletions: [1, 2, 4, 5]))
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        #expect(index.snapshot.tailRowCount == 0 && index.snapshot.rowCount == 0)
        #expect(try index.snapshot.search([1, 0], k: 10) == [])
    }

    @Test func `a rebuilt segment takes the damaged one's place and keeps its deletions`() throws {
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        try index.apply(IndexChange(sequence: 7, deletions: [4]))
        let builder = try SegmentBuilder(
            number: 2, dimension: 2, rowCount: 4, sequences: 1...6, in: directory.url)
        try builder.append([1, 2].map { IndexRow($0, born: $0, [Float($0), 1]) })
        try builder.append([4, 5].map { IndexRow($0, born: $0, [Float($0), 1]) })
        try index.withdraw(segment: 1)
        #expect(index.snapshot.rowCount == 0)
        try index.apply(IndexChange(sequence: 8, deletions: [5]))
        try index.publish(builder.finish(), in: directory.url, replacing: [1])
        #expect(try index.snapshot.search([1, 0], k: 10).map(\.row) == [2, 1])
    }

    @Test func `a builder takes exactly the promised rows, in order, born in the sequences`() throws {
        func build(_ number: Int64, _ rows: [IndexRow]) throws {
            let builder = try SegmentBuilder(
                number: number, dimension: 1, rowCount: 2, sequences: 3...4, in: directory.url)
            try builder.append(rows)
            _ = try builder.finish()
        }
        let (a, b) = (IndexRow(1, born: 3, [1]), IndexRow(2, born: 4, [1]))
        try build(10, [a, b])
        #expect(throws: VectorIndexError.self) { try build(11, [b, a]) }
        #expect(throws: VectorIndexError.self) { try build(12, [a, a]) }
        #expect(throws: VectorIndexError.self) { try build(13, [a]) }
        #expect(throws: VectorIndexError.self) { try build(14, [a, b, IndexRow(3, born: 4, [1])]) }
        #expect(throws: VectorIndexError.self) { try build(15, [a, IndexRow(2, born: 5, [1])]) }
        #expect(throws: VectorIndexError.self) { try build(16, [a, IndexRow(2, born: 4, [.nan])]) }
        #expect(throws: VectorIndexError.self) { try build(17, [a, IndexRow(2, born: 4, [1, 1])]) }
        let names = try FileManager.default.contentsOfDirectory(
            atPath: directory.url.path(percentEncoded: false))
        #expect(names == ["10.vectors"])
    }

    @Test func `a file in the place of another is refused`() throws {
        let first = try index.writeSegment(number: 1, in: directory.url)
        try index.apply(IndexChange(sequence: 7, insertions: [IndexRow(9, [1, 1])]))
        let second = try index.writeSegment(number: 2, in: directory.url)
        try Data(directory.bytes(of: first)).write(to: directory.url.appending(path: second.fileName))
        let error = #expect(throws: VectorIndexError.self) { try index.publish(second, in: directory.url) }
        guard case .segmentMismatch(number: 2, field: .number, "2", "1")? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }
}
