import Kernels

/// Which list every live row of some sources goes to, and in which order.
///
/// Memory: 24 bytes a row, and one block of products.
struct ListAssignment {
    /// Where a row is now.
    struct Entry {
        let row: Int64
        let source: UInt32
        let position: UInt32
    }

    /// By list, and within a list by ascending row.
    let entries: [Entry]

    /// List l has the entries `starts[l] ..< starts[l + 1]`.
    let starts: [UInt32]

    private static let blockRows = 1_024

    /// - Parameter mayGoOn: asked now and then; false stops with `.compactionStopped`.
    init(
        _ sources: [any RowSource], by quantizer: Quantizer, mayGoOn: () -> Bool
    ) throws(VectorIndexError) {
        var centroids: [Float] = []
        try quantizer.withCentroids { span in centroids = (0..<span.count).map { span[$0] } }
        var nearest = NearestCentroid(centroids: centroids, dimension: quantizer.shape.dimension)
        var lists: [UInt32] = []
        var entries: [Entry] = []
        for (number, source) in sources.enumerated() {
            for start in stride(from: 0, to: source.rowCount, by: Self.blockRows) {
                guard mayGoOn() else { throw .compactionStopped }
                let positions = start..<min(start + Self.blockRows, source.rowCount)
                var assigned = [Int](repeating: -1, count: positions.count)
                for position in positions {
                    assigned[position - start] = source.list(of: position, by: quantizer) ?? -1
                }
                let isKnown = !assigned.contains(-1)
                try source.withRows(positions) { rows, _, _, vectors in
                    if !isKnown {
                        nearest.forEach(vectors, rowCount: rows.count) { row, list, _ in assigned[row] = list
                        }
                    }
                    for offset in rows.indices where !source.isDead(start + offset) {
                        lists.append(UInt32(assigned[offset]))
                        entries.append(
                            Entry(row: rows[offset], source: UInt32(number), position: UInt32(start + offset))
                        )
                    }
                }
            }
        }
        (self.entries, starts) = Self.grouped(entries, lists, listCount: quantizer.shape.listCount)
    }

    /// Sorts by counting, then each list by row.
    private static func grouped(
        _ entries: [Entry], _ lists: [UInt32], listCount: Int
    ) -> (entries: [Entry], starts: [UInt32]) {
        var starts = [UInt32](repeating: 0, count: listCount + 1)
        for list in lists { starts[Int(list) + 1] += 1 }
        for list in 0..<listCount { starts[list + 1] += starts[list] }
        var next = starts
        var grouped = entries
        for (entry, list) in zip(entries, lists) {
            grouped[Int(next[Int(list)])] = entry
            next[Int(list)] += 1
        }
        for list in 0..<listCount {
            grouped[Int(starts[list])..<Int(starts[list + 1])].sort { $0.row < $1.row }
        }
        return (grouped, starts)
    }
}
