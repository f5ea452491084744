import Columnar
import Kernels

extension IndexSnapshot {
    /// The vectors of those of `rows` that the snapshot holds and that are alive.
    ///
    /// - Throws: `.segmentDamaged`.
    public func vectors(of rows: [RowID]) throws(VectorIndexError) -> [RowID: [Float]] {
        var vectors: [RowID: [Float]] = [:]
        vectors.reserveCapacity(rows.count)
        for row in rows where vectors[row] == nil {
            vectors[row] = try vector(of: row.rawValue)
        }
        return vectors
    }

    /// The similarity of a query and those of `rows` that the snapshot holds and that are alive: the number that a
    /// search gives them, bit for bit.
    ///
    /// - Throws: `.dimensionMismatch`, `.notFinite`; `.segmentDamaged`.
    public func similarities(
        of rows: [RowID], to query: [Float]
    ) throws(VectorIndexError) -> [RowID: Float] {
        _ = try VectorLength.checked(query, dimension: state.tail.dimension, row: nil)
        return try vectors(of: rows).mapValues { DotProducts.product(query.span, $0.span) }
    }

    /// This snapshot with more rows, for a view of what has been: rows that it holds as dead ones are alive in it
    /// again.
    ///
    /// - Parameter rows: none of which is alive in it.
    /// - Throws: `.dimensionMismatch`, `.notFinite` as an insertion does.
    public func including(_ rows: [IndexRow]) throws(VectorIndexError) -> IndexSnapshot {
        var newcomers = TailRows(dimension: state.tail.dimension)
        for row in rows {
            let length = try VectorLength.checked(
                row.vector, dimension: state.tail.dimension, row: row.row)
            newcomers.append(row, length: length, isDead: false)
        }
        var next = state
        next.tail.append(newcomers)
        return IndexSnapshot(state: next)
    }

    private func vector(of row: Int64) throws(VectorIndexError) -> [Float]? {
        if let place = state.tail.livePlace(of: row) { return state.tail.row(at: place).vector }
        guard let (index, position) = try state.sealedPlace(of: row),
            !state.segments[index].dead.contains(position)
        else { return nil }
        var vector: [Float] = []
        try state.segments[index].segment.withVectors(position..<position + 1) { found in
            vector = (0..<found.count).map { found[$0] }
        }
        return vector
    }
}

extension Tail {
    /// Where a row is alive. A view of what has been may hold it a second time, dead.
    fileprivate func livePlace(of row: Int64) -> Place? {
        for (index, part) in parts.enumerated() {
            guard let found = part.block.position(of: row) else { continue }
            let (rows, dead) = (part.block.rows, part.dead)
            for position in max(found - 1, 0)..<min(found + 2, rows.count)
            where rows[position] == row && !dead.contains(position) {
                return Place(part: index, position: position)
            }
        }
        return nil
    }
}
