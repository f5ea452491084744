import Columnar
import Foundation
import TestSupport
import Testing
import TextIndex

@Suite struct PostingsDamageTests {
    private let directory: TemporaryDirectory
    private let place: TemporaryDirectory
    private let queries = [
        TextQuery(words: ["kaka", "moka", "ti*"]), TextQuery(phrases: [["kaka", "moka"]]),
        TextQuery(words: ["kaka"], excluded: ["moka"]),
    ]

    init() throws {
        directory = try TemporaryDirectory()
        place = try TemporaryDirectory()
    }

    private func answers(_ index: TextIndex) throws -> [[TextMatch]] {
        try queries.map { try index.snapshot.search($0, k: 10) }
    }

    /// A sealed segment, and what searches of it answer.
    private func sealed(rowCount: Int64) throws -> (PostingsDescription, answers: [[TextMatch]]) {
        var rows = MadeRows(seed: 4)
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: (0..<rowCount).map { rows.row($0) })])
        return (try index.writeSegment(number: 1, in: directory.url), try answers(index))
    }

    /// Opens a file with these bytes in the segment's place: some step has to throw, and no answer may be wrong.
    private func check(
        _ bytes: [UInt8], _ description: PostingsDescription, _ right: [[TextMatch]]
    ) throws {
        let file = place.url.appending(path: description.fileName)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let index = TextIndex()
        #expect(throws: TextIndexError.self) {
            try index.open([description], in: place.url)
            let found = try answers(index)
            #expect(found == right)
            try index.snapshot.verify(segment: description.number)
        }
    }

    @Test func `checked before believed: a flipped byte of a segment is an error, never a wrong answer`()
        throws
    {
        let (description, answers) = try sealed(rowCount: 6)
        let whole = try directory.bytes(of: description)
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 0x10
            try check(bytes, description, answers)
        }
    }

    @Test func `200 random flips in a larger segment are errors, and never a wrong answer`() throws {
        let (description, answers) = try sealed(rowCount: 3_000)
        let whole = try directory.bytes(of: description)
        var random = SplitMix64(seed: 20)
        for _ in 0..<200 {
            var bytes = whole
            bytes[Int.random(in: 0..<whole.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            try check(bytes, description, answers)
        }
    }

    @Test func `every 7th truncation of a small segment is an error`() throws {
        let (description, answers) = try sealed(rowCount: 3)
        let whole = try directory.bytes(of: description)
        for length in stride(from: 0, to: whole.count, by: 7) {
            try check(Array(whole[..<length]), description, answers)
        }
    }

    /// Whoever made such a file did not make the checksums wrong.
    @Test(arguments: 1...400 as ClosedRange<UInt64>)
    func `numbers that make no sense under right checksums are an error or an answer, never a trap`(
        seed: UInt64
    ) throws {
        let (description, _) = try sealed(rowCount: 400)
        let forged = try forge(description, seed: seed)
        let index = TextIndex()
        do {
            try index.open([forged], in: place.url)
            _ = try answers(index)
            _ = try index.snapshot.receipts(queries[0], rows: Array(0..<400))
            try index.snapshot.verify(segment: 1)
            _ = try index.writeCompacted([1], number: 2, in: place.url)
        } catch let error as TextIndexError {
            switch error {
            case .segmentDamaged, .segmentMismatch: break
            default: Issue.record("found \(error)")
            }
        }
        try? FileManager.default.removeItem(at: place.url.appending(path: "1.postings"))
        try? FileManager.default.removeItem(at: place.url.appending(path: "2.postings"))
    }

    /// The segment with a byte or a few of one column changed, and all checksums right.
    private func forge(_ description: PostingsDescription, seed: UInt64) throws -> PostingsDescription {
        var random = SplitMix64(seed: seed)
        let file = try ColumnFile(
            opening: directory.url.appending(path: description.fileName).path(percentEncoded: false))
        let columns = file.columns
        let writer = try ColumnFileWriter(
            creating: place.url.appending(path: description.fileName).path(percentEncoded: false),
            identity: file.identity, columns: columns)
        // The columns from `languages` on, and those of the rows now and then.
        let changed = ColumnID(rawValue: UInt32.random(in: 4...15, using: &random))
        for column in columns {
            let isChanged = column.id == changed && column.shape.rowCount > 0
            switch column.elementType {
            case .uint8: try copy(column, file, writer, isChanged, UInt8.self, &random)
            case .uint32: try copy(column, file, writer, isChanged, UInt32.self, &random)
            default: try copy(column, file, writer, isChanged, Int64.self, &random)
            }
        }
        let (byteCount, digest) = try writer.finish()
        let digits = String(digest, radix: 16)
        return PostingsDescription(
            number: 1, rowCount: description.rowCount, sequences: description.sequences,
            byteCount: Int64(byteCount), digest: String(repeating: "0", count: 16 - digits.count) + digits)
    }

    private func copy<Element: ColumnElement & FixedWidthInteger>(
        _ column: ColumnDescription, _ file: ColumnFile, _ writer: ColumnFileWriter, _ isChanged: Bool,
        _ type: Element.Type, _ random: inout SplitMix64
    ) throws {
        var elements = try file.withColumn(column.id, rows: 0..<column.shape.rowCount, as: type) { span in
            span.indices.map { span[$0] }
        }
        if isChanged {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: elements.indices, using: &random)
                elements[index] =
                    Bool.random(using: &random)
                    ? Element.random(in: .min ... .max, using: &random)
                    : elements[index] &+ Element(Int8.random(in: 1...3, using: &random))
            }
        }
        try writer.append(elements.span, to: column.id)
    }

    @Test func `a missing file is an error that names the segment`() throws {
        let (description, _) = try sealed(rowCount: 3)
        let index = TextIndex()
        let error = #expect(throws: TextIndexError.self) { try index.open([description], in: place.url) }
        guard case .segmentDamaged(number: 1, _)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a segment made with other weights is refused by name, so that it is rebuilt`() throws {
        let (description, _) = try sealed(rowCount: 3)
        let other = TextIndex(configuration: TextIndexConfiguration(weights: TextFieldWeights(title: 3)))
        let error = #expect(throws: TextIndexError.self) { try other.open([description], in: directory.url) }
        guard case .segmentMismatch(number: 1, field: .settings, _, _)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a sealed file is not open for writing to anybody, and its name is never used again`() throws {
        let (description, _) = try sealed(rowCount: 3)
        let path = directory.url.appending(path: description.fileName).path(percentEncoded: false)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o444)
        let before = try directory.bytes(of: description)
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: [TextRow(1, "kamo")])])
        let error = #expect(throws: TextIndexError.self) {
            try index.writeSegment(number: 1, in: directory.url)
        }
        guard case .segmentExists(number: 1)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(try directory.bytes(of: description) == before)
    }
}
