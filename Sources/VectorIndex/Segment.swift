import Columnar
import Foundation

/// One sealed segment, open. Rows are positions in ascending order of their ids.
///
/// Every method throws `.segmentDamaged` if a block it touches for the first time fails its checksum.
final class Segment: Sendable {
    let description: SegmentDescription

    /// The greatest Euclidean length of a vector.
    let lengthMax: Float

    private let file: ColumnFile

    /// First and last row; nil in a segment without rows.
    private let bounds: ClosedRange<Int64>?

    /// Opens the file that `description` describes and checks that it is that file.
    init(opening description: SegmentDescription, in directory: URL) throws(VectorIndexError) {
        let number = description.number
        let file = try Self.damaged(number) { () throws(ColumnFileError) in
            try ColumnFile(opening: description.path(in: directory))
        }
        try Self.compare(file, with: description)
        self.file = file
        self.description = description
        (lengthMax, bounds) = try Self.damaged(number) { () throws(ColumnFileError) in
            let shapes = SegmentFormat.columns(
                rowCount: description.rowCount, dimension: description.dimension)
            for column in shapes {
                try file.expect(column.id, column.elementType, column.shape)
            }
            let lengthMax = try file.withColumn(SegmentFormat.lengthMax, rows: 0..<1, as: Float.self) {
                $0[0]
            }
            return (lengthMax, try Self.bounds(of: file, rowCount: description.rowCount))
        }
    }

    var rowCount: Int { description.rowCount }

    /// Position of a row, by binary search over the mapped ids.
    func position(of row: Int64) throws(VectorIndexError) -> Int? {
        guard let bounds, bounds.contains(row) else { return nil }
        return try withRows { $0.firstPosition(of: row) }
    }

    /// Lends the ids of all rows.
    func withRows<Result>(_ body: (Span<Int64>) -> Result) throws(VectorIndexError) -> Result {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withColumn(SegmentFormat.row, rows: 0..<rowCount, as: Int64.self, body)
        }
    }

    /// Lends ids, document ordinals and vectors (`count × dimension`) of the rows at `positions`.
    func withBlock(
        _ positions: Range<Int>, _ body: (Span<Int64>, Span<Int64>, Span<Float>) -> Void
    ) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withColumn(SegmentFormat.row, rows: positions, as: Int64.self) {
                rows throws(ColumnFileError) in
                try file.withColumn(SegmentFormat.document, rows: positions, as: Int64.self) {
                    documents throws(ColumnFileError) in
                    try file.withColumn(SegmentFormat.vector, rows: positions, as: Float.self) { vectors in
                        body(rows, documents, vectors)
                    }
                }
            }
        }
    }

    /// A row that this segment and `other` both hold. Costs a pass over both only where their bounds overlap.
    func commonRow(with other: Segment) throws(VectorIndexError) -> Int64? {
        guard let bounds, let otherBounds = other.bounds, bounds.overlaps(otherBounds) else { return nil }
        let theirs = try other.withRows { rows in (0..<rows.count).map { rows[$0] } }
        return try withRows { rows in theirs.first { rows.firstPosition(of: $0) != nil } }
    }

    /// Checks every block, and that rows ascend and births lie in the sequences covered.
    func verify() throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in try file.verify() }
        let unordered = try withRows { rows in (1..<max(1, rows.count)).first { rows[$0 - 1] >= rows[$0] } }
        if let unordered { throw mismatch(.rowOrder, "ascending", "not at \(unordered)") }
        let sequences = description.sequences
        let outside = try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withColumn(SegmentFormat.bornSequence, rows: 0..<rowCount, as: Int64.self) { born in
                (0..<born.count).first { !sequences.contains(born[$0]) }
            }
        }
        if let outside { throw mismatch(.sequences, "\(sequences)", "a birth outside at \(outside)") }
    }

    private static func bounds(
        of file: ColumnFile, rowCount: Int
    ) throws(ColumnFileError) -> ClosedRange<Int64>? {
        guard rowCount > 0 else { return nil }
        let first = try file.withColumn(SegmentFormat.row, rows: 0..<1, as: Int64.self) { $0[0] }
        let last = try file.withColumn(SegmentFormat.row, rows: (rowCount - 1)..<rowCount, as: Int64.self) {
            $0[0]
        }
        return min(first, last)...max(first, last)
    }

    private func mismatch(_ field: SegmentField, _ expected: String, _ found: String) -> VectorIndexError {
        .segmentMismatch(number: description.number, field: field, expected: expected, found: found)
    }

    private static func compare(
        _ file: ColumnFile, with description: SegmentDescription
    ) throws(VectorIndexError) {
        let identity = file.identity
        let facts: [(SegmentField, expected: String, found: String)] = [
            (.kind, "\(SegmentFormat.kind)", "\(identity.kind)"),
            (.version, "\(SegmentFormat.kindVersion)", "\(identity.kindVersion)"),
            (.number, "\(description.number)", "\(identity.number)"),
            (.rowCount, "\(description.rowCount)", "\(identity.rowCount)"),
            (.dimension, "\(description.dimension)", "\(identity.dimension)"),
            (.sequences, "\(description.sequences)", "\(identity.sequences)"),
            (.byteCount, "\(description.byteCount)", "\(file.byteCount)"),
            (.digest, description.digest, SegmentFormat.hexadecimal(file.digest)),
        ]
        for (field, expected, found) in facts where expected != found {
            throw .segmentMismatch(
                number: description.number, field: field, expected: expected, found: found)
        }
    }

    private static func damaged<Result>(
        _ number: Int64, _ body: () throws(ColumnFileError) -> Result
    ) throws(VectorIndexError) -> Result {
        do {
            return try body()
        } catch {
            throw error.isDamage
                ? .segmentDamaged(number: number, underlying: error)
                : .segmentUnreadable(number: number, underlying: error)
        }
    }
}
