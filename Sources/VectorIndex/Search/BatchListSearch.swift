import Kernels

/// Many queries through the inverted lists of one quantizer's segments, a list for all queries that want it.
///
/// What is in a list is then read from memory once and not once a query. Each query first scans its nearest
/// lists, as it would alone, and by what it found there names all others that it may want. These are scanned
/// list by list, each for every query that named it and has not found better in the meantime.
struct BatchListSearch: ~Copyable {
    /// Queries searched together. With 4 KB each, their tables stay in the second-level cache while a list
    /// goes by.
    static let queryCountMax = 256

    private let segments: [ListedRows]
    private let policy: ProbePolicy
    private var search: ListSearch

    /// Queries whose products with all centroids are computed at once: few, so that they are still near when
    /// they are put to use.
    private static let preparedTogether = 4

    /// Lists that a query scans before it names the others: with fewer it names many in vain.
    private static let listsAlone = 12

    /// - Parameter segments: all of the quantizer that is searched.
    init(_ segments: [ListedRows], policy: ProbePolicy, k: Int) {
        (self.segments, self.policy) = (segments, policy)
        search = ListSearch(
            query: [], policy: policy, best: TopK(k: k), work: SearchWork(),
            rowsMax: segments.reduce(0) { max($0, $1.rowsMax) })
    }

    /// Adds to each query what it finds.
    mutating func run(_ queries: inout [BatchedQuery], of quantizer: Quantizer) throws(VectorIndexError) {
        var visits: [ListVisit] = []
        var prepared: [PreparedQuery] = []
        prepared.reserveCapacity(queries.count)
        for index in queries.indices {
            if index == prepared.count {
                let next = queries[index..<min(index + Self.preparedTogether, queries.count)]
                prepared += try quantizer.prepare(next.map(\.vector))
            }
            search.exchange(with: &queries[index])
            defer { search.exchange(with: &queries[index]) }
            var lists = BestFirst(scores: prepared[index].products)
            try search.run(segments, prepared[index], &lists, rankMax: Self.listsAlone)
            search.name(&lists, prepared[index], from: Self.listsAlone) { list, product, rank in
                visits.append(
                    ListVisit(list: UInt32(list), query: UInt32(index), product: product, rank: UInt32(rank)))
            }
            // The products are not wanted any more, and there are thousands.
            prepared[index].products = []
        }
        let ordered = Self.byList(visits, listCount: quantizer.shape.listCount)
        for (place, visit) in ordered.enumerated() {
            if place + 1 < ordered.count, ordered[place + 1].list != visit.list {
                for segment in segments { try segment.fetchCodes(of: Int(ordered[place + 1].list)) }
            }
            let query = Int(visit.query)
            guard
                !search.isEnough(
                    Int(visit.rank), visit.product, prepared[query].spread, queries[query].best.threshold)
            else { continue }
            search.exchange(with: &queries[query])
            search.rounded = prepared[query].rounded
            defer { search.exchange(with: &queries[query]) }
            try search.scan(
                ListTarget(prepared[query], list: Int(visit.list), product: visit.product, policy),
                of: segments,
                prepared[query].table)
        }
    }

    /// By list and then as they are.
    private static func byList(_ visits: [ListVisit], listCount: Int) -> [ListVisit] {
        var starts = [Int](repeating: 0, count: listCount + 1)
        for visit in visits { starts[Int(visit.list) + 1] += 1 }
        for list in 0..<listCount { starts[list + 1] += starts[list] }
        var ordered = visits
        for visit in visits {
            ordered[starts[Int(visit.list)]] = visit
            starts[Int(visit.list)] += 1
        }
        return ordered
    }
}

/// A query among many, and what was found of it.
struct BatchedQuery {
    var vector: [Float]
    var best: TopK
    var work: SearchWork
}

/// A list that a query wants.
private struct ListVisit {
    let list: UInt32
    let query: UInt32
    let product: Float
    let rank: UInt32
}

extension ListSearch {
    /// Takes a query's place, or gives it back. Exchanged and not copied: a copy would be made anew with the
    /// first row found.
    fileprivate mutating func exchange(with other: inout BatchedQuery) {
        swap(&query, &other.vector)
        swap(&best, &other.best)
        swap(&work, &other.work)
    }

    /// Scans one list of all segments, and compares what it leaves over.
    fileprivate mutating func scan(
        _ target: ListTarget, of segments: [ListedRows], _ table: [Int8]
    ) throws(VectorIndexError) {
        for segment in segments { try scan(target, of: segment, table) }
        try comparePending()
        work.listCount += 1
    }

    /// Calls `body` with the lists after the first `rank` ones that may matter by what was found up to now.
    fileprivate func name(
        _ lists: inout BestFirst, _ prepared: PreparedQuery, from rank: Int,
        _ body: (_ list: Int, _ product: Float, _ rank: Int) -> Void
    ) {
        var rank = rank
        while let (list, product) = lists.next(), !isEnough(rank, product, prepared.spread, best.threshold) {
            body(list, product, rank)
            rank += 1
        }
    }
}

extension IndexSnapshot {
    /// `search` for each of `queries`, several times faster for many: what `options` ask for holds as it does
    /// there, but among the rows found there may be others, for lists are taken in another order.
    ///
    /// - Throws: as `search` does.
    public func search(
        batch queries: [[Float]], k: Int, options: SearchOptions
    ) throws(VectorIndexError) -> [SearchResult] {
        try Self.check(k)
        try options.validate()
        for query in queries {
            _ = try VectorLength.checked(query, dimension: state.tail.dimension, row: nil)
        }
        let admitted = try admitted(options)
        let plan = try SearchPlan(state: state, options: options)
        guard !plan.isExact else {
            return try search(batch: queries, k: k, filter: admitted?.filter ?? options.filter).map {
                SearchResult(neighbors: $0, expectedRecall: 1, work: SearchWork(exactRowCount: rowCount))
            }
        }
        let listed = state.listedRows(admitted)
        if listed.allSatisfy(\.isFew) {
            var options = options
            options.admitted = admitted
            var results: [SearchResult] = []
            for query in queries { results.append(try search(query, k: k, options: options)) }
            return results
        }
        var results: [SearchResult] = []
        results.reserveCapacity(queries.count)
        for start in stride(from: 0, to: queries.count, by: BatchListSearch.queryCountMax) {
            let group = queries[start..<min(start + BatchListSearch.queryCountMax, queries.count)]
            var found = try flat(group, k: k, filter: admitted?.filter ?? options.filter)
            for quantizer in state.quantizersNewestFirst {
                let own = listed.filter { $0.rows.segment.quantizer === quantizer }
                guard !own.isEmpty else { continue }
                var search = BatchListSearch(own, policy: plan.policy, k: k)
                try search.run(&found, of: quantizer)
            }
            results += found.map {
                SearchResult(
                    neighbors: $0.best.neighbors, expectedRecall: plan.expectedRecall(of: $0.work, in: state),
                    work: $0.work)
            }
        }
        return results
    }

    /// The queries with what they find in the rows that are in no list.
    private func flat(
        _ queries: ArraySlice<[Float]>, k: Int, filter: RowFilter?
    ) throws(VectorIndexError) -> [BatchedQuery] {
        var found: [BatchedQuery] = []
        for query in queries {
            var scan = ExactScan(query: query, k: k, filter: filter)
            var work = SearchWork()
            for sealed in state.segments where sealed.segment.lists == nil {
                try sealed.forEachBlock { scan.visit($0, $1, $2, $3) }
                work.exactRowCount += sealed.segment.rowCount
            }
            state.tail.forEachBlock { scan.visit($0, $1, $2, $3) }
            work.exactRowCount += state.tail.rowCount
            found.append(BatchedQuery(vector: query, best: scan.best, work: work))
        }
        return found
    }
}
