/// Passages, best first, and what was searched to find them.
package struct SearchResponse: Sendable {
    package var hits: [SearchHit]
    package var searched: SearchedRows

    /// The sequence of the snapshot that was searched: every commit up to it was seen, none after it.
    package var snapshotSequence: Int64
    package var timings: SearchTimings
}

/// One passage found.
package struct SearchHit: Sendable {
    /// From 1.
    package var rank: Int

    /// Cosine of query and passage, -1 to 1.
    package var similarity: Float

    /// The passage as it was embedded.
    package var text: String
    package var citation: Citation
}

/// Where a passage stands, exactly enough to check it: the source's bytes at `byteRange` hash to `sha256`.
package struct Citation: Sendable, Hashable {
    package var documentID: String

    /// The source's name and the path within it.
    package var path: String

    /// Where a person finds the original, for example the file's full path; nil where nobody said.
    package var origin: String?
    package var title: String?

    /// 1 for a document's first version.
    package var version: Int
    package var chunkID: String

    /// Into the document's original bytes.
    package var byteRange: Range<Int>

    /// 1-based, in the original.
    package var lineRange: ClosedRange<Int>
    package var headingPath: [String]

    /// Of the original bytes in `byteRange`, as 64 hexadecimal digits.
    package var sha256: String
}

/// How many rows a search compared, out of how many there were.
package struct SearchedRows: Sendable, Hashable {
    /// Rows committed when the snapshot was taken.
    package var committed: Int

    /// Of these, rows found in sealed segments and rows found in the tail.
    package var sealed: Int
    package var tail: Int

    /// True if every committed row was searched.
    package var isComplete: Bool { sealed + tail == committed }
}

/// Where a query's time went.
package struct SearchTimings: Sendable, Hashable {
    package var embedding: Duration
    package var index: Duration
    package var passages: Duration
}
