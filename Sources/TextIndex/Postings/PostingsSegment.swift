import Columnar
import Foundation
import Kernels

/// A term of a segment: where its postings are.
struct TermEntry: Sendable {
    /// Rows that have the term.
    let rowCount: Int
    let blocks: Range<Int>
}

/// One sealed segment, open. A row's position is its place in every column of rows.
///
/// Nothing of the dictionary is loaded on opening. Every method throws `.segmentDamaged` if a block it touches for the
/// first time fails its checksum, or says what the format rules out.
final class PostingsSegment: Sendable {
    let description: PostingsDescription

    /// The sum of all rows' lengths.
    let lengthSum: Int

    /// Rows in each language, dead ones included; in the order of their places.
    let languages: [(language: Language, rowCount: Int)]

    let termCount: Int
    let blockCount: Int
    private let file: ColumnFile
    private let handles: [ColumnHandle]
    private let counts: PostingsFormat.Counts

    /// First and last row; nil in a segment without rows.
    private let bounds: ClosedRange<Int64>?

    /// Opens the file that `description` describes and checks that it is that file, made with these settings.
    ///
    /// - Parameter residentBytesMax: for who reads much of the file and does not come back: pages held of it.
    init(
        opening description: PostingsDescription, in directory: URL, settings: String,
        fileName: String? = nil,
        residentBytesMax: Int? = nil
    ) throws(TextIndexError) {
        let number = description.number
        let path = fileName.map {
            directory.appending(path: $0, directoryHint: .notDirectory).path(percentEncoded: false)
        }
        let file = try Self.damaged(number) { () throws(ColumnFileError) in
            try ColumnFile(
                opening: path ?? description.path(in: directory),
                residentBytesMax: residentBytesMax)
        }
        try Self.compare(file, with: description)
        self.file = file
        self.description = description
        let opening = PostingsOpening(number: number, file: file)
        try opening.compareSettings(with: settings)
        let totals = try opening.totals()
        (lengthSum, termCount) = (totals.lengthSum, totals.counts.terms)
        blockCount = totals.counts.blocks
        counts = totals.counts
        handles = try Self.damaged(number) { () throws(ColumnFileError) in
            try PostingsFormat.columns(totals.counts).map { column throws(ColumnFileError) in
                try file.handle(column.id, column.elementType, column.shape)
            }
        }
        languages = try opening.languages()
        bounds = try opening.bounds(rowCount: description.rowCount)
    }

    var rowCount: Int { description.rowCount }

    func handle(_ id: ColumnID) -> ColumnHandle { handles[Int(id.rawValue) - 1] }

    /// Gives back the pages that were looked at in opening and comparing it, until somebody searches it.
    func giveBackPages() {
        file.giveBackPages()
    }

    // MARK: Rows

    /// Position of a row, by binary search over the mapped ids.
    func position(of wanted: Int64) throws(TextIndexError) -> Int? {
        guard let bounds, bounds.contains(wanted) else { return nil }
        var found: Int?
        try damaged { () throws(ColumnFileError) in
            try file.withIntegers(handle(PostingsFormat.row), rows: 0..<rowCount) {
                found = $0.firstPosition(of: wanted)
            }
        }
        return found
    }

    /// Row and document at a position.
    func identity(at position: Int) throws(TextIndexError) -> (row: Int64, document: Int64) {
        let place = position..<(position + 1)
        var identity = (row: Int64(0), document: Int64(0))
        try damaged { () throws(ColumnFileError) in
            try file.withIntegers(handle(PostingsFormat.row), rows: place) { identity.row = $0[0] }
            try file.withIntegers(handle(PostingsFormat.document), rows: place) { identity.document = $0[0] }
        }
        return identity
    }

    /// Lends the codes of all rows' lengths.
    func withLengths(
        _ body: (Span<UInt8>) throws(TextIndexError) -> Void
    ) throws(TextIndexError) {
        var failure: TextIndexError?
        try damaged { () throws(ColumnFileError) in
            try file.withBytes(handle(PostingsFormat.length), rows: 0..<rowCount) { lengths in
                do throws(TextIndexError) { try body(lengths) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    /// A row that this segment and `other` both hold. Costs a pass over both only where their bounds overlap.
    func commonRow(with other: PostingsSegment) throws(TextIndexError) -> Int64? {
        guard let bounds, let otherBounds = other.bounds, bounds.overlaps(otherBounds) else { return nil }
        // All rows of either, of which a search needs few.
        defer { other.giveBackPages() }
        let (mine, theirs) = (try integers(PostingsFormat.row), try other.integers(PostingsFormat.row))
        return theirs.first { mine.firstPosition(of: $0) != nil }
    }

    func integers(_ id: ColumnID) throws(TextIndexError) -> [Int64] {
        var values: [Int64] = []
        try damaged { () throws(ColumnFileError) in
            try file.withIntegers(handle(id), rows: 0..<rowCount) { span in
                values = span.indices.map { span[$0] }
            }
        }
        return values
    }

    func bytes(_ id: ColumnID) throws(TextIndexError) -> [UInt8] {
        var values: [UInt8] = []
        try damaged { () throws(ColumnFileError) in
            try file.withBytes(handle(id), rows: 0..<rowCount) { span in
                values = span.indices.map { span[$0] }
            }
        }
        return values
    }

    // MARK: Terms and blocks

    /// Where the postings of the term number `ordinal` are.
    func entry(_ ordinal: Int) throws(TextIndexError) -> TermEntry {
        var (rows, first) = (0, 0)
        try damaged { () throws(ColumnFileError) in
            try file.withPositions(handle(PostingsFormat.term), rows: ordinal..<(ordinal + 1)) { fields in
                (rows, first) = (Int(fields[0]), Int(fields[1]))
            }
        }
        let count = (rows + PostingsFormat.blockPostings - 1) / PostingsFormat.blockPostings
        guard rows >= 1, rows <= rowCount, first + count <= blockCount else {
            throw damage(
                PostingsFormat.term, "1 to \(rowCount) rows in \(blockCount) blocks",
                "\(rows) from block \(first)")
        }
        return TermEntry(rowCount: rows, blocks: first..<(first + count))
    }

    /// The fields of blocks, six each, and where the block after them starts in `posting` and `occurrence`.
    func blockFields(
        _ blocks: Range<Int>
    ) throws(TextIndexError) -> (fields: [UInt32], postingEnd: Int, occurrenceEnd: Int) {
        var fields: [UInt32] = []
        fields.reserveCapacity((blocks.count + 1) * PostingsFormat.blockFields)
        let taken = blocks.lowerBound..<min(blocks.upperBound + 1, blockCount)
        try damaged { () throws(ColumnFileError) in
            try file.withPositions(handle(PostingsFormat.block), rows: taken) { span in
                for index in span.indices { fields.append(span[index]) }
            }
        }
        guard taken.count > blocks.count else { return (fields, counts.postingBytes, counts.occurrenceBytes) }
        let next = BlockFields(fields, at: blocks.count)
        fields.removeLast(PostingsFormat.blockFields)
        return (fields, next.postingStart, next.occurrenceStart)
    }

    /// Lends bytes of a column from `range`, which may come from the file and is checked here.
    func withBytes(
        _ id: ColumnID, _ range: Range<Int>, _ body: (Span<UInt8>) -> Void
    ) throws(TextIndexError) {
        let count = id == PostingsFormat.posting ? counts.postingBytes : byteCount(id)
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw damage(id, "bytes of 0..<\(count)", "\(range)")
        }
        try damaged { () throws(ColumnFileError) in
            try file.withBytes(handle(id), rows: range) { body($0) }
        }
    }

    func byteCount(_ id: ColumnID) -> Int {
        id == PostingsFormat.occurrence ? counts.occurrenceBytes : counts.dictionaryBytes
    }

    /// Where block `index` of the dictionary is.
    func dictionaryRange(block index: Int) throws(TextIndexError) -> Range<Int> {
        let taken = index..<min(index + 2, counts.dictionaryBlocks)
        var (start, end) = (0, counts.dictionaryBytes)
        try damaged { () throws(ColumnFileError) in
            try file.withIntegers(handle(PostingsFormat.dictionaryStart), rows: taken) { starts in
                start = Int(starts[0])
                if starts.count > 1 { end = Int(starts[1]) }
            }
        }
        guard start >= 0, start < end, end <= counts.dictionaryBytes else {
            throw damage(
                PostingsFormat.dictionaryStart, "ascending to \(counts.dictionaryBytes)", "\(start), \(end)")
        }
        return start..<end
    }

    var dictionaryBlockCount: Int { counts.dictionaryBlocks }

    // MARK: Checks

    func damage(_ column: ColumnID, _ expected: String, _ found: String) -> TextIndexError {
        .segmentDamaged(
            number: description.number,
            underlying: PostingsDamage(column: column.rawValue, expected: expected, found: found))
    }

    /// Checks every block's checksum.
    func verifyChecksums() throws(TextIndexError) {
        try damaged { () throws(ColumnFileError) in try file.verify() }
    }

    private func damaged<Result>(
        _ body: () throws(ColumnFileError) -> Result
    ) throws(TextIndexError) -> Result {
        try Self.damaged(description.number, body)
    }

    static func damaged<Result>(
        _ number: Int64, _ body: () throws(ColumnFileError) -> Result
    ) throws(TextIndexError) -> Result {
        do {
            return try body()
        } catch {
            throw error.isDamage
                ? .segmentDamaged(number: number, underlying: error)
                : .segmentUnreadable(number: number, underlying: error)
        }
    }

    private static func compare(
        _ file: ColumnFile, with description: PostingsDescription
    ) throws(TextIndexError) {
        let identity = file.identity
        let facts: [(PostingsField, expected: String, found: String)] = [
            (.kind, "\(PostingsFormat.kind)", "\(identity.kind)"),
            (.version, "\(PostingsFormat.kindVersion)", "\(identity.kindVersion)"),
            (.number, "\(description.number)", "\(identity.number)"),
            (.rowCount, "\(description.rowCount)", "\(identity.rowCount)"),
            (.sequences, "\(description.sequences)", "\(identity.sequences)"),
            (.byteCount, "\(description.byteCount)", "\(file.byteCount)"),
            (.digest, description.digest, PostingsFormat.hexadecimal(file.digest)),
        ]
        for (field, expected, found) in facts where expected != found {
            throw .segmentMismatch(
                number: description.number, field: field, expected: expected, found: found)
        }
    }
}

/// The fields of one block, by their names in the format.
struct BlockFields {
    let last: UInt32
    let postingStart: Int
    let differenceBits: Int
    let frequencyBits: Int
    let leastCodes: UInt32
    let frequencyMax: UInt32
    let occurrenceStart: Int

    init(_ fields: [UInt32], at block: Int) {
        let start = block * PostingsFormat.blockFields
        last = fields[start]
        postingStart = Int(fields[start + 1]) | Int(fields[start + 2] & 0xFFFF) << 32
        differenceBits = Int(fields[start + 2] >> 16 & 0xFF)
        frequencyBits = Int(fields[start + 2] >> 24)
        leastCodes = fields[start + 3]
        frequencyMax = fields[start + 4] & 0xFFFF
        occurrenceStart = Int(fields[start + 5]) | Int(fields[start + 4] >> 16) << 32
    }
}
