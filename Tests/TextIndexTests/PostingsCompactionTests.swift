import Foundation
import TestSupport
import Testing
import TextIndex

@Suite struct PostingsCompactionTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Three segments of 300 rows in turn, so that their rows are interleaved, and some that died.
    private func interleaved(_ rows: inout MadeRows) throws -> (TextIndex, TextBruteForce) {
        let configuration = TextIndexConfiguration()
        let index = TextIndex(configuration: configuration)
        var model = TextBruteForce(configuration: configuration)
        for sequence in 1...3 as ClosedRange<Int64> {
            let insertions = (0..<300 as Range<Int64>).map { rows.row($0 * 3 + sequence, born: sequence) }
            let change = TextChange(sequence: sequence, insertions: insertions)
            try index.apply([change])
            model.apply(change)
            try index.publish(
                index.writeSegment(number: sequence, in: directory.url), in: directory.url)
        }
        let change = TextChange(
            sequence: 4, deletions: (0..<200).map { _ in Int64.random(in: 1...900, using: &rows.random) })
        try index.apply([change])
        model.apply(change)
        return (index, model)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `compaction drops the dead rows and keeps all others as they were`(seed: UInt64) throws {
        var rows = MadeRows(seed: seed)
        var (index, model) = try interleaved(&rows)
        let before = rows.query()
        #expect(try index.snapshot.search(before, k: 100) == model.search(before, k: 100))
        let segment = try index.writeCompacted([1, 2, 3], number: 4, in: directory.url)
        let late = TextChange(sequence: 5, deletions: [5, 6, 7])
        try index.apply([late])
        try index.publish(segment, in: directory.url, replacing: [1, 2, 3])
        model.compact()
        model.apply(late)
        #expect(segment.rowCount == model.rows.count && index.snapshot.segments == [segment])
        try index.snapshot.verify(segment: 4)
        for _ in 0..<10 {
            let query = rows.query()
            #expect(try index.snapshot.search(query, k: 100) == model.search(query, k: 100), "\(query)")
        }
    }

    @Test func `a rebuild from the rows makes the bytes that the tail made`() throws {
        var rows = MadeRows(seed: 3)
        let all = (0..<2_500 as Range<Int64>).map { rows.row($0) }
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: all)])
        let sealed = try index.writeSegment(number: 1, in: directory.url)
        let other = try TemporaryDirectory()
        let builder = PostingsBuilder(
            number: 1, sequences: 1...1, configuration: index.configuration, in: other.url)
        for start in stride(from: 0, to: all.count, by: 700) {
            try builder.append(Array(all[start..<min(start + 700, all.count)]))
        }
        #expect(try builder.finish() == sealed)
        #expect(try other.bytes(of: sealed) == directory.bytes(of: sealed))
    }

    @Test func `a rebuild of more rows than a run holds leaves one file`() throws {
        let builder = PostingsBuilder(
            number: 7, sequences: 0...1, configuration: TextIndexConfiguration(), in: directory.url)
        for start in stride(from: 0, to: 40_000 as Int64, by: 5_000) {
            try builder.append((start..<(start + 5_000)).map { TextRow($0, "kamo\($0 % 1_000) tiru") })
        }
        let segment = try builder.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path()) == ["7.postings"])
        let index = TextIndex()
        try index.open([segment], in: directory.url)
        let found = try index.snapshot.search(TextQuery(words: ["kamo17"]), k: 100)
        #expect(found.map(\.row) == (0..<40).map { $0 * 1_000 + 17 })
        try index.snapshot.verify(segment: 7)
    }

    @Test func `rows for a rebuild ascend and are born where the segment says`() throws {
        func builder() -> PostingsBuilder {
            PostingsBuilder(
                number: 1, sequences: 3...5, configuration: TextIndexConfiguration(), in: directory.url)
        }
        let order = #expect(throws: TextIndexError.self) {
            try builder().append([TextRow(2, born: 3, "kamo"), TextRow(2, born: 3, "kamo")])
        }
        guard case .rowsNotAscending(previous: 2, found: 2)? = order else {
            Issue.record("found \(String(describing: order))")
            return
        }
        let birth = #expect(throws: TextIndexError.self) {
            try builder().append([TextRow(2, born: 6, "kamo")])
        }
        guard case .bornOutside(row: 2, bornSequence: 6, sequences: 3...5)? = birth else {
            Issue.record("found \(String(describing: birth))")
            return
        }
    }

    @Test func `a compaction that is stopped leaves no file and changes nothing`() throws {
        var rows = MadeRows(seed: 2)
        let index = TextIndex()
        let words = (0..<1_200).map { "w\($0)" }.joined(separator: " ")
        try index.apply([TextChange(sequence: 1, insertions: [TextRow(1, words), rows.row(2)])])
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        let error = #expect(throws: TextIndexError.self) {
            try index.writeCompacted([1], number: 2, in: directory.url) { true }
        }
        guard case .compactionStopped? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(index.snapshot.segments.map(\.number) == [1])
        #expect(!FileManager.default.fileExists(atPath: directory.url.appending(path: "2.postings").path()))
    }

    @Test func `a withdrawn segment's deletions hold for the one rebuilt in its place`() throws {
        var rows = MadeRows(seed: 6)
        let all = (0..<50 as Range<Int64>).map { rows.row($0) }
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: all)])
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        try index.apply([TextChange(sequence: 2, deletions: [4, 9])])
        try index.withdraw(segment: 1)
        #expect(index.snapshot.rowCount == 0)
        let builder = PostingsBuilder(
            number: 2, sequences: 1...1, configuration: index.configuration, in: directory.url)
        try builder.append(all)
        try index.publish(builder.finish(), in: directory.url, replacing: [1])
        #expect(index.snapshot.rowCount == 48 && index.snapshot.deletedRowCount == 2)
    }

    @Test func `languages are counted, and survive sealing and compaction`() throws {
        let index = TextIndex()
        let rows = [("en", 3), ("de", 2)].flatMap { name, count in
            (0..<count).map { _ in name }
        }.enumerated().map { row, name in
            TextRow(
                row: Int64(row), document: 1, bornSequence: 1, language: Language(rawValue: name), text: "x")
        }
        let expected = [Language(rawValue: "en"): 3, Language(rawValue: "de"): 2]
        try index.apply([TextChange(sequence: 1, insertions: rows)])
        #expect(index.snapshot.languages == expected)
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        #expect(index.snapshot.languages == expected)
        try index.publish(
            index.writeCompacted([1], number: 2, in: directory.url), in: directory.url, replacing: [1])
        #expect(index.snapshot.languages == expected)
    }
}
