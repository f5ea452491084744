import VectorIndex

/// Passages, best first, and what was searched to find them.
package struct SearchResponse: Sendable {
    package var hits: [SearchHit]

    /// What made the vectors of the query and of every passage compared with it; nil where nothing was ever ingested.
    package var model: ModelDescription?
    package var searched: SearchedRows

    /// Share of the passages that are truly nearest which such a search finds on average, as was measured; 1 if every
    /// passage was compared.
    package var expectedRecall: Double
    package var probed: ProbedRows

    /// The sequence of the snapshot that was searched: every commit up to it was seen, none after it.
    package var snapshotSequence: Int64
    package var timings: SearchTimings

    /// The answer of a workspace into which nothing was ever ingested.
    static let empty = SearchResponse(
        hits: [], model: nil, searched: SearchedRows(committed: 0, sealed: 0, tail: 0), expectedRecall: 1,
        probed: ProbedRows(listCount: 0, rowCount: 0, rerankedRowCount: 0), snapshotSequence: 0,
        timings: SearchTimings(embedding: .zero, index: .zero, passages: .zero))
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

/// Where a passage stands, exactly enough to check it: the bytes at `byteRange`, of the original or of its
/// rendition, hash to `sha256`.
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

    /// Into the document's original bytes, or into those of its rendition, where there is one.
    package var byteRange: Range<Int>

    /// 1-based, in the same.
    package var lineRange: ClosedRange<Int>
    package var headingPath: [String]

    /// Of the bytes in `byteRange`, as 64 hexadecimal digits.
    package var sha256: String

    /// The page of the original on which it begins, from 1; nil where there are none.
    package var page: Int?

    /// The sha256 of the rendition that the ranges are into; nil where they are into the original.
    package var rendition: String?
}

/// How many rows a search could find, out of how many there were.
///
/// A row that stands in an inverted list which was not looked through counts as searched: that it may be missed is
/// what `SearchResponse.expectedRecall` says. What is not counted was not there to be found at all.
package struct SearchedRows: Sendable, Hashable {
    /// Rows committed when the snapshot was taken.
    package var committed: Int

    /// Of these, rows found in sealed segments and rows found in the tail.
    package var sealed: Int
    package var tail: Int

    /// True if every committed row was searched.
    package var isComplete: Bool { sealed + tail == committed }
}

/// What a search looked at in the inverted lists. All zero where there are none, or where all was compared.
package struct ProbedRows: Sendable, Hashable {
    package var listCount: Int

    /// Rows in these lists, whose codes were scanned, and rows of these whose vectors were compared.
    package var rowCount: Int
    package var rerankedRowCount: Int
}

extension ProbedRows {
    init(_ work: SearchWork) {
        self.init(
            listCount: work.listCount, rowCount: work.codedRowCount,
            rerankedRowCount: work.rerankedRowCount)
    }
}

/// Where a query's time went.
package struct SearchTimings: Sendable, Hashable {
    package var embedding: Duration
    package var index: Duration
    package var passages: Duration
}
