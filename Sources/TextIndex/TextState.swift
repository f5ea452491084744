import Columnar

/// Everything a search sees, at one sequence. A value whose parts are shared with the states before and
/// after.
struct TextState: Sendable {
    var sequence: Int64 = 0
    var segments: [SealedPostings] = []
    var tail = TextTail()

    /// Where a row that was to be deleted turned out to be.
    enum Deletion {
        case inTail
        case inSegment(Int64)
        case nowhere
    }

    /// The segment that holds `row`, and its position there.
    func sealedPlace(of row: Int64) throws(TextIndexError) -> (index: Int, position: Int)? {
        for (index, sealed) in segments.enumerated() {
            if let position = try sealed.segment.position(of: row) { return (index, position) }
        }
        return nil
    }

    /// Marks a row dead, wherever it is.
    mutating func delete(_ row: Int64) throws(TextIndexError) -> Deletion {
        if let place = tail.place(of: row) {
            tail.delete(place)
            return .inTail
        }
        guard let (index, position) = try sealedPlace(of: row) else { return .nowhere }
        segments[index].dead.insert(position)
        return .inSegment(segments[index].segment.description.number)
    }

    /// Adds rows to the tail, those in `knownDead` as dead ones.
    ///
    /// - Parameter blocks: the rows of one change, ascending within a block, at most 1,024 in each.
    mutating func insert(
        _ blocks: [InvertedRows], at sequence: Int64, knownDead: (Int64) -> Bool
    ) throws(TextIndexError) {
        var seen: Set<Int64> = []
        for block in blocks {
            for (position, row) in block.facts.rows.enumerated() {
                let born = block.facts.bornSequences[position]
                guard born >= 0, born <= sequence else {
                    throw .bornOutside(row: row, bornSequence: born, sequences: 0...max(0, sequence))
                }
                guard seen.insert(row).inserted, tail.place(of: row) == nil else {
                    throw .rowExists(row: row, segment: nil)
                }
                if let (index, _) = try sealedPlace(of: row) {
                    throw .rowExists(row: row, segment: segments[index].segment.description.number)
                }
            }
        }
        for block in blocks {
            try tail.append(block)
            for row in block.facts.rows where knownDead(row) {
                if let place = tail.place(of: row) { tail.delete(place) }
            }
        }
    }
}
