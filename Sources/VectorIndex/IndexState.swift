import Columnar
import Foundation

/// A segment and which of its rows are dead. A value: later deletions make another one.
struct SealedRows: Sendable {
    private(set) var segment: Segment
    var dead: Tombstones

    /// What recall was measured to cost; empty in a flat segment.
    let curve: RecallCurve

    /// Rows of the longest inverted list; 0 in a flat segment.
    let listRowsMax: Int

    init(_ segment: Segment) throws(VectorIndexError) {
        self.segment = segment
        dead = Tombstones(rowCount: segment.rowCount)
        curve = try segment.recallCurve()
        listRowsMax = segment.lists?.rowsMax ?? 0
    }

    fileprivate func reading(_ segment: Segment) -> SealedRows {
        var sealed = self
        sealed.segment = segment
        return sealed
    }
}

extension [SealedRows] {
    /// The same rows for who reads them once through: by mappings of their own, of which few pages are held.
    ///
    /// A file that cannot be opened any more, because another process has replaced it, is read as it is open.
    func readOnce(in directory: URL) -> [SealedRows] {
        let residentBytesMax = PageShare.bytes(files: count)
        return map { sealed in
            let anew = try? sealed.segment.readOnce(in: directory, residentBytesMax: residentBytesMax)
            return anew.map { sealed.reading($0) } ?? sealed
        }
    }
}

/// Everything a search sees, at one sequence. A value whose parts are shared with the states before and
/// after.
struct IndexState: Sendable {
    var sequence: Int64 = 0
    var segments: [SealedRows] = []

    /// By number.
    var quantizers: [Int64: Quantizer] = [:]
    var tail: Tail

    init(dimension: Int) {
        tail = Tail(dimension: dimension)
    }

    /// Where a row that was to be deleted turned out to be.
    enum Deletion {
        case inTail
        case inSegment(Int64)
        case nowhere
    }

    /// The segment that holds `row`, and its position there.
    func sealedPlace(of row: Int64) throws(VectorIndexError) -> (index: Int, position: Int)? {
        for (index, sealed) in segments.enumerated() {
            if let position = try sealed.segment.position(of: row) { return (index, position) }
        }
        return nil
    }

    /// Marks a row dead, wherever it is.
    mutating func delete(_ row: Int64) throws(VectorIndexError) -> Deletion {
        if let place = tail.place(of: row) {
            tail.delete(place)
            return .inTail
        }
        guard let (index, position) = try sealedPlace(of: row) else { return .nowhere }
        segments[index].dead.insert(position)
        return .inSegment(segments[index].segment.description.number)
    }

    /// Adds rows to the tail, those in `knownDead` as dead ones.
    mutating func insert(
        _ rows: [IndexRow], at sequence: Int64, knownDead: (RowID) -> Bool
    ) throws(VectorIndexError) {
        var newcomers = TailRows(dimension: tail.dimension)
        var seen: Set<RowID> = []
        for row in rows {
            let length = try VectorLength.checked(row.vector, dimension: tail.dimension, row: row.row)
            guard row.bornSequence >= 0, row.bornSequence <= sequence else {
                throw .bornOutside(
                    row: row.row, bornSequence: row.bornSequence, sequences: 0...max(0, sequence))
            }
            guard seen.insert(row.row).inserted, tail.place(of: row.row.rawValue) == nil else {
                throw .rowExists(row: row.row, segment: nil)
            }
            if let (index, _) = try sealedPlace(of: row.row.rawValue) {
                throw .rowExists(row: row.row, segment: segments[index].segment.description.number)
            }
            newcomers.append(row, length: length, isDead: knownDead(row.row))
        }
        tail.append(newcomers)
    }
}
