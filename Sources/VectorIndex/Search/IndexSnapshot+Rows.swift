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

    /// The document that a row is of; nil where the snapshot does not hold it alive.
    public func document(of row: RowID) throws(VectorIndexError) -> Int64? {
        if let place = state.tail.place(of: row.rawValue) {
            let part = state.tail.parts[place.part]
            return part.dead.contains(place.position) ? nil : part.block.documents[place.position]
        }
        guard let (index, position) = try state.sealedPlace(of: row.rawValue),
            !state.segments[index].dead.contains(position)
        else { return nil }
        var found: Int64?
        try state.segments[index].segment.withIdentities(position..<position + 1) { found = $1[0] }
        return found
    }

    private func vector(of row: Int64) throws(VectorIndexError) -> [Float]? {
        if let place = state.tail.place(of: row) {
            return state.tail.parts[place.part].dead.contains(place.position)
                ? nil : state.tail.row(at: place).vector
        }
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
