import Columnar
import Foundation
import Synchronization

/// One sealed segment, open. A row's position is its place in every column.
///
/// Every method throws `.segmentDamaged` if a block it touches for the first time fails its checksum.
final class Segment: Sendable {
    let description: SegmentDescription

    /// The greatest Euclidean length of a vector.
    let lengthMax: Float

    /// The inverted lists and what made them; nil in a flat segment.
    let lists: ListTable?
    let quantizer: Quantizer?

    private let file: ColumnFile
    private let row: ColumnHandle
    private let document: ColumnHandle
    private let vector: ColumnHandle
    private let code: ColumnHandle?
    private let byteVector: ColumnHandle?

    /// What a whole number of a list's rounded vectors stands for, by list; empty in a flat segment.
    let byteUnits: [Float]
    private let order: ColumnHandle?
    private let codesOnceChecked = AtomicLazyReference<CheckedBytes>()

    /// First and last row; nil in a segment without rows.
    private let bounds: ClosedRange<Int64>?

    /// Opens the file that `description` describes and checks that it is that file.
    ///
    /// - Parameters:
    ///   - quantizers: by number; one of them made the segment's lists, if it has any.
    ///   - residentBytesMax: for who reads much of the file and does not come back: pages held of it.
    init(
        opening description: SegmentDescription, in directory: URL, quantizers: [Int64: Quantizer] = [:],
        residentBytesMax: Int? = nil
    ) throws(VectorIndexError) {
        let number = description.number
        let file = try Self.damaged(number) { () throws(ColumnFileError) in
            try ColumnFile(
                opening: description.path(in: directory),
                residentBytesMax: residentBytesMax)
        }
        try Self.compare(file, with: description)
        self.file = file
        self.description = description
        quantizer = try Self.quantizer(of: file, number, among: quantizers)
        let handles = try Self.damaged(number) { () throws(ColumnFileError) in
            try SegmentFormat.columns(rowCount: description.rowCount, dimension: description.dimension).map {
                column throws(ColumnFileError) in
                try file.handle(column.id, column.elementType, column.shape)
            }
        }
        (row, document, vector) = (handles[0], handles[1], handles[3])
        var lengthMax: Float = 0
        try Self.damaged(number) { () throws(ColumnFileError) in
            try file.withFloats(handles[4], rows: 0..<1) { lengthMax = $0[0] }
        }
        self.lengthMax = lengthMax
        if let quantizer {
            let lists = try Self.lists(of: file, description, quantizer)
            let columns = SegmentFormat.listColumns(
                rowCount: description.rowCount, lists, quantizer.shape, curvePoints: 0)
            self.lists = lists
            let listed = try Self.damaged(number) { () throws(ColumnFileError) in
                try columns.filter { $0.id != SegmentFormat.curve }.map { column throws(ColumnFileError) in
                    try file.handle(column.id, column.elementType, column.shape)
                }
            }
            (code, order, byteVector) = (listed[1], listed[2], listed[3])
            var units: [Float] = []
            try Self.damaged(number) { () throws(ColumnFileError) in
                try file.withFloats(listed[4], rows: 0..<lists.listCount) { span in
                    units = (0..<span.count).map { span[$0] }
                }
            }
            byteUnits = units
        } else {
            (lists, code, order, byteVector, byteUnits) = (nil, nil, nil, nil, [])
        }
        bounds = try Self.bounds(of: file, row, order, description)
    }

    var rowCount: Int { description.rowCount }

    /// Gives back the pages that were looked at in opening and comparing it, until somebody searches it.
    func giveBackPages() {
        file.giveBackPages()
    }

    /// The segment opened anew, of which few pages will be held.
    func readOnce(in directory: URL, residentBytesMax: Int) throws(VectorIndexError) -> Segment {
        let quantizers = quantizer.map { [$0.description.number: $0] } ?? [:]
        return try Segment(
            opening: description, in: directory, quantizers: quantizers, residentBytesMax: residentBytesMax)
    }

    // MARK: Rows

    /// Position of a row, by binary search over the mapped ids.
    func position(of wanted: Int64) throws(VectorIndexError) -> Int? {
        guard let bounds, bounds.contains(wanted) else { return nil }
        var found: Int?
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withIntegers(row, rows: 0..<rowCount) { rows throws(ColumnFileError) in
                guard let order else {
                    found = rows.firstPosition(of: wanted)
                    return
                }
                try file.withPositions(order, rows: 0..<rowCount) { order in
                    found = rows.firstPosition(of: wanted, by: order)
                }
            }
        }
        return found
    }

    /// The ids of all rows, ascending.
    func sortedRows() throws(VectorIndexError) -> [Int64] {
        var sorted: [Int64] = []
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withIntegers(row, rows: 0..<rowCount) { rows throws(ColumnFileError) in
                sorted = (0..<rows.count).map { rows[$0] }
            }
        }
        if order != nil { sorted.sort() }
        return sorted
    }

    /// Lends ids, document ordinals and vectors (`count × dimension`) of the rows at `positions`.
    func withBlock(
        _ positions: Range<Int>, _ body: (Span<Int64>, Span<Int64>, Span<Float>) -> Void
    ) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withIntegers(row, rows: positions) { rows throws(ColumnFileError) in
                try file.withIntegers(document, rows: positions) { documents throws(ColumnFileError) in
                    try file.withFloats(vector, rows: positions) { body(rows, documents, $0) }
                }
            }
        }
    }

    /// Lends ids and document ordinals of the rows at `positions`.
    func withIdentities(
        _ positions: Range<Int>, _ body: (Span<Int64>, Span<Int64>) -> Void
    ) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withIntegers(row, rows: positions) { rows throws(ColumnFileError) in
                try file.withIntegers(document, rows: positions) { body(rows, $0) }
            }
        }
    }

    /// Lends the vectors (`count × dimension`) of the rows at `positions`.
    func withVectors(_ positions: Range<Int>, _ body: (Span<Float>) -> Void) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withFloats(vector, rows: positions) { body($0) }
        }
    }

    /// Lends all vectors, of which those at the first `count` positions were checked: no others may be read.
    func withVectors(
        at positions: Span<UInt32>, count: Int, _ body: (Span<Float>) -> Void
    ) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withFloats(vector, checkedAt: positions, count: count) { body($0) }
        }
    }

    /// Lends all vectors in bytes, of which those at the first `count` positions were checked: no others may be read.
    /// Only in a listed segment.
    func withByteVectors(
        at positions: Span<UInt32>, count: Int, _ body: (Span<UInt8>) -> Void
    ) throws(VectorIndexError) {
        guard let byteVector else { preconditionFailure("segment \(description.number) has no lists") }
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withBytes(byteVector, checkedAt: positions, count: count) { body($0) }
        }
    }

    /// Lends the sequences at which the rows at `positions` were born.
    func withBirths(_ positions: Range<Int>, _ body: (Span<Int64>) -> Void) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withColumn(SegmentFormat.bornSequence, rows: positions, as: Int64.self) { body($0) }
        }
    }

    /// The codes as they may be lent without a check, as soon as all of them have been checked.
    func checkedCodes() -> CheckedBytes? {
        if let codes = codesOnceChecked.load() { return codes }
        guard let code, let codes = file.checkedBytes(code) else { return nil }
        return codesOnceChecked.storeIfNil(codes)
    }

    /// Lends the codes of whole groups; only in a listed segment.
    func withCodes(_ groups: Range<Int>, _ body: (Span<UInt8>) -> Void) throws(VectorIndexError) {
        guard let code else { preconditionFailure("segment \(description.number) has no lists") }
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withBytes(code, rows: groups) { body($0) }
        }
    }

    /// The recall curve measured when the segment was sealed; empty if none was.
    func recallCurve() throws(VectorIndexError) -> RecallCurve {
        guard lists != nil else { return RecallCurve(points: []) }
        return try Self.damaged(description.number) { () throws(ColumnFileError) in
            let count = file.columns.first { $0.id == SegmentFormat.curve }?.shape.rowCount ?? 0
            return try file.withColumn(SegmentFormat.curve, rows: 0..<count, as: Float.self) {
                RecallCurve(elements: $0)
            }
        }
    }

    /// A row that this segment and `other` both hold. Costs a pass over both only where their bounds overlap.
    func commonRow(with other: Segment) throws(VectorIndexError) -> Int64? {
        guard let bounds, let otherBounds = other.bounds, bounds.overlaps(otherBounds) else { return nil }
        // All rows of either, of which a search needs few.
        defer { other.giveBackPages() }
        let (mine, theirs) = (try sortedRows(), try other.sortedRows())
        return theirs.first { mine.firstPosition(of: $0) != nil }
    }

    // MARK: Checks

    /// Checks every block, that rows ascend as they should, and that births lie in the sequences covered.
    func verify() throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in try file.verify() }
        try verifyOrder()
        let sequences = description.sequences
        var outside: Int?
        try withBirths(0..<rowCount) { born in
            outside = (0..<born.count).first { !sequences.contains(born[$0]) }
        }
        if let outside { throw mismatch(.sequences, "\(sequences)", "a birth outside at \(outside)") }
    }

    private func verifyOrder() throws(VectorIndexError) {
        var unordered: Int?
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withIntegers(row, rows: 0..<rowCount) { rows throws(ColumnFileError) in
                guard let order else {
                    unordered = (1..<max(1, rows.count)).first { rows[$0 - 1] >= rows[$0] }
                    return
                }
                try file.withPositions(order, rows: 0..<rowCount) { order in
                    // Rows that ascend strictly in this order are all different, so it names each once.
                    unordered = (0..<order.count).first { place in
                        Int(order[place]) >= rows.count
                            || (place > 0 && rows[Int(order[place - 1])] >= rows[Int(order[place])])
                    }
                }
            }
        }
        if let unordered { throw mismatch(.rowOrder, "ascending", "not at \(unordered)") }
    }

    private static func quantizer(
        of file: ColumnFile, _ number: Int64, among quantizers: [Int64: Quantizer]
    ) throws(VectorIndexError) -> Quantizer? {
        let version = Int64(bitPattern: file.identity.quantizerVersion)
        guard version != 0 else { return nil }
        guard let quantizer = quantizers[version] else {
            throw .quantizerUnknown(number: version, segment: number)
        }
        return quantizer
    }

    /// The lists, once their starts were found to ascend from the first row to the last.
    private static func lists(
        of file: ColumnFile, _ description: SegmentDescription, _ quantizer: Quantizer
    ) throws(VectorIndexError) -> ListTable {
        let listCount = quantizer.shape.listCount
        let starts = try damaged(description.number) { () throws(ColumnFileError) in
            let shape = ColumnShape(rowCount: listCount + 1, rowElements: 1)
            let handle = try file.handle(SegmentFormat.listStart, .uint32, shape)
            var starts: [UInt32] = []
            try file.withPositions(handle, rows: 0..<(listCount + 1)) { span in
                starts = (0..<span.count).map { span[$0] }
            }
            return starts
        }
        let descends = (1...listCount).first { starts[$0 - 1] > starts[$0] }
        guard starts[0] == 0, Int(starts[listCount]) == description.rowCount, descends == nil else {
            throw .segmentMismatch(
                number: description.number, field: .listStart,
                expected: "ascending 0...\(description.rowCount)",
                found: "\(starts[0])...\(starts[listCount]), descending at \(descends ?? -1)")
        }
        return ListTable(starts: starts)
    }

    private static func bounds(
        of file: ColumnFile, _ row: ColumnHandle, _ order: ColumnHandle?, _ description: SegmentDescription
    ) throws(VectorIndexError) -> ClosedRange<Int64>? {
        let last = description.rowCount - 1
        guard last >= 0 else { return nil }
        func value(_ place: Int) throws(ColumnFileError) -> Int64 {
            var position = place
            if let order {
                try file.withPositions(order, rows: place..<(place + 1)) { position = Int($0[0]) }
            }
            // A damaged order is found by `verify`; until then it must not read past the rows.
            position = min(position, last)
            var value: Int64 = 0
            try file.withIntegers(row, rows: position..<(position + 1)) { value = $0[0] }
            return value
        }
        return try damaged(description.number) { () throws(ColumnFileError) in
            let (first, final) = (try value(0), try value(last))
            return min(first, final)...max(first, final)
        }
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
