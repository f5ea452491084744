/// How a search is to be done.
public struct SearchOptions: Sendable {
    public static let recallTargetDefault = 0.95

    /// Share of the true nearest that the search is to find on average: above 0, at most 1. At 1 every row is
    /// compared and the result is exact.
    public var recallTarget: Double

    /// Inverted lists to scan in place of what `recallTarget` asks for; nil to let the index choose.
    public var nprobe: Int?

    /// Rows that match; nil for all.
    public var filter: RowFilter?

    /// Rows that match, found beforehand by `IndexSnapshot.admittedRows`; goes before `filter`. Those of
    /// another snapshot are found anew.
    public var admitted: AdmittedRows?

    /// What recall costs for the kind of queries at hand, measured by `IndexSnapshot.measureRecall`; nil for
    /// what was measured when the segments were sealed.
    public var curve: RecallCurve?

    public init(
        recallTarget: Double = SearchOptions.recallTargetDefault, nprobe: Int? = nil,
        filter: RowFilter? = nil,
        curve: RecallCurve? = nil
    ) {
        self.recallTarget = recallTarget
        self.nprobe = nprobe
        self.filter = filter
        self.curve = curve
    }

    /// - Throws: `.recallTargetOutOfRange`, `.probeCountOutOfRange`.
    func validate() throws(VectorIndexError) {
        // Written so that NaN fails it.
        guard recallTarget > 0, recallTarget <= 1 else { throw .recallTargetOutOfRange(found: recallTarget) }
        if let nprobe, !QuantizerFormat.listCounts.contains(nprobe) {
            throw .probeCountOutOfRange(found: nprobe, allowed: QuantizerFormat.listCounts)
        }
    }
}

/// What a search found, and what it did to find it.
public struct SearchResult: Sendable {
    /// At most k, best first; of equals, the lower row first.
    public let neighbors: [Neighbor]

    /// Share of the true nearest that such a search finds on average: what was measured, 1 if every row was
    /// compared.
    public let expectedRecall: Double
    public let work: SearchWork
}

/// What a search cost.
public struct SearchWork: Sendable, Hashable {
    /// Inverted lists whose codes were scanned.
    public internal(set) var listCount = 0

    /// Rows in these lists; of these, rows compared by their rounded vectors, and of these by their vectors.
    public internal(set) var codedRowCount = 0
    public internal(set) var rerankedRowCount = 0
    public internal(set) var comparedRowCount = 0

    /// Rows compared by their vectors because they are in no list.
    public internal(set) var exactRowCount = 0
}
