import Columnar

/// An open segment as whoever decides on compaction sees it.
public struct SegmentSummary: Sendable, Hashable {
    public let description: SegmentDescription

    /// Of its rows, those that died since it was sealed.
    public let deletedRowCount: Int

    /// Number of the quantizer whose lists its rows are in; nil in a flat segment.
    public let quantizer: Int64?
}

extension IndexSnapshot {
    /// The open segments, and what became of them.
    public var segmentSummaries: [SegmentSummary] {
        state.segments.map { sealed in
            SegmentSummary(
                description: sealed.segment.description, deletedRowCount: sealed.dead.count,
                quantizer: sealed.segment.quantizer?.description.number)
        }
    }
}

extension VectorIndex {
    /// Inverted lists that a quantizer for so many rows has.
    public static func listCount(suiting rowCount: Int) -> Int {
        ListCount.suiting(rowCount: rowCount)
    }
}
