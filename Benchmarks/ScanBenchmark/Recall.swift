import VectorIndex

/// Share of the true k nearest neighbors that were found, aware of ties: a row that is as similar as the true
/// k-th counts, whichever of equals the truth names.
struct Recall {
    /// Similarities within this of each other are a tie: ten times Float32's rounding at length 1.
    private static let tolerance = 1e-6

    private let data: VectorData
    private let k: Int

    /// Per query, the true k-th similarity.
    private let bars: [Double]

    init(data: VectorData, trueNeighbors: [[Int]]?, k: Int) {
        let k = min(k, data.base.count)
        bars = data.queries.enumerated().map { index, query in
            let rows = trueNeighbors.map { Array($0[index].prefix(k)) } ?? Array(data.base.indices)
            let similarities = rows.map { Self.similarity(query, data.base[$0]) }.sorted(by: >)
            return similarities[k - 1]
        }
        (self.data, self.k) = (data, k)
    }

    func mean(_ found: [[Neighbor]]) -> Double {
        let shares = zip(zip(found, data.queries), bars).map { pair, bar in
            let (neighbors, query) = pair
            let rows = Set(neighbors.map { Int($0.row.rawValue) })
            let hits = rows.count { Self.similarity(query, data.base[$0]) >= bar - Self.tolerance }
            return Double(min(hits, k)) / Double(k)
        }
        return shares.reduce(0, +) / Double(max(1, shares.count))
    }

    private static func similarity(_ a: [Float], _ b: [Float]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
        return sum
    }
}
