import Store
import TextIndex
import VectorIndex

/// A passage, ranked.
struct RankedRow: Sendable {
    var row: Int64
    var receipt: ScoreReceipt

    /// How likely it is of use at all, 0 to 1.
    var relevance: Double
}

/// What ranking one snapshot came to.
struct RankedRows: Sendable {
    /// Best first.
    var rows: [RankedRow]
    var expectedRecall: Double
    var probed: ProbedRows

    /// Rows that were admitted, where there is a filter and vectors are compared.
    var admittedCount: Int?

    /// What the last candidate of each side has that named as many as it was asked for: others may have the same.
    var lastValues: [ScoreReceipt.Side: Double] = [:]

    /// Whether there may be more.
    var isCut: Bool { !lastValues.isEmpty }

    /// Whether one of the best `count` has what the last candidate of a side has: of equals some are here, and some may
    /// not be.
    func cutsEquals(among count: Int) -> Bool {
        rows.prefix(count).contains { row in
            row.receipt.parts.contains { $0.rank != nil && lastValues[$0.side] == $0.value }
        }
    }
}

/// One question over one view: candidates of either side, with both scores each, fused and put in order.
///
/// Arithmetic and mapped files; runs on the pool.
struct RankedSearch: Sendable {
    let view: SearchView

    /// The question's vector; nil in a search for words.
    let vector: [Float]?

    /// The question's words, looked up in the view's texts; nil in a search by vectors.
    let words: PreparedQuery?
    let fusion: Fusion
    let options: SearchOptions
    let scale: ScoreScale

    /// Whether the vectors say too little of this question to tell relevance by.
    let decidedByWords: Bool

    /// - Parameter depth: candidates of either side.
    func run(depth: Int) throws -> RankedRows {
        var candidates: [Int64: Candidate] = [:]
        var (expectedRecall, probed) = (1.0, ProbedRows(listCount: 0, rowCount: 0, rerankedRowCount: 0))
        var admittedCount: Int?
        var lastValues: [ScoreReceipt.Side: Double] = [:]
        if let vector, let vectors = view.vectors {
            var options = options
            options.admitted = try (view.vectorAdmission ?? view.admission)?.forVectors.map(
                vectors.admittedRows)
            admittedCount = options.admitted?.count
            let result = try vectors.search(
                vector, k: depth, options: options)
            (expectedRecall, probed) = (result.expectedRecall, ProbedRows(result.work))
            for (rank, neighbor) in zip(1..., result.neighbors) {
                let row = neighbor.row.rawValue
                candidates[row, default: Candidate(row: row)].similarity = Double(neighbor.similarity)
                candidates[row]?.vectorRank = rank
            }
            if result.neighbors.count == depth {
                lastValues[.vector] = result.neighbors.last.map { Double($0.similarity) }
            }
        }
        if let words {
            let matches = try words.search(k: depth, filter: view.admission?.forTexts)
            for (rank, match) in zip(1..., matches) {
                candidates[match.row, default: Candidate(row: match.row)].keywordScore = Double(match.score)
                candidates[match.row]?.keywordRank = rank
            }
            if matches.count == depth { lastValues[.keyword] = matches.last.map { Double($0.score) } }
        }
        try complete(&candidates)
        return RankedRows(
            rows: ranked(candidates.values.sorted { $0.row < $1.row }), expectedRecall: expectedRecall,
            probed: probed, admittedCount: admittedCount, lastValues: lastValues)
    }

    /// Ranks given rows, with both scores, as if they were all the candidates.
    func rank(_ rows: [Int64]) throws -> [RankedRow] {
        var candidates = Dictionary(rows.map { ($0, Candidate(row: $0)) }, uniquingKeysWith: { $1 })
        try complete(&candidates)
        return ranked(candidates.values.sorted { $0.row < $1.row })
    }

    /// Gives candidates of one side the other's score as well: a passage that is just out of one side's candidates is
    /// not as bad as the worst.
    private func complete(_ candidates: inout [Int64: Candidate]) throws {
        if let vector, let vectors = view.vectors {
            let rows = candidates.values.filter { $0.similarity == nil }.map { RowID(rawValue: $0.row) }
            for (row, similarity) in try vectors.similarities(of: rows, to: vector) {
                candidates[row.rawValue]?.similarity = Double(similarity)
            }
        }
        if let words {
            let rows = candidates.values.filter { $0.keywordScore == nil }.map(\.row)
            let receipts = try words.receipts(rows: rows)
            for row in rows { candidates[row]?.keywordScore = Double(receipts[row]?.score ?? 0) }
        }
    }

    /// Best first; of equals the lower row first.
    private func ranked(_ candidates: [Candidate]) -> [RankedRow] {
        let receipts = fusion.receipts(of: candidates, on: scale)
        return zip(candidates, receipts).map { candidate, receipt in
            RankedRow(
                row: candidate.row, receipt: receipt,
                relevance: Relevance.of(candidate, on: scale, decidedByWords: decidedByWords))
        }
        .sorted {
            $0.receipt.score == $1.receipt.score ? $0.row < $1.row : $0.receipt.score > $1.receipt.score
        }
    }
}
