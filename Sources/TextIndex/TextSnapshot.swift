import Columnar
import Kernels

/// The index at one sequence. It never changes, and keeps what it needs in memory or mapped.
///
/// A search is arithmetic on the calling thread: it takes no lock and never waits. Call it from where such
/// work belongs, not from a cooperative thread.
///
/// Scores are BM25's (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), summed
/// over the words of a query:
///
///     idf × (k1 + 1) × tf ÷ (tf + k1 × (1 - b + b × length ÷ averageLength)),  idf = ln(1 + (N - df + ½) ÷ (df + ½))
///
/// N, df and the average length are those of all segments and the tail together, so a score does not depend on how rows
/// are spread over them. Rows that died count until a segment is written without them, which then changes scores a
/// little. A word with several terms is scored as one term: its tf in a row is the sum of theirs, its df the sum of
/// theirs, at most N (a row that has several is counted for each). Contributions are rounded to multiples of 2⁻¹⁷, so
/// that their sum does not depend on order.
package struct TextSnapshot: Sendable {
    /// Bounds of k. The upper one keeps a result, and the heap that finds it, below a megabyte.
    package static let kBounds = 1...10_000

    let state: TextState
    let configuration: TextIndexConfiguration

    /// Sequence of the last change applied.
    package var sequence: Int64 { state.sequence }

    /// Rows alive.
    package var rowCount: Int { liveSealedRowCount + liveTailRowCount }

    /// Rows in segments, dead ones included.
    package var sealedRowCount: Int { state.segments.reduce(0) { $0 + $1.segment.rowCount } }

    /// Rows in the tail, dead ones included.
    package var tailRowCount: Int { state.tail.rowCount }

    /// Rows in segments and tail that are dead.
    package var deletedRowCount: Int { state.segments.reduce(state.tail.deletedCount) { $0 + $1.dead.count } }

    /// Rows alive in segments.
    package var liveSealedRowCount: Int {
        state.segments.reduce(0) { $0 + $1.segment.rowCount - $1.dead.count }
    }

    /// Rows alive in the tail.
    package var liveTailRowCount: Int { state.tail.rowCount - state.tail.deletedCount }

    /// The open segments.
    package var segments: [PostingsDescription] { state.segments.map(\.segment.description) }

    /// The open segments, and how many of their rows died since they were sealed.
    package var segmentSummaries: [PostingsSummary] {
        state.segments.map {
            PostingsSummary(description: $0.segment.description, deletedRowCount: $0.dead.count)
        }
    }

    /// Rows of each language; dead ones count until a segment is written without them.
    package var languages: [Language: Int] {
        var counts: [Language: Int] = [:]
        for sealed in state.segments {
            for (language, rowCount) in sealed.segment.languages { counts[language, default: 0] += rowCount }
        }
        for part in state.tail.parts {
            for (language, rowCount) in part.block.languageRows { counts[language, default: 0] += rowCount }
        }
        return counts
    }

    /// The `min(k, matches)` rows that score best, best first; of equals, the lower row first. Exact. A row matches if
    /// it has one of the words, every phrase, and nothing that is excluded.
    ///
    /// - Parameters:
    ///   - k: 1 to 10,000.
    ///   - filter: rows that match; nil for all.
    /// - Throws: `.kOutOfRange`, `.tooManyWords`, `.segmentDamaged`.
    package func search(
        _ query: TextQuery, k: Int, filter: TextFilter? = nil
    ) throws(TextIndexError) -> [TextMatch] {
        try prepare(query).search(k: k, filter: filter)
    }

    func matches(_ plan: QueryPlan, k: Int, filter: TextFilter?) throws(TextIndexError) -> [TextMatch] {
        var best = TopK(k: k)
        for (index, sealed) in state.segments.enumerated() where plan.mayMatch(segment: index) {
            var search = try SegmentSearch(plan, segment: index, sealed, filter)
            try search.run(&best)
        }
        for (index, part) in state.tail.parts.enumerated() where plan.mayMatch(part: index) {
            var search = TailSearch(plan, part: index, part, filter)
            search.run(&best)
        }
        return best.sorted().map { entry in
            TextMatch(row: entry.id, document: entry.tag, score: entry.score / QueryPlan.scoreUnits)
        }
    }

    /// Checks every byte of a segment's file, and that what it says makes sense.
    ///
    /// - Throws: `.segmentUnknown`, `.segmentDamaged`, `.segmentMismatch`.
    package func verify(segment number: Int64) throws(TextIndexError) {
        guard let sealed = state.segments.first(where: { $0.segment.description.number == number }) else {
            throw .segmentUnknown(number: number)
        }
        try sealed.segment.verify()
    }
}

/// An open segment as whoever decides on compaction sees it.
package struct PostingsSummary: Sendable, Hashable {
    package let description: PostingsDescription

    /// Of its rows, those that died since it was sealed.
    package let deletedRowCount: Int
}
