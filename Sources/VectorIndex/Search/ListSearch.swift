import Columnar
import Kernels

/// One query through the inverted lists of one quantizer's segments: nearest list first, codes before rounded
/// vectors before vectors.
///
/// What a list's codes leave over is compared by its rounded vectors only after the next list was scanned,
/// and what these leave over by its vectors only after the one after that: asked for at once, they arrive
/// meanwhile. Memory: room for one list's rows. Not for use by several threads.
struct ListSearch: ~Copyable {
    /// What belongs to the query; a search of many queries puts in one after the other.
    var query: [Float]
    var rounded = RoundedQuery.none
    var best: TopK
    var work = SearchWork()
    let policy: ProbePolicy

    /// Rows found in the list at hand, by their places in it, and their sums of entries.
    var places: [UInt32]
    var sums: [Int32]

    /// Rows to be compared next by their rounded vectors, and rows that were and are to be compared by their
    /// vectors.
    var pending: Candidates
    private var close: Candidates

    private var scratch: [Int32]
    private var scores: [Float]

    /// With more rows than this left over from one list, the best are compared first: what they find thins
    /// out the others.
    static let crowd = 64

    /// Lists that are scanned in the order of memory where codes outgrow the caches; fewer at first. A million rows of
    /// 384, recall 0.95: 7,174 searches a CPU-second instead of 6,788; where codes stay in the cache it loses 2 %.
    private static let windowLists = 16
    private static let firstWindowLists = 4

    /// Rows compared first, for each of k.
    private static let firstShare = 2

    /// - Parameters:
    ///   - best: what was found elsewhere before.
    ///   - rowsMax: rows of the longest list, or of whatever else is scanned at once.
    init(query: [Float], policy: ProbePolicy, best: TopK, work: SearchWork, rowsMax: Int) {
        self.query = query
        self.policy = policy
        self.best = best
        self.work = work
        let group = ProductCodes.groupRows
        let room = (rowsMax + group - 1) / group * group
        places = [UInt32](repeating: 0, count: room)
        sums = [Int32](repeating: 0, count: room)
        pending = Candidates(room: room)
        close = Candidates(room: room)
        scratch = [Int32](repeating: 0, count: room)
        scores = [Float](repeating: 0, count: room)
    }

    /// Scans lists of `segments`, all of `quantizer`, until no other can be expected to matter.
    mutating func run(_ segments: [ListedRows], of quantizer: Quantizer) throws(VectorIndexError) {
        let prepared = try quantizer.prepare(query.span)
        var lists = BestFirst(scores: prepared.products)
        try run(segments, prepared, &lists, rankMax: .max)
    }

    /// Scans the next lists, at most up to the rank `rankMax`; the first one after them is left where it is.
    mutating func run(
        _ segments: [ListedRows], _ prepared: PreparedQuery, _ lists: inout BestFirst, rankMax: Int
    ) throws(VectorIndexError) {
        let isOutgrown = segments.contains { $0.rows.segment.quantizer?.shape.codesOutgrowCaches == true }
        rounded = prepared.rounded
        if isOutgrown {
            try runInWindows(segments, prepared, &lists, rankMax: rankMax)
        } else {
            try runInOrder(segments, prepared, &lists, rankMax: rankMax)
        }
        try comparePending()
    }

    private mutating func runInOrder(
        _ segments: [ListedRows], _ prepared: PreparedQuery, _ lists: inout BestFirst, rankMax: Int
    ) throws(VectorIndexError) {
        var rank = 0
        var upcoming = lists.next()
        while let (list, product) = upcoming, !isEnough(rank, product, prepared.spread, best.threshold) {
            rank += 1
            upcoming = rank < rankMax ? lists.next() : nil
            let target = ListTarget(prepared, list: list, product: product, policy)
            for segment in segments {
                if let next = upcoming { try segment.fetchCodes(of: next.index) }
                try scan(target, of: segment, prepared.table)
            }
        }
        work.listCount += rank
    }

    /// Lists trained in one cell lie beside each other, and memory is faster in its own order: after the first lists,
    /// which find the threshold that the others go by, some are taken at a time and scanned as they lie.
    private mutating func runInWindows(
        _ segments: [ListedRows], _ prepared: PreparedQuery, _ lists: inout BestFirst, rankMax: Int
    ) throws(VectorIndexError) {
        var rank = 0
        var window: [(list: Int, product: Float, rank: Int)] = []
        while rank < rankMax {
            window.removeAll(keepingCapacity: true)
            let size = rank < Self.windowLists ? Self.firstWindowLists : Self.windowLists
            while window.count < size, rank < rankMax, let (list, product) = lists.next(),
                !isEnough(rank, product, prepared.spread, best.threshold)
            {
                window.append((list, product, rank))
                rank += 1
            }
            guard !window.isEmpty else { return }
            if size == Self.windowLists { window.sort { $0.list < $1.list } }
            for (place, next) in window.enumerated() {
                if place + 1 < window.count {
                    for segment in segments { try segment.fetchCodes(of: window[place + 1].list) }
                }
                guard !isEnough(next.rank, next.product, prepared.spread, best.threshold) else { continue }
                let target = ListTarget(prepared, list: next.list, product: next.product, policy)
                for segment in segments { try scan(target, of: segment, prepared.table) }
                work.listCount += 1
            }
        }
    }

    /// Whether the list of this rank, and with it all after it, can be left out.
    func isEnough(_ rank: Int, _ product: Float, _ spread: Float, _ threshold: Float) -> Bool {
        // Fewer than k rows in the lists asked for are no reason to return fewer: go on.
        if let fixed = policy.listCount { return rank >= fixed && threshold > -.infinity }
        return threshold - product > policy.reach(at: rank) * spread
    }

    /// Scans one list of one segment; what it leaves over stays pending.
    mutating func scan(
        _ target: ListTarget, of segment: ListedRows, _ table: [Int8]
    ) throws(VectorIndexError) {
        let rows = segment.lists.rows(of: target.list)
        guard !rows.isEmpty else { return }
        var found = try codes(target, of: segment, table)
        // The last group is filled up with rows that are not there.
        while found > 0, Int(places[found - 1]) >= rows.count { found -= 1 }
        work.codedRowCount += rows.count
        try compareClose()
        try roundPending()
        guard found > 0 else { return }
        var least = target.least(for: best.threshold)
        if found > Self.crowd {
            let pivot = pivot(of: found)
            take(found, pivot...Int32.max, of: segment, list: target.list)
            try comparePending()
            least = target.least(for: best.threshold)
            take(found, least..<max(least, pivot), of: segment, list: target.list)
        } else {
            take(found, least...Int32.max, of: segment, list: target.list)
        }
        guard pending.count > 0 else { return }
        // Until k are found there is no threshold, and the next list would leave everything over.
        if best.threshold == -.infinity { return try comparePending() }
        let dimension = query.count
        try segment.rows.segment.withByteVectors(at: pending.positions.span, count: 0) { bytes in
            Prefetch.rows(bytes, at: pending.positions.span, count: pending.count, dimension: dimension)
        }
    }

    /// The least sum of those rows, of `found`, that are to be compared before the others.
    mutating func pivot(of found: Int) -> Int32 {
        Self.pivot(sums, count: found, rank: min(found, Self.firstShare * best.k + 8), &scratch)
    }

    private mutating func codes(
        _ target: ListTarget, of segment: ListedRows, _ table: [Int8]
    ) throws(VectorIndexError) -> Int {
        let groups = segment.lists.groups(of: target.list)
        let first = segment.lists.rows(of: target.list).lowerBound
        let least = target.least(for: best.threshold)
        var found = 0
        if let checked = segment.checkedCodes {
            checked.withRows(groups) { codes in
                found = Self.scan(
                    codes, groupCount: groups.count, table, atLeast: least, segment.allowed, first, &places,
                    &sums
                )
            }
            return found
        }
        try segment.rows.segment.withCodes(groups) { codes in
            found = Self.scan(
                codes, groupCount: groups.count, table, atLeast: least, segment.allowed, first, &places, &sums
            )
        }
        return found
    }

    /// Makes those of the rows found pending whose sums are in the bounds; nothing else is pending then.
    private mutating func take(
        _ found: Int, _ bounds: some RangeExpression<Int32>, of segment: ListedRows, list: Int
    ) {
        let first = UInt32(segment.lists.rows(of: list).lowerBound)
        let unit = segment.rows.segment.byteUnits[list]
        pending.restart(in: segment)
        for index in 0..<found where bounds.contains(sums[index]) {
            pending.append(first + places[index], unit: unit)
        }
    }

    /// Compares what is pending, and what is left of it.
    mutating func comparePending() throws(VectorIndexError) {
        try compareClose()
        try roundPending()
        try compareClose()
    }

    /// Compares what is pending by its rounded vectors, and asks for the vectors of what comes close to the
    /// best found.
    private mutating func roundPending() throws(VectorIndexError) {
        let count = pending.count
        guard count > 0, let segment = pending.segment else { return }
        pending.count = 0
        work.rerankedRowCount += count
        close.restart(in: segment)
        guard best.threshold > -.infinity else {
            swap(&pending, &close)
            close.count = count
            return
        }
        let (rounded, positions) = (rounded, pending.positions)
        let lengthMax = segment.rows.segment.lengthMax
        try segment.rows.segment.withByteVectors(at: positions.span, count: count) { rows in
            Self.round(rounded.bytes, rows, positions, count, &scratch)
        }
        for index in 0..<count {
            let unit = pending.units[index]
            let estimate = Float(scratch[index]) * (rounded.unit * unit)
            guard estimate + rounded.margin(unit: unit, length: lengthMax) >= best.threshold else { continue }
            close.append(positions[index], unit: unit)
        }
        guard close.count > 0 else { return }
        let dimension = query.count
        try segment.rows.segment.withVectors(at: positions.span, count: 0) { vectors in
            Prefetch.rows(vectors, at: close.positions.span, count: close.count, dimension: dimension)
        }
    }

    /// Compares by its vectors what came close.
    private mutating func compareClose() throws(VectorIndexError) {
        let count = close.count
        guard count > 0, let rows = close.segment?.rows else { return }
        close.count = 0
        work.comparedRowCount += count
        let (query, positions) = (query, close.positions)
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

    static func scan(
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

    private static func round(
        _ query: [Int8], _ rows: Span<UInt8>, _ positions: [UInt32], _ count: Int, _ products: inout [Int32]
    ) {
        var room = products.mutableSpan
        ByteProducts.gathered(of: query.span, against: rows, at: positions.span, count: count, into: &room)
    }

    private static func pivot(_ sums: [Int32], count: Int, rank: Int, _ scratch: inout [Int32]) -> Int32 {
        var room = scratch.mutableSpan
        return SumSelection.threshold(sums.span, count: count, rank: rank, scratch: &room)
    }
}

/// Rows of one segment that wait to be compared.
struct Candidates {
    private(set) var segment: ListedRows?

    /// The first `count` are they: positions, and what a whole number of their rounded vectors stands for.
    private(set) var positions: [UInt32]
    private(set) var units: [Float]
    var count = 0

    init(room: Int) {
        positions = [UInt32](repeating: 0, count: room)
        units = [Float](repeating: 0, count: room)
    }

    /// Forgets all; those to come are of `segment`.
    mutating func restart(in segment: ListedRows) {
        self.segment = segment
        count = 0
    }

    mutating func append(_ position: UInt32, unit: Float) {
        positions[count] = position
        units[count] = unit
        count += 1
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

    init(_ prepared: PreparedQuery, list: Int, product: Float, _ policy: ProbePolicy) {
        (self.list, self.product) = (list, product)
        (middle, unit, kept) = (prepared.middle, prepared.unit, prepared.kept)
        noise = policy.slack * prepared.noise
    }

    /// The least sum of entries that a row may show whose product reaches `threshold`.
    func least(for threshold: Float) -> Int32 {
        guard unit > 0 else { return .min }
        let least = ((threshold - product) * kept - noise - middle) / unit
        // Beyond these bounds no sum of bytes lies, and the conversion would trap.
        return Int32(max(-1e9, min(1e9, least.rounded(.down))))
    }
}

/// A listed segment as one search sees it.
final class ListedRows: Sendable {
    let rows: SealedRows
    let lists: ListTable

    /// The rows that may be found; nil if all may be.
    let admitted: AdmittedRows.Bits?

    /// Their bits; empty if all may be found.
    let allowed: [UInt64]
    fileprivate let checkedCodes: CheckedBytes?

    init(_ rows: SealedRows, _ lists: ListTable, admitted: AdmittedRows.Bits?) {
        (self.rows, self.lists, self.admitted) = (rows, lists, admitted)
        checkedCodes = rows.segment.checkedCodes()
        allowed = admitted?.words ?? []
    }

    /// Groups of a list whose codes are asked for ahead: more than that of one list would push out of the
    /// second-level cache what is worked on now.
    private static let groupsAhead = 4

    /// Asks for a list's codes, which are to be scanned next.
    func fetchCodes(of list: Int) throws(VectorIndexError) {
        let groups = lists.groups(of: list)
        guard !groups.isEmpty else { return }
        let ahead = groups.lowerBound..<min(groups.upperBound, groups.lowerBound + Self.groupsAhead)
        if let checkedCodes { return checkedCodes.withRows(ahead) { Prefetch.bytes($0) } }
        try rows.segment.withCodes(ahead) { Prefetch.bytes($0) }
    }
}
