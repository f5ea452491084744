import Columnar

/// The index at one sequence. It never changes, and keeps what it needs in memory or mapped.
///
/// A search is arithmetic on the calling thread: it takes no lock and never waits. Call it from where such
/// work belongs, not from a cooperative thread.
public struct IndexSnapshot: Sendable {
    /// Bounds of k. The upper one keeps a result, and the heap that finds it, below a megabyte.
    public static let kBounds = 1...10_000

    let state: IndexState

    init(state: IndexState) {
        self.state = state
    }

    /// Sequence of the last change applied.
    public var sequence: Int64 { state.sequence }

    /// Rows alive.
    public var rowCount: Int { sealedRowCount + tailRowCount - deletedRowCount }

    /// Rows in segments, dead ones included.
    public var sealedRowCount: Int { state.segments.reduce(0) { $0 + $1.segment.rowCount } }

    /// Rows in the tail, dead ones included.
    public var tailRowCount: Int { state.tail.rowCount }

    /// Rows in segments and tail that are dead.
    public var deletedRowCount: Int { state.segments.reduce(state.tail.deletedCount) { $0 + $1.dead.count } }

    /// Rows alive in segments; with `liveTailRowCount` these are the rows that an unfiltered search compares.
    public var liveSealedRowCount: Int {
        state.segments.reduce(0) { $0 + $1.segment.rowCount - $1.dead.count }
    }

    /// Rows alive in the tail.
    public var liveTailRowCount: Int { state.tail.rowCount - state.tail.deletedCount }

    /// The open segments.
    public var segments: [SegmentDescription] { state.segments.map(\.segment.description) }

    /// The `min(k, matches)` rows most similar to `query`, best first; of equals, the lower row first. Exact.
    ///
    /// - Parameters:
    ///   - query: `dimension` components.
    ///   - k: 1 to 10,000.
    ///   - filter: rows that match; nil for all.
    /// - Throws: `.dimensionMismatch`, `.notFinite`, `.kOutOfRange`; `.segmentDamaged`, and no partial
    ///   result.
    public func search(
        _ query: [Float], k: Int, filter: RowFilter? = nil
    ) throws(VectorIndexError) -> [Neighbor] {
        try Self.check(k)
        _ = try VectorLength.checked(query, dimension: state.tail.dimension, row: nil)
        var scan = ExactScan(query: query, k: k, filter: filter)
        try forEachBlock { scan.visit($0, $1, $2, $3) }
        return scan.neighbors
    }

    /// `search` for each of `queries`, with the same results, bit for bit; many times faster for many
    /// queries.
    public func search(
        batch queries: [[Float]], k: Int, filter: RowFilter? = nil
    ) throws(VectorIndexError) -> [[Neighbor]] {
        try Self.check(k)
        var lengths: [Float] = []
        for query in queries {
            lengths.append(try VectorLength.checked(query, dimension: state.tail.dimension, row: nil))
        }
        var results: [[Neighbor]] = []
        for start in stride(from: 0, to: queries.count, by: BatchScan.queryCountMax) {
            let group = start..<min(start + BatchScan.queryCountMax, queries.count)
            var scan = BatchScan(queries: queries[group], lengths: lengths[group], k: k, filter: filter)
            try forEachBlock { scan.visit($0, $1, $2, $3) }
            results += scan.neighbors
        }
        return results
    }

    /// Checks every byte of a segment's file, and that its rows are in order.
    ///
    /// - Throws: `.segmentUnknown`, `.segmentDamaged`, `.segmentMismatch`.
    public func verify(segment number: Int64) throws(VectorIndexError) {
        guard let sealed = state.segments.first(where: { $0.segment.description.number == number }) else {
            throw .segmentUnknown(number: number)
        }
        try sealed.segment.verify()
    }

    /// Checks every byte of a quantizer's file.
    ///
    /// - Throws: `.quantizerUnknown`, `.quantizerDamaged`.
    public func verify(quantizer number: Int64) throws(VectorIndexError) {
        guard let quantizer = state.quantizers[number] else {
            throw .quantizerUnknown(number: number, segment: 0)
        }
        try quantizer.verify()
    }

    /// The open quantizers.
    public var quantizers: [QuantizerDescription] {
        state.quantizers.values.map(\.description).sorted { $0.number < $1.number }
    }

    static func check(_ k: Int) throws(VectorIndexError) {
        guard kBounds.contains(k) else { throw .kOutOfRange(found: k, allowed: kBounds) }
    }

    /// Lends the ids, document ordinals and vectors of all rows, in blocks of up to 1,024, segments first.
    private func forEachBlock(
        _ body: (Span<Int64>, Span<Int64>, Span<Float>, BlockFacts) -> Void
    ) throws(VectorIndexError) {
        for sealed in state.segments { try sealed.forEachBlock(body) }
        state.tail.forEachBlock(body)
    }
}

extension SealedRows {
    /// Lends ids, document ordinals and vectors of the segment's rows, in blocks of up to 1,024.
    func forEachBlock(
        _ body: (Span<Int64>, Span<Int64>, Span<Float>, BlockFacts) -> Void
    ) throws(VectorIndexError) {
        for start in stride(from: 0, to: segment.rowCount, by: Tombstones.chunkRows) {
            let positions = start..<min(start + Tombstones.chunkRows, segment.rowCount)
            let facts = BlockFacts(
                dead: dead.chunk(start / Tombstones.chunkRows), lengthMax: segment.lengthMax)
            try segment.withBlock(positions) { body($0, $1, $2, facts) }
        }
    }
}

extension Tail {
    /// Lends ids, document ordinals and vectors of the tail's rows, in blocks of up to 1,024.
    func forEachBlock(_ body: (Span<Int64>, Span<Int64>, Span<Float>, BlockFacts) -> Void) {
        for part in parts {
            let facts = BlockFacts(dead: part.dead.chunk(0), lengthMax: part.block.lengthMax)
            let (rows, documents, vectors) = (part.block.rows, part.block.documents, part.block.vectors)
            body(rows.span, documents.span, vectors.span, facts)
        }
    }
}
