import Columnar
import Foundation
import Kernels

/// Writes rows of segments and tail as one listed segment, list by list.
///
/// Memory: the assignment, one list's rows, and few pages of the files.
struct ListedSegmentWriter {
    let number: Int64
    let quantizer: Quantizer
    let sequences: ClosedRange<Int64>
    let directory: URL

    /// Whether recall is to be measured: a search goes by the curve of the greatest segment that has one, so a smaller
    /// one beside it needs none. Measuring takes longer than all the rest.
    var isMeasured = true

    /// Fewer rows than this tell nothing that a mean could be taken of.
    private static let measuredRowsMin = 1_024

    /// - Parameter mayGoOn: asked now and then; false stops with `.compactionStopped`, and the file is removed.
    /// - Throws: `.segmentExists`, `.segmentNotWritten`, `.compactionStopped`, and what reading the sources
    ///   throws.
    func write(
        _ sources: [any RowSource], mayGoOn: () -> Bool = { true }
    ) throws(VectorIndexError) -> SegmentDescription {
        let assignment = try ListAssignment(sources, by: quantizer, mayGoOn: mayGoOn)
        let lists = ListTable(starts: assignment.starts)
        let rowCount = assignment.rowCount
        let isMeasured = isMeasured && rowCount >= Self.measuredRowsMin
        let writer = try makeWriter(
            rowCount, lists, curvePoints: isMeasured ? RecallMeasurement.pointCount : 0)
        try append(assignment.starts, to: SegmentFormat.listStart, writer)
        try append(assignment.order, to: SegmentFormat.order, writer)
        for list in 0..<lists.listCount {
            guard mayGoOn() else { throw .compactionStopped }
            try writeList(list, assignment.places(lists.rows(of: list)), sources, writer)
        }
        let lengthMax = sources.reduce(0) { max($0, $1.lengthMax) }
        try append([rowCount == 0 ? 0 : lengthMax], to: SegmentFormat.lengthMax, writer)
        if isMeasured { try append(try measure(writer, rowCount, mayGoOn), to: SegmentFormat.curve, writer) }
        let sealed = try Self.written(number) { () throws(ColumnFileError) in try writer.finish() }
        return description(rowCount, sealed)
    }

    private func makeWriter(
        _ rowCount: Int, _ lists: ListTable, curvePoints: Int
    ) throws(VectorIndexError) -> ColumnFileWriter {
        let shape = quantizer.shape
        let identity = ColumnFileIdentity(
            kind: SegmentFormat.kind, kindVersion: SegmentFormat.kindVersion, number: number,
            rowCount: rowCount, dimension: UInt32(shape.dimension), sequences: sequences,
            quantizerVersion: UInt64(quantizer.description.number))
        let columns =
            SegmentFormat.columns(rowCount: rowCount, dimension: shape.dimension)
            + SegmentFormat.listColumns(
                rowCount: rowCount, lists, shape, curvePoints: curvePoints)
        let path = directory.appending(
            path: SegmentDescription.fileName(number: number), directoryHint: .notDirectory)
        do {
            return try ColumnFileWriter(
                creating: path.path(percentEncoded: false), identity: identity, columns: columns)
        } catch .exists {
            throw .segmentExists(number: number)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    private func writeList(
        _ list: Int, _ places: [ListAssignment.Place], _ sources: [any RowSource],
        _ writer: ColumnFileWriter
    ) throws(VectorIndexError) {
        var rows: [Int64] = []
        var documents: [Int64] = []
        var births: [Int64] = []
        var vectors: [Float] = []
        vectors.reserveCapacity(places.count * quantizer.shape.dimension)
        for (source, position) in places {
            try sources[source].withRows(position..<(position + 1)) { row, document, birth, vector in
                rows.append(row[0])
                documents.append(document[0])
                births.append(birth[0])
                vectors.append(contentsOf: vector)
            }
        }
        try append(rows, to: SegmentFormat.row, writer)
        try append(documents, to: SegmentFormat.document, writer)
        try append(births, to: SegmentFormat.bornSequence, writer)
        try append(vectors, to: SegmentFormat.vector, writer)
        try append(packed(try quantizer.codes(of: vectors, list: list)), to: SegmentFormat.code, writer)
        let (bytes, unit) = Self.rounded(vectors)
        try append(bytes, to: SegmentFormat.byteVector, writer)
        try append([unit], to: SegmentFormat.byteUnit, writer)
    }

    /// Vectors of one list in bytes, and what a whole number of them stands for.
    private static func rounded(_ vectors: [Float]) -> (bytes: [UInt8], unit: Float) {
        let unit = vectors.reduce(0) { max($0, abs($1)) } / 127
        var bytes = [UInt8](repeating: 0, count: vectors.count)
        var room = bytes.mutableSpan
        ByteProducts.round(vectors.span, unit: unit, into: &room)
        return (bytes, unit)
    }

    /// Codes of one list in groups of 16 rows, two subspaces a byte.
    private func packed(_ codes: [UInt8]) -> [UInt8] {
        let (subspaces, steps) = (quantizer.shape.subspaceCount, quantizer.shape.codeSteps)
        let rowCount = codes.count / subspaces
        let groupCount = Int(ListTable.groupCount(rows: UInt32(rowCount)))
        var packed = [UInt8](repeating: 0, count: groupCount * steps * ProductCodes.stepBytes)
        for row in 0..<rowCount {
            let (group, lane) = row.quotientAndRemainder(dividingBy: ProductCodes.groupRows)
            for step in 0..<steps {
                let place = (group * steps + step) * ProductCodes.stepBytes + lane * 4
                let first = row * subspaces + step * ProductCodes.stepSubspaces
                for byte in 0..<4 {
                    packed[place + byte] = codes[first + byte] | codes[first + 4 + byte] << 4
                }
            }
        }
        return packed
    }

    /// What recall costs in the segment as it is about to be sealed.
    private func measure(
        _ writer: ColumnFileWriter, _ rowCount: Int, _ mayGoOn: () -> Bool
    ) throws(VectorIndexError) -> [Float] {
        let draft = try Self.written(number) { () throws(ColumnFileError) in try writer.draft() }
        let segment = try Segment(
            opening: description(rowCount, draft), in: directory,
            quantizers: [quantizer.description.number: quantizer], residentBytesMax: PageShare.bytes(files: 1)
        )
        let points = try RecallMeasurement(segment: segment, quantizer: quantizer).points(mayGoOn: mayGoOn)
        let elements = RecallCurve.elements(of: points)
        let room = RecallMeasurement.pointCount * RecallPoint.elementCount
        return elements + [Float](repeating: 0, count: room - elements.count)
    }

    private func description(_ rowCount: Int, _ file: (byteCount: Int, digest: UInt64)) -> SegmentDescription
    {
        SegmentDescription(
            number: number, rowCount: rowCount, dimension: quantizer.shape.dimension, sequences: sequences,
            byteCount: Int64(file.byteCount), digest: SegmentFormat.hexadecimal(file.digest))
    }

    private func append<Element: ColumnElement>(
        _ elements: [Element], to column: ColumnID, _ writer: ColumnFileWriter
    ) throws(VectorIndexError) {
        try Self.written(number) { () throws(ColumnFileError) in try writer.append(elements.span, to: column)
        }
    }

    private static func written<Result>(
        _ number: Int64, _ body: () throws(ColumnFileError) -> Result
    ) throws(VectorIndexError) -> Result {
        do {
            return try body()
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }
}
