import Foundation
import Store
import VectorIndex

/// Writes a flat segment from the Store's rows, a page at a time.
struct SegmentRewriter {
    let store: WorkspaceStore
    let space: SpaceRecord
    let directory: URL

    /// Rows that had died by then are left out: an index at this sequence may have forgotten that they did.
    let sequence: SequenceNumber

    /// Rows in memory at a time.
    private static let rowsPerPage = 1_024

    /// - Parameter sequences: births covered; rows that died since are left to the tombstones.
    func write(number: SegmentNumber, sequences: ClosedRange<Int64>) throws -> SegmentDescription {
        var rowCount = 0
        try forEachPage(sequences) { rowCount += $0.count }
        let builder = try SegmentBuilder(
            number: number.rawValue, dimension: space.key.dimension, rowCount: rowCount, sequences: sequences,
            in: directory)
        try forEachPage(sequences) { rows in
            try builder.append(rows.map { IndexRow($0) })
        }
        return try builder.finish()
    }

    private func forEachPage(_ sequences: ClosedRange<Int64>, _ body: ([IndexedRow]) throws -> Void) throws {
        let born =
            SequenceNumber(rawValue: sequences.lowerBound)...SequenceNumber(rawValue: sequences.upperBound)
        var cursor: RowCursor?
        repeat {
            let page = try store.rows(in: space.id, bornIn: born, from: cursor, limit: Self.rowsPerPage)
            try body(page.rows.filter { $0.died.map { $0 > sequence } ?? true })
            cursor = page.next
        } while cursor != nil
    }
}

// MARK: The Store's words in the index's

extension IndexRow {
    init(_ row: IndexedRow) {
        self.init(
            row: RowID(rawValue: row.row.rawValue), document: row.documentOrdinal,
            bornSequence: row.born.rawValue, vector: row.vector)
    }
}

extension IndexChange {
    init(_ commit: Commit) {
        self.init(
            sequence: commit.record.sequence.rawValue, insertions: commit.born.map { IndexRow($0) },
            deletions: commit.died?.rows.map { RowID(rawValue: $0.rawValue) } ?? [])
    }
}

/// What must be mended, of all that an error of the index can mean.
enum IndexDamage: Equatable {
    case segment(Int64)
    case quantizer(Int64)
}

extension VectorIndexError {
    /// Nil if the error means no damage.
    var damage: IndexDamage? {
        switch self {
        case .segmentDamaged(let number, _), .segmentMismatch(let number, _, _, _),
            .quantizerUnknown(_, let number):
            .segment(number)
        case .quantizerDamaged(let number, _), .quantizerMismatch(let number, _, _, _): .quantizer(number)
        default: nil
        }
    }
}

extension SegmentEntry {
    /// - Parameter purgedThrough: where the index, or the rewriter, stood when it began to write.
    init(_ written: SegmentDescription, purgedThrough: Int64) {
        self.init(
            number: SegmentNumber(rawValue: written.number), rowCount: written.rowCount,
            sequences: SequenceNumber(
                rawValue: written.sequences.lowerBound)...SequenceNumber(
                    rawValue: written.sequences.upperBound),
            purgedThrough: SequenceNumber(rawValue: purgedThrough), byteCount: Int(written.byteCount),
            digest: Array(written.digest.utf8))
    }
}

extension SegmentDescription {
    init(_ record: SegmentRecord, dimension: Int) {
        let entry = record.entry
        self.init(
            number: entry.number.rawValue, rowCount: entry.rowCount, dimension: dimension,
            sequences: entry.sequences.lowerBound.rawValue...entry.sequences.upperBound.rawValue,
            byteCount: Int64(entry.byteCount), digest: String(decoding: entry.digest, as: UTF8.self))
    }
}

extension SegmentEntry {
    init(_ written: QuantizerDescription) {
        self.init(
            number: SegmentNumber(rawValue: written.number), rowCount: written.listCount,
            sequences: .zero ... .zero, byteCount: Int(written.byteCount), digest: Array(written.digest.utf8))
    }
}

extension QuantizerDescription {
    init(_ record: SegmentRecord, dimension: Int) {
        let entry = record.entry
        self.init(
            number: entry.number.rawValue, listCount: entry.rowCount, dimension: dimension,
            byteCount: Int64(entry.byteCount), digest: String(decoding: entry.digest, as: UTF8.self))
    }
}

extension SegmentManifest {
    /// The live segments of vectors.
    var vectors: [SegmentRecord] { segments.filter { $0.kind == .vectors } }

    var quantizers: [SegmentRecord] { segments.filter { $0.kind == .quantizer } }
}
