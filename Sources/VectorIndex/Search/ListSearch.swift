import Kernels

/// One query through the inverted lists of one quantizer's segments: nearest list first, codes before vectors.
///
/// What a list's codes leave over is compared only after the next list was scanned: its vectors, asked for at
/// once, arrive meanwhile. Memory: room for one list's rows. Not for use by several threads.
struct ListSearch: ~Copyable {
    private let query: [Float]
    private let policy: ProbePolicy
    private(set) var best: TopK
    private(set) var work = SearchWork()

    /// Rows found in the list at hand, by their places in it, and their sums of entries.
    private var places: [UInt32]
    private var sums: [Int32]

    /// Rows to be compared next, by their positions in `pendingRows`.
    private var pending: [UInt32]
    private var pendingCount = 0
    private var pendingRows: SealedRows?

    private var scratch: [Int32]
    private var scores: [Float]

    /// With more rows than this left over from one list, the best are compared first: what they find thins out
    /// the others.
    private static let crowd = 64

    /// Rows compared first, for each of k.
    private static let firstShare = 2

    /// - Parameters:
    ///   - best: what was found elsewhere before.
    ///   - listRowsMax: rows of the longest list.
    init(query: [Float], policy: ProbePolicy, best: TopK, work: SearchWork, listRowsMax: Int) {
        self.query = query
        self.policy = policy
        self.best = best
        self.work = work
        let group = ProductCodes.groupRows
        let room = (listRowsMax + group - 1) / group * group
        places = [UInt32](repeating: 0, count: room)
        sums = [Int32](repeating: 0, count: room)
        pending = [UInt32](repeating: 0, count: room)
        scratch = [Int32](repeating: 0, count: room)
        scores = [Float](repeating: 0, count: room)
    }

    /// Scans lists of `segments`, all of `quantizer`, until no other can be expected to matter.
    mutating func run(_ segments: [ListedRows], of quantizer: Quantizer) throws(VectorIndexError) {
        var prepared = try quantizer.prepare(query.span)
        var upcoming = prepared.lists.next()
        var rank = 0
        while let (list, product) = upcoming, !isEnough(rank, product, prepared.spread) {
            upcoming = prepared.lists.next()
            let target = ListTarget(
                list: list, product: product, middle: prepared.middle, unit: prepared.unit,
                noise: policy.slack * prepared.noise, kept: prepared.kept)
            for segment in segments {
                if let next = upcoming { try segment.fetchCodes(of: next.index) }
                try scan(target, of: segment, prepared.table)
            }
            rank += 1
        }
        try comparePending()
        work.listCount += rank
    }

    /// Whether the list of this rank, and with it all after it, can be left out.
    private func isEnough(_ rank: Int, _ product: Float, _ spread: Float) -> Bool {
        // Fewer than k rows in the lists asked for are no reason to return fewer: go on.
        if let fixed = policy.listCount { return rank >= fixed && best.threshold > -.infinity }
        return best.threshold - product > policy.reach(at: rank) * spread
    }

    private mutating func scan(
        _ target: ListTarget, of segment: ListedRows, _ table: [Int8]
    ) throws(VectorIndexError) {
        let rows = segment.lists.rows(of: target.list)
        guard !rows.isEmpty else { return }
        var found = try codes(target, of: segment, table)
        // The last group is filled up with rows that are not there.
        while found > 0, Int(places[found - 1]) >= rows.count { found -= 1 }
        work.codedRowCount += rows.count
        try comparePending()
        guard found > 0 else { return }
        if found > Self.crowd {
            let wanted = min(found, Self.firstShare * best.k + 8)
            let pivot = Self.pivot(sums, count: found, rank: wanted, &scratch)
            take(found, atLeast: pivot, below: .max, from: rows.lowerBound)
            pendingRows = segment.rows
            try comparePending()
            take(found, atLeast: target.least(for: best.threshold), below: pivot, from: rows.lowerBound)
        } else {
            take(found, atLeast: target.least(for: best.threshold), below: .max, from: rows.lowerBound)
        }
        guard pendingCount > 0 else { return }
        pendingRows = segment.rows
        // Until k are found there is no threshold, and the next list would leave everything over.
        if best.threshold == -.infinity { return try comparePending() }
        try segment.rows.segment.withVectors(at: pending.span, count: 0) { vectors in
            Prefetch.rows(vectors, at: pending.span, count: pendingCount, dimension: query.count)
        }
    }

    private mutating func codes(
        _ target: ListTarget, of segment: ListedRows, _ table: [Int8]
    ) throws(VectorIndexError) -> Int {
        let groups = segment.lists.groups(of: target.list)
        let first = segment.lists.rows(of: target.list).lowerBound
        let least = target.least(for: best.threshold)
        var found = 0
        try segment.rows.segment.withCodes(groups) { codes in
            found = Self.scan(
                codes, groupCount: groups.count, table, atLeast: least, segment.allowed, first, &places, &sums
            )
        }
        return found
    }

    /// Makes those of the rows found pending whose sums are in the bounds; nothing else is pending then.
    private mutating func take(_ found: Int, atLeast least: Int32, below most: Int32, from first: Int) {
        var count = 0
        for index in 0..<found where sums[index] >= least && (sums[index] < most || most == .max) {
            pending[count] = UInt32(first) + places[index]
            count += 1
        }
        pendingCount = count
    }

    /// Compares what is pending by its vectors.
    private mutating func comparePending() throws(VectorIndexError) {
        let count = pendingCount
        guard count > 0, let rows = pendingRows else { return }
        pendingCount = 0
        work.rerankedRowCount += count
        let (query, positions) = (query, pending)
        try rows.segment.withVectors(at: positions.span, count: count) { vectors in
            Self.score(query, vectors, positions, count, &scores)
        }
        for index in 0..<count where scores[index] >= best.threshold {
            let position = Int(positions[index])
            guard rows.dead.count == 0 || !rows.dead.contains(position) else { continue }
            let score = scores[index]
            try rows.segment.withIdentities(position..<(position + 1)) { ids, documents in
                best.offer(TopK.Entry(score: score, id: ids[0], tag: documents[0]))
            }
        }
    }

    // The arithmetic takes what it writes to as parameters: spans of a property cannot be had in a closure.

    private static func scan(
        _ codes: Span<UInt8>, groupCount: Int, _ table: [Int8], atLeast least: Int32, _ allowed: [UInt64],
        _ allowedFirst: Int, _ positions: inout [UInt32], _ sums: inout [Int32]
    ) -> Int {
        var positionRoom = positions.mutableSpan
        var sumRoom = sums.mutableSpan
        return ProductCodes.scan(
            codes, groupCount: groupCount, table: table.span, threshold: least,
            allowed: allowed.span, allowedFirst: allowedFirst, first: 0, into: &positionRoom, &sumRoom)
    }

    private static func score(
        _ query: [Float], _ vectors: Span<Float>, _ positions: [UInt32], _ count: Int, _ scores: inout [Float]
    ) {
        var room = scores.mutableSpan
        DotProducts.gathered(of: query.span, against: vectors, at: positions.span, count: count, into: &room)
    }

    private static func pivot(_ sums: [Int32], count: Int, rank: Int, _ scratch: inout [Int32]) -> Int32 {
        var room = scratch.mutableSpan
        return SumSelection.threshold(sums.span, count: count, rank: rank, scratch: &room)
    }
}

/// A list, and what a row of it must show to be compared.
struct ListTarget {
    let list: Int

    /// The query's product with the list's centroid.
    let product: Float

    /// Of the query's table.
    let middle: Float
    let unit: Float

    /// What an estimate may fall short of what is left of a row's difference from its centroid.
    let noise: Float
    let kept: Float

    /// The least sum of entries that a row may show whose product reaches `threshold`.
    func least(for threshold: Float) -> Int32 {
        guard unit > 0 else { return .min }
        let least = ((threshold - product) * kept - noise - middle) / unit
        // Beyond these bounds no sum of bytes lies, and the conversion would trap.
        return Int32(max(-1e9, min(1e9, least.rounded(.down))))
    }
}

/// A listed segment as one search sees it.
struct ListedRows {
    let rows: SealedRows
    let lists: ListTable

    /// Bits of the rows that may be found, by position; empty if all may be.
    let allowed: [UInt64]

    /// Groups of a list whose codes are asked for ahead: more than that of one list would push out of the
    /// second-level cache what is worked on now.
    private static let groupsAhead = 48

    /// Asks for a list's codes, which are to be scanned next.
    fileprivate func fetchCodes(of list: Int) throws(VectorIndexError) {
        let groups = lists.groups(of: list)
        guard !groups.isEmpty else { return }
        try rows.segment.withCodes(
            groups.lowerBound..<min(groups.upperBound, groups.lowerBound + Self.groupsAhead)
        ) {
            Prefetch.bytes($0)
        }
    }
}
