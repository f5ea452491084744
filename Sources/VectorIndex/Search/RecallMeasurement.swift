import Kernels

/// Measures what recall costs in one listed segment, against exact search over its own rows.
///
/// The queries are rows of the segment, each looked for among the others, and mixtures
/// of three rows. The first are like the data, the second are not; a
/// promise of recall has to hold for either.
struct RecallMeasurement {
    let segment: Segment
    let quantizer: Quantizer

    /// Of a curve as it is stored.
    static let pointCount = ProbeGrid.policies.count

    /// Queries of either kind: enough that their mean recall is off by less than a hundredth.
    private static let queryCounts = 48...256

    /// Rows for each query.
    private static let rowsPerQuery = 256

    /// Recall at this many nearest.
    static let k = 10

    func points(mayGoOn: () -> Bool) throws(VectorIndexError) -> [RecallPoint] {
        var random = SeededRandom(seed: UInt64(bitPattern: segment.description.number))
        let bounds = Self.queryCounts
        let count = min(max(segment.rowCount / Self.rowsPerQuery, bounds.lowerBound), bounds.upperBound)
        let like = try rows(random.sample(count, of: segment.rowCount))
        let others = try rows(random.sample(2 * count, of: segment.rowCount))
        let unlike = like.indices.map { index in
            ProbeQuery(
                vector: moved(like[index].vector, others[index].vector, others[count + index].vector),
                own: nil)
        }
        let state = try IndexState(measuring: segment, quantizer)
        let grid = ProbeGrid(state: state, k: Self.k)
        return try grid.points(like, unlike, mayGoOn: mayGoOn)
    }

    private func rows(_ positions: [Int]) throws(VectorIndexError) -> [ProbeQuery] {
        var queries: [ProbeQuery] = []
        for position in positions {
            try segment.withBlock(position..<(position + 1)) { rows, _, vector in
                queries.append(ProbeQuery(vector: (0..<vector.count).map { vector[$0] }, own: rows[0]))
            }
        }
        return queries
    }

    /// Three rows in one: its nearest lie in the lists of all three, as those of a question do that asks for
    /// more than one thing.
    private func moved(_ row: [Float], _ a: [Float], _ b: [Float]) -> [Float] {
        row.indices.map { row[$0] + 0.7 * a[$0] + 0.6 * b[$0] }
    }
}

/// A query of a measurement.
struct ProbeQuery {
    let vector: [Float]

    /// The row that the query is: not counted among what it finds.
    let own: Int64?
}

/// Ways to search, and what each finds and costs.
struct ProbeGrid {
    let state: IndexState
    let k: Int

    /// Reaches and slacks that are tried, from careless to nearly exact.
    static let policies: [ProbePolicy] = [3, 4.5, 5.5, 6.5, 7.3, 8, 8.8, 9.6, 10.5, 12, 14, 16.5, 20].flatMap
    { reach in
        [0.4, 1, 1.6, 2.2, 2.9, 3.6].map { ProbePolicy(reach: reach, slack: $0) }
    }

    func points(
        _ like: [ProbeQuery], _ unlike: [ProbeQuery], mayGoOn: () -> Bool
    ) throws(VectorIndexError) -> [RecallPoint] {
        let (likeTruth, unlikeTruth) = (try leastScores(like), try leastScores(unlike))
        var (points, perfect) = ([RecallPoint](), [RecallPoint]())
        for policy in Self.policies {
            guard mayGoOn() else { throw .compactionStopped }
            // What goes beyond one that found all finds all, and costs no less: nobody will choose it. Among rows that
            // are all alike every search compares every row, and a few of them are enough.
            if let known = perfect.first(where: { policy.goesBeyond($0.policy) }) {
                points.append(known.surpassed(by: policy))
                continue
            }
            let first = try run(policy, like, likeTruth)
            let second = try run(policy, unlike, unlikeTruth)
            let queries = Double(max(1, like.count + unlike.count))
            let point = RecallPoint(
                policy: policy, recall: first.recall,
                recallUnlike: unlike.isEmpty ? first.recall : second.recall,
                codedRowCount: Double(first.work.codedRowCount + second.work.codedRowCount) / queries,
                rerankedRowCount: Double(first.work.rerankedRowCount + second.work.rerankedRowCount) / queries
            )
            points.append(point)
            if point.least == 1 { perfect.append(point) }
        }
        return points
    }

    /// The score of each query's k-th nearest: whatever scores as much is as good.
    private func leastScores(_ queries: [ProbeQuery]) throws(VectorIndexError) -> [Float] {
        let found = try IndexSnapshot(state: state).search(batch: queries.map(\.vector), k: k + 1)
        return zip(queries, found).map { query, neighbors in
            neighbors.filter { $0.row.rawValue != query.own }.prefix(k).last?.similarity ?? -.infinity
        }
    }

    private func run(
        _ policy: ProbePolicy, _ queries: [ProbeQuery], _ least: [Float]
    ) throws(VectorIndexError) -> (recall: Double, work: SearchWork) {
        guard !queries.isEmpty else { return (1, SearchWork()) }
        let wanted = min(k, state.segments.reduce(0) { $0 + $1.segment.rowCount } - 1)
        var (found, work) = (0, SearchWork())
        for (query, least) in zip(queries, least) {
            let result = try IndexSnapshot(state: state).probe(query.vector, k: k + 1, policy)
            let good = result.neighbors.count { $0.row.rawValue != query.own && $0.similarity >= least }
            found += min(good, wanted)
            work.codedRowCount += result.work.codedRowCount
            work.rerankedRowCount += result.work.rerankedRowCount
        }
        return (Double(found) / Double(max(1, wanted * queries.count)), work)
    }
}

extension IndexState {
    /// Just one segment, alive as it is.
    fileprivate init(measuring segment: Segment, _ quantizer: Quantizer) throws(VectorIndexError) {
        self.init(dimension: segment.description.dimension)
        segments = [try SealedRows(segment)]
        quantizers = [quantizer.description.number: quantizer]
    }
}

extension IndexSnapshot {
    /// What recall costs for queries of the kind given: the more of them (200 are good), the truer. Costs an
    /// exact search and some dozens of others for each.
    ///
    /// - Parameters:
    ///   - queries: a sample; queries that recall is later to be judged by are not to be among them.
    ///   - k: as many nearest as will be asked for.
    /// - Throws: as `search` does.
    public func measureRecall(
        _ queries: [[Float]], k: Int = 10, mayGoOn: () -> Bool = { true }
    ) throws(VectorIndexError) -> RecallCurve {
        try Self.check(k)
        for query in queries {
            _ = try VectorLength.checked(query, dimension: state.tail.dimension, row: nil)
        }
        guard state.segments.contains(where: { $0.segment.lists != nil }) else {
            return RecallCurve(points: [])
        }
        let grid = ProbeGrid(state: state, k: k)
        return RecallCurve(
            points: try grid.points(queries.map { ProbeQuery(vector: $0, own: nil) }, [], mayGoOn: mayGoOn))
    }

    /// A search that goes as far as `policy` says.
    fileprivate func probe(
        _ query: [Float], k: Int, _ policy: ProbePolicy
    ) throws(VectorIndexError) -> SearchResult {
        let (best, work) = try probe(query, policy, state.listedRows(nil), TopK(k: k), SearchWork())
        return SearchResult(neighbors: best.neighbors, expectedRecall: 0, work: work)
    }
}
