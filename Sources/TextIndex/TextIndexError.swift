/// What the index refuses or cannot do.
///
/// *Fix your request*: `kOutOfRange`, `tooManyWords`, `sequenceNotIncreasing`, `bornOutside`, `rowExists`,
/// `rowsNotAscending`, `tooManyLanguages`, `segmentExists`, `segmentUnknown`, `segmentStale`, `segmentAhead`.
/// *Try again later*: `tailFull`, after the tail was sealed. *Data is damaged or missing, or made with other settings:
/// rebuild the segment*: `segmentDamaged`, `segmentMismatch`. *The machine failed, the data may be sound*:
/// `segmentUnreadable`, `segmentNotWritten`.
package enum TextIndexError: Error, Sendable {
    case kOutOfRange(found: Int, allowed: ClosedRange<Int>)

    /// Words of a query, those of phrases and excluded ones included.
    case tooManyWords(found: Int, allowed: Int)

    case sequenceNotIncreasing(last: Int64, found: Int64)

    /// A row claims to be born at a sequence that the change or segment which carries it does not cover.
    case bornOutside(row: Int64, bornSequence: Int64, sequences: ClosedRange<Int64>)

    /// The index holds the row already, in the tail (segment nil) or in a segment; alive or dead.
    case rowExists(row: Int64, segment: Int64?)

    /// The tail holds at least `rowCountMax` rows: seal it, publish, then apply again.
    case tailFull(rowCount: Int, rowCountMax: Int)

    /// A segment is written in ascending order of rows.
    case rowsNotAscending(previous: Int64, found: Int64)

    /// A segment names at most this many languages.
    case tooManyLanguages(found: Int, allowed: Int)

    /// A segment of this number is part of the index, or its file is there: numbers are never reused.
    case segmentExists(number: Int64)
    case segmentUnknown(number: Int64)

    /// The segment was written before another one that is already published: its rows may be elsewhere by
    /// now.
    case segmentStale(number: Int64, sequence: Int64, published: Int64)

    /// The segment holds rows of commits that the index has not been told of: apply them first.
    case segmentAhead(number: Int64, sequence: Int64, applied: Int64)

    /// A file is missing, or a part of it fails its checks. The cause, a `ColumnFileError` or a `PostingsDamage`, names
    /// the column.
    case segmentDamaged(number: Int64, underlying: any Error)

    /// A file is there but could not be opened or mapped: too many open files, no permission, no memory.
    case segmentUnreadable(number: Int64, underlying: any Error)

    /// The file is sound but not the one described, or not made with the settings of this index.
    case segmentMismatch(number: Int64, field: PostingsField, expected: String, found: String)

    /// Whoever asked for the compaction said to stop.
    case compactionStopped

    case segmentNotWritten(number: Int64, underlying: any Error)
}

/// The properties of a segment that its file and its description must agree on; `settings` are the analyzer's
/// fingerprint and the weights of the fields.
package enum PostingsField: String, Sendable, Codable {
    case kind, version, number, rowCount, sequences, byteCount, digest, settings, rowOrder
}

/// Blocks of a column whose checksums are right hold something that the format rules out.
package struct PostingsDamage: Error, Sendable, Equatable {
    /// The column's number in the format.
    package let column: UInt32

    /// What was expected there, and what was found.
    package let expected: String
    package let found: String
}
