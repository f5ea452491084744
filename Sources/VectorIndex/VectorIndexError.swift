/// What the index refuses or cannot do.
///
/// *Fix your request*: `dimensionMismatch`, `notFinite`, `kOutOfRange`, `sequenceNotIncreasing`,
/// `bornOutside`, `rowExists`, `rowsNotAscending`, `rowCountMismatch`, `segmentExists`, `segmentUnknown`,
/// `segmentStale`, `segmentAhead`. *Try again later*: `tailFull`, after the tail was sealed. *Data is damaged
/// or missing, rebuild the segment*: `segmentDamaged`, `segmentMismatch`. *The machine failed, the data may
/// be sound*: `segmentUnreadable`, `segmentNotWritten`.
public enum VectorIndexError: Error, Sendable {
    case dimensionMismatch(expected: Int, found: Int)

    /// A component is not finite, or the squared length exceeds 2¹²⁶ and sums might overflow. The row is nil
    /// for a query.
    case notFinite(row: RowID?)

    case kOutOfRange(found: Int, allowed: ClosedRange<Int>)
    case sequenceNotIncreasing(last: Int64, found: Int64)

    /// A row claims to be born at a sequence that the change or segment which carries it does not cover.
    case bornOutside(row: RowID, bornSequence: Int64, sequences: ClosedRange<Int64>)

    /// The index holds the row already, in the tail (segment nil) or in a segment; alive or dead.
    case rowExists(row: RowID, segment: Int64?)

    /// The tail holds at least `rowCountMax` rows: seal it, publish, then apply again.
    case tailFull(rowCount: Int, rowCountMax: Int)

    /// A segment is written in ascending order of rows.
    case rowsNotAscending(previous: RowID, found: RowID)

    /// A segment was promised more or fewer rows than it was given.
    case rowCountMismatch(expected: Int, found: Int)

    /// A segment of this number is part of the index, or its file is there: numbers are never reused.
    case segmentExists(number: Int64)
    case segmentUnknown(number: Int64)

    /// The segment was written before another one that is already published: its rows may be elsewhere by
    /// now.
    case segmentStale(number: Int64, sequence: Int64, published: Int64)

    /// The segment holds rows of commits that the index has not been told of: apply them first.
    case segmentAhead(number: Int64, sequence: Int64, applied: Int64)

    /// A file is missing, or a part of it fails its checks. The cause names file, column and offset.
    case segmentDamaged(number: Int64, underlying: any Error)

    /// A file is there but could not be opened or mapped: too many open files, no permission, no memory.
    case segmentUnreadable(number: Int64, underlying: any Error)

    /// The file is sound but not the one described.
    case segmentMismatch(number: Int64, field: SegmentField, expected: String, found: String)

    /// A quantizer's file is missing, or a part of it fails its checks: segments that name it are of no use.
    case quantizerDamaged(number: Int64, underlying: any Error)

    /// The file is sound but not the quantizer described.
    case quantizerMismatch(number: Int64, field: SegmentField, expected: String, found: String)

    /// A segment names a quantizer that was not given.
    case quantizerUnknown(number: Int64, segment: Int64)

    /// 0 < target ≤ 1.
    case recallTargetOutOfRange(found: Double)

    case probeCountOutOfRange(found: Int, allowed: ClosedRange<Int>)

    /// Whoever asked for the compaction said to stop.
    case compactionStopped

    case segmentNotWritten(number: Int64, underlying: any Error)
}

/// The properties of a segment that its file and its description must agree on.
public enum SegmentField: String, Sendable, Codable {
    case kind, version, number, rowCount, dimension, sequences, byteCount, digest, rowOrder, listCount,
        listStart
}
