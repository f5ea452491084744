import Kernels

extension IndexSnapshot {
    /// The rows that `filter` admits, for searches of this snapshot. Costs a pass over all rows' documents.
    ///
    /// - Throws: `.segmentDamaged`.
    public func admittedRows(_ filter: RowFilter) throws(VectorIndexError) -> AdmittedRows {
        try AdmittedRows(filter: filter, state: state)
    }

    /// The rows most similar to `query`, best first; of equals, the lower row first. As many as k or as there
    /// are matches, whichever is less, always; which of the true nearest are among them is a matter of
    /// `options.recallTarget`.
    ///
    /// - Parameters:
    ///   - query: `dimension` components.
    ///   - k: 1 to 10,000.
    /// - Throws: `.dimensionMismatch`, `.notFinite`, `.kOutOfRange`, `.recallTargetOutOfRange`,
    ///   `.probeCountOutOfRange`; `.segmentDamaged`, `.quantizerDamaged`, and no partial result.
    public func search(
        _ query: [Float], k: Int, options: SearchOptions
    ) throws(VectorIndexError) -> SearchResult {
        try Self.check(k)
        try options.validate()
        _ = try VectorLength.checked(query, dimension: state.tail.dimension, row: nil)
        let admitted = try admitted(options)
        let plan = try SearchPlan(state: state, options: options)
        var scan = ExactScan(query: query, k: k, filter: admitted?.filter ?? options.filter)
        var work = SearchWork()
        for sealed in state.segments where plan.isExact || sealed.segment.lists == nil {
            try sealed.forEachBlock { scan.visit($0, $1, $2, $3) }
            work.exactRowCount += sealed.segment.rowCount
        }
        state.tail.forEachBlock { scan.visit($0, $1, $2, $3) }
        work.exactRowCount += state.tail.rowCount
        guard !plan.isExact else {
            return SearchResult(neighbors: scan.neighbors, expectedRecall: 1, work: work)
        }
        let listed = state.listedRows(admitted)
        let (best, done) = try probe(query, plan.policy, listed, scan.best, work)
        return SearchResult(
            neighbors: best.neighbors, expectedRecall: plan.expectedRecall(of: done, in: state), work: done)
    }

    func admitted(_ options: SearchOptions) throws(VectorIndexError) -> AdmittedRows? {
        if let admitted = options.admitted {
            return admitted.sequence == sequence ? admitted : try admittedRows(admitted.filter)
        }
        guard let filter = options.filter, options.recallTarget < 1 || options.nprobe != nil else {
            return nil
        }
        return try admittedRows(filter)
    }

    /// - Parameter best: what was found elsewhere before.
    func probe(
        _ query: [Float], _ policy: ProbePolicy, _ listed: [ListedRows], _ best: TopK, _ work: SearchWork
    ) throws(VectorIndexError) -> (TopK, SearchWork) {
        let isGathered = listed.allSatisfy(\.isFew)
        var (best, work) = (best, work)
        if isGathered {
            for rows in listed where rows.admitted?.gathered == nil {
                try rows.compareAllowed(query, into: &best, &work)
            }
        }
        for quantizer in state.quantizersNewestFirst {
            let own = listed.filter { $0.rows.segment.quantizer === quantizer }
            let gathered = own.compactMap { rows in rows.admitted?.gathered.map { (rows: rows, codes: $0) } }
            guard !(isGathered ? gathered.isEmpty : own.isEmpty) else { continue }
            var search = ListSearch(
                query: query, policy: policy, best: best, work: work,
                rowsMax: isGathered
                    ? gathered.reduce(0) { max($0, $1.codes.positions.count) }
                    : own.reduce(0) { max($0, $1.rowsMax) })
            if isGathered {
                try search.run(gathered: gathered, of: quantizer)
            } else {
                try search.run(own, of: quantizer)
            }
            (best, work) = (search.best, search.work)
        }
        return (best, work)
    }
}

/// What a search does, from what it was asked and what was measured.
struct SearchPlan {
    let policy: ProbePolicy

    /// Every row is compared.
    let isExact: Bool
    private let curve: RecallCurve
    private let recall: Double
    private let isForced: Bool

    /// The slack where lists were asked for and nothing was measured: wide enough for any data seen.
    private static let policyUnmeasured = ProbePolicy(reach: 3.5, slack: 3)

    init(state: IndexState, options: SearchOptions) throws(VectorIndexError) {
        let greatest = state.segments.filter { $0.segment.lists != nil }.max {
            ($0.curve.points.isEmpty ? 0 : 1, $0.segment.rowCount)
                < ($1.curve.points.isEmpty ? 0 : 1, $1.segment.rowCount)
        }
        curve = options.curve ?? greatest?.curve ?? RecallCurve(points: [])
        isForced = options.nprobe != nil
        // Where nothing was measured there are few rows, and nothing could be promised of less than all of
        // them.
        isExact = greatest == nil || (!isForced && (options.recallTarget == 1 || curve.points.isEmpty))
        let point = curve.point(reaching: options.recallTarget, isCalibrated: options.curve != nil)
        recall = point?.least ?? 0
        var policy = point?.policy ?? Self.policyUnmeasured
        policy.listCount = options.nprobe
        self.policy = policy
    }

    /// Rows in no list were all compared; of those in lists the share is the measured one. Where lists were
    /// forced it is that of the point which scanned no more rows.
    func expectedRecall(of work: SearchWork, in state: IndexState) -> Double {
        let total =
            work.exactRowCount
            + state.segments.reduce(0) { $0 + ($1.segment.lists == nil ? 0 : $1.segment.rowCount) }
        // Without a code scanned every row that may be found was compared.
        guard total > 0, work.codedRowCount > 0 else { return 1 }
        var inLists = recall
        if isForced, work.listCount > 0 {
            inLists = curve.points.last { $0.codedRowCount <= Double(work.codedRowCount) }?.least ?? 0
        }
        return (Double(work.exactRowCount) + Double(total - work.exactRowCount) * inLists) / Double(total)
    }
}

extension IndexState {
    /// The listed segments, with the rows of each that may be found.
    func listedRows(_ admitted: AdmittedRows?) -> [ListedRows] {
        segments.compactMap { sealed in
            guard let lists = sealed.segment.lists else { return nil }
            return ListedRows(
                sealed, lists, admitted: admitted?.bits(of: sealed.segment.description.number))
        }
    }

    var quantizersNewestFirst: [Quantizer] {
        quantizers.values.sorted { $0.description.number > $1.description.number }
    }
}

extension ListedRows {
    var rowsMax: Int { rows.listRowsMax }

    /// Whether so few rows are admitted that each is looked at: by its vector, or by its gathered code.
    var isFew: Bool {
        guard let admitted else { return false }
        return admitted.gathered != nil || admitted.count <= AdmittedRows.exactMax
    }

    /// Compares every row allowed by its vector.
    fileprivate func compareAllowed(
        _ query: [Float], into best: inout TopK, _ work: inout SearchWork
    ) throws(VectorIndexError) {
        guard let positions = admitted?.positions, !positions.isEmpty else { return }
        work.rerankedRowCount += positions.count
        var scores = [Float](repeating: 0, count: positions.count)
        var found = best
        try rows.segment.withVectors(at: positions.span, count: positions.count) { vectors in
            Self.score(query, vectors, positions, &scores)
        }
        for (index, position) in positions.enumerated() where scores[index] >= found.threshold {
            let place = Int(position)..<(Int(position) + 1)
            try rows.segment.withIdentities(place) { ids, documents in
                found.offer(TopK.Entry(score: scores[index], id: ids[0], tag: documents[0]))
            }
        }
        best = found
    }

    private static func score(
        _ query: [Float], _ vectors: Span<Float>, _ positions: [UInt32], _ scores: inout [Float]
    ) {
        var room = scores.mutableSpan
        DotProducts.gathered(
            of: query.span, against: vectors, at: positions.span, count: positions.count, into: &room)
    }
}
