import Columnar
import Kernels

/// What a scan is told of a block besides its rows.
struct BlockFacts {
    /// Tombstones of the block's rows: one chunk, or empty if none is dead.
    let dead: [UInt64]

    /// No vector of the block is longer.
    let lengthMax: Float
}

/// One query against every row it is shown: score a block, then keep what can still be among the best k.
///
/// Tombstones and filter are asked only about rows whose score would enter, which are few once k rows were
/// found.
struct ExactScan {
    private let query: [Float]
    private let filter: RowFilter?
    private(set) var best: TopK
    private var scores = [Float](repeating: 0, count: Tombstones.chunkRows)

    init(query: [Float], k: Int, filter: RowFilter?) {
        self.query = query
        self.filter = filter
        best = TopK(k: k)
    }

    /// - Parameter vectors: `rows.count × dimension`, row-major, for at most 1,024 rows.
    mutating func visit(
        _ rows: Span<Int64>, _ documents: Span<Int64>, _ vectors: Span<Float>, _ facts: BlockFacts
    ) {
        Self.score(query, vectors, rowCount: rows.count, into: &scores)
        for offset in rows.indices {
            let score = scores[offset]
            guard score >= best.threshold, !Tombstones.isDead(offset, in: facts.dead) else { continue }
            if let filter, !filter.admits(row: rows[offset], document: documents[offset]) { continue }
            best.offer(TopK.Entry(score: score, id: rows[offset], tag: documents[offset]))
        }
    }

    var neighbors: [Neighbor] { best.neighbors }

    private static func score(
        _ query: [Float], _ vectors: Span<Float>, rowCount: Int, into scores: inout [Float]
    ) {
        var scores = scores.mutableSpan
        DotProducts.scores(of: query.span, against: vectors, rowCount: rowCount, into: &scores)
    }
}

extension TopK {
    /// The entries as rows found, best first.
    var neighbors: [Neighbor] {
        sorted().map { entry in
            Neighbor(row: RowID(rawValue: entry.id), document: entry.tag, similarity: entry.score)
        }
    }
}
