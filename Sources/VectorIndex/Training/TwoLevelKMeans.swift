import Kernels

/// k-means for many centroids: a few cells first, then each cell's share of centroids from its own rows.
///
/// The cost falls from rows × count to rows × 2√count products, at the price of centroids that do not look
/// across cells; a last pass of every row over all of them mends most of that: a tenth of the rows scanned at
/// recall 0.95, a fifth at 0.99 (166,705 × 384 in 2,032 lists). A second and third pass change nothing more.
struct TwoLevelKMeans {
    let dimension: Int
    let count: Int

    /// Rows that the cells are made from: hundreds for each.
    private static let cellRowsMax = 16_384

    /// Memory: the rows that the cells are made from, or those of the largest cell.
    func train(
        _ rows: some TrainingRows, random: inout SeededRandom, progress: TrainingProgress
    ) throws(VectorIndexError) -> [Float] {
        let cellCount = max(2, Int(Double(count).squareRoot().rounded()))
        let drawn = random.sample(min(rows.rowCount, Self.cellRowsMax), of: rows.rowCount)
        let cells = try KMeans(dimension: dimension, count: cellCount)
            .train(try rows.vectors(drawn), random: &random) {
                share throws(VectorIndexError) in try progress(0.3 * share)
            }
        var members = [[Int]](repeating: [], count: cellCount)
        var nearest = NearestCentroid(centroids: cells, dimension: dimension)
        try rows.forEachBlock { first, vectors throws(VectorIndexError) in
            nearest.forEach(vectors.span, rowCount: vectors.count / dimension) { row, cell, _ in
                members[cell].append(first + row)
            }
        }
        let shares = shares(members.map(\.count))
        var centroids: [Float] = []
        for (cell, share) in shares.enumerated() where share > 0 {
            let own = try rows.vectors(members[cell])
            centroids += try KMeans(dimension: dimension, count: share).train(own, random: &random) {
                part throws(VectorIndexError) in
                try progress(0.3 + 0.4 * (Double(cell) + part) / Double(cellCount))
            }
        }
        centroids = try KMeans(dimension: dimension, count: count).improved(centroids, by: rows)
        try progress(1)
        return centroids
    }

    /// Centroids for each cell in proportion to its rows; `count` in all, none more than there are rows.
    private func shares(_ sizes: [Int]) -> [Int] {
        let total = sizes.reduce(0, +)
        var shares = sizes.map { min($0, $0 * count / max(1, total)) }
        for cell in sizes.indices where sizes[cell] > 0 && shares[cell] == 0 { shares[cell] = 1 }
        while shares.reduce(0, +) != count {
            let excess = shares.reduce(0, +) - count
            // The cell with the most, or the fewest, rows to a centroid.
            let candidates = sizes.indices.filter { excess > 0 ? shares[$0] > 1 : shares[$0] < sizes[$0] }
            let crowding = { (cell: Int) in Double(sizes[cell]) / Double(max(1, shares[cell])) }
            guard
                let chosen = excess > 0
                    ? candidates.min(by: { crowding($0) < crowding($1) })
                    : candidates.max(by: { crowding($0) < crowding($1) })
            else { break }
            shares[chosen] += excess > 0 ? -1 : 1
        }
        return shares
    }
}
