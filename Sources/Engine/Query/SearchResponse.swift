import TextIndex
import VectorIndex

/// Passages, best first, and what was searched to find them.
package struct SearchResponse: Sendable {
    package var hits: [SearchHit]
    package var mode: SearchMode

    /// How the two sides became one ranking; nil where only one was looked at.
    package var fusion: FusionMethod?

    /// What is thought of the question's language; nil where the two sides were not to be fused.
    package var languageGuard: LanguageGuard?

    /// What made the vectors of the query and of every passage compared with it; nil where nothing was ever ingested,
    /// or vectors were not looked at.
    package var model: ModelDescription?
    package var searched: SearchedRows

    /// Rows whose words could be found; nil where words were not looked at.
    package var searchedWords: SearchedRows?

    /// What the filter let pass; nil without one.
    package var matched: MatchedRows?

    /// Words of the question that were not looked for: there are too many.
    package var ignoredWordCount = 0

    /// Share of the passages that are truly nearest which such a search finds on average, as was measured; 1 if every
    /// passage was compared.
    package var expectedRecall: Double
    package var probed: ProbedRows

    /// The sequence of the snapshot that was searched: every commit up to it was seen, none after it.
    package var snapshotSequence: Int64

    /// Whether there are more hits behind the last.
    package var hasMore = false

    /// What a reranker did; nil where none was asked.
    package var reranking: RerankOutcome?
    package var timings: SearchTimings

    /// The answer of a workspace into which nothing was ever ingested.
    static func empty(of request: SearchRequest) -> SearchResponse {
        SearchResponse(
            hits: [], mode: request.mode, model: nil,
            searched: SearchedRows(committed: 0, sealed: 0, tail: 0),
            matched: request.filter.map { _ in MatchedRows(documentCount: 0, rowCount: 0) },
            expectedRecall: 1, probed: ProbedRows(listCount: 0, rowCount: 0, rerankedRowCount: 0),
            snapshotSequence: 0, timings: SearchTimings())
    }
}

/// One passage found.
package struct SearchHit: Sendable {
    /// From 1.
    package var rank: Int

    /// What the order is by: the receipt's score, or the reranker's.
    package var score: Double

    /// How the search came to its score.
    package var receipt: ScoreReceipt

    /// The reranker's own score; nil where none decided.
    package var rerankScore: Double?

    /// How likely the passage is of use at all, 0 to 1: what `SearchRequest.minScore` is compared with.
    package var relevance: Double

    /// Cosine of query and passage, -1 to 1; nil where vectors were not looked at.
    package var similarity: Float? { receipt[.vector].map { Float($0.value) } }

    /// The passage as it was embedded.
    package var text: String

    /// Where the question's words stand in `text`: ranges of its UTF-8, in order and apart.
    package var highlights: [Range<Int>] = []
    package var citation: Citation

    /// Passages around it, in document order, itself among them; empty where none were asked for.
    package var surroundings: [Surrounding] = []

    /// Passages that say nearly the same, and were left out for this one.
    package var duplicateCount = 0
}

/// A passage that stands near a hit.
package struct Surrounding: Sendable, Hashable {
    package var text: String
    package var citation: Citation
}

/// What became of a reranking.
package enum RerankOutcome: Sendable, Hashable {
    case done(model: String, candidateCount: Int)

    /// The order is the search's own.
    case failed(reason: String)
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

/// What a filter lets pass: a search returns as many passages as it is asked for, or all of these.
package struct MatchedRows: Sendable, Hashable {
    package var documentCount: Int

    /// Their passages; nil where they were not counted, in a search for words only.
    package var rowCount: Int?

    package init(documentCount: Int, rowCount: Int?) {
        (self.documentCount, self.rowCount) = (documentCount, rowCount)
    }
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
    package var embedding = Duration.zero
    package var index = Duration.zero
    package var passages = Duration.zero
    package var reranking = Duration.zero
}
