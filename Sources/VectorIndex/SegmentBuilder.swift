import Columnar
public import Foundation

/// Writes one segment from rows that arrive in portions: a rebuild from the log, or the sealing of a tail.
///
/// Memory: the portion at hand and one block per column. Not for use by several threads at once. A builder
/// that is released before `finish` removes its file.
public final class SegmentBuilder {
    private let number: Int64
    private let dimension: Int
    private let rowCount: Int
    private let sequences: ClosedRange<Int64>
    private let writer: ColumnFileWriter
    private var written = 0
    private var last: RowID?
    private var lengthMax: Float = 0

    /// Makes the file.
    ///
    /// - Parameters:
    ///   - number: never used before, at least 0.
    ///   - rowCount: how many rows will come.
    ///   - sequences: commits covered; every row is born at one of them. To replace segments, cover what they
    ///     covered together, from the first to the last.
    ///   - directory: must exist.
    /// - Throws: `.segmentExists` if the file is there, `.segmentNotWritten`.
    public init(
        number: Int64, dimension: Int, rowCount: Int, sequences: ClosedRange<Int64>, in directory: URL
    ) throws(VectorIndexError) {
        precondition((1...VectorLength.dimensionMax).contains(dimension), "dimension \(dimension)")
        self.number = number
        self.dimension = dimension
        self.rowCount = rowCount
        self.sequences = sequences
        let identity = ColumnFileIdentity(
            kind: SegmentFormat.kind, kindVersion: SegmentFormat.kindVersion, number: number,
            rowCount: rowCount, dimension: UInt32(dimension), sequences: sequences)
        let path = directory.appending(
            path: SegmentDescription.fileName(number: number), directoryHint: .notDirectory)
        do {
            writer = try ColumnFileWriter(
                creating: path.path(percentEncoded: false), identity: identity,
                columns: SegmentFormat.columns(rowCount: rowCount, dimension: dimension))
        } catch .exists {
            throw .segmentExists(number: number)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    /// Adds rows, ascending within and across calls. After an error the builder is of no more use.
    public func append(_ rows: [IndexRow]) throws(VectorIndexError) {
        guard rows.count <= rowCount - written else {
            throw .rowCountMismatch(expected: rowCount, found: written + rows.count)
        }
        var vectors: [Float] = []
        vectors.reserveCapacity(rows.count * dimension)
        for row in rows {
            try check(row)
            vectors += row.vector
        }
        try write(rows.map(\.row.rawValue), to: SegmentFormat.row)
        try write(rows.map(\.document), to: SegmentFormat.document)
        try write(rows.map(\.bornSequence), to: SegmentFormat.bornSequence)
        try write(vectors, to: SegmentFormat.vector)
        written += rows.count
    }

    /// Seals the segment; when this returns it is on the disk, under its name.
    public func finish() throws(VectorIndexError) -> SegmentDescription {
        guard written == rowCount else { throw .rowCountMismatch(expected: rowCount, found: written) }
        try write([lengthMax], to: SegmentFormat.lengthMax)
        do {
            let (byteCount, digest) = try writer.finish()
            return SegmentDescription(
                number: number, rowCount: rowCount, dimension: dimension, sequences: sequences,
                byteCount: Int64(byteCount), digest: SegmentFormat.hexadecimal(digest))
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    private func write<Element: ColumnElement>(
        _ elements: [Element], to column: ColumnID
    ) throws(VectorIndexError) {
        do {
            try writer.append(elements.span, to: column)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    private func check(_ row: IndexRow) throws(VectorIndexError) {
        if let last, row.row <= last { throw .rowsNotAscending(previous: last, found: row.row) }
        guard sequences.contains(row.bornSequence) else {
            throw .bornOutside(row: row.row, bornSequence: row.bornSequence, sequences: sequences)
        }
        lengthMax = max(
            lengthMax, try VectorLength.checked(row.vector, dimension: dimension, row: row.row))
        last = row.row
    }
}
