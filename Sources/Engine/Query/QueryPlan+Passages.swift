import Store
import TextIndex
import VectorIndex

/// A ranked passage with its text.
struct PickedPassage: Sendable {
    var ranked: RankedRow
    var passage: Passage
    var duplicateCount = 0
    var rerankScore: Double?

    var score: Double { rerankScore ?? ranked.receipt.score }
}

extension QueryPlan {
    /// Of the ranked rows those that an answer may show, in order, with their texts: relevant enough, said once, apart
    /// from each other, as the request has it. One more than wanted where there is one.
    func pick(_ ranking: Ranking, in workspace: Workspace) throws -> [PickedPassage] {
        if let picked = ranking.picked { return picked }
        var rows = ranking.found.rows.filter { $0.relevance >= request.minScore ?? 0 }
        if !request.collapsesDuplicates, request.diversity == 0 { rows = Self.best(rows, count: pickedCount) }
        var picked = try passages(of: rows, in: workspace.store)
        if request.collapsesDuplicates { picked = Duplicates.collapsed(picked) }
        if request.diversity > 0 {
            picked = diversified(picked, ranking, count: pickedCount)
        }
        return Array(picked.prefix(pickedCount))
    }

    /// The best `count`, and all that are as good as the last of them.
    private static func best(_ rows: [RankedRow], count: Int) -> [RankedRow] {
        guard rows.count > count else { return rows }
        let last = rows[count - 1].receipt.score
        return Array(rows.prefix { $0.receipt.score >= last })
    }

    /// Best first; passages of equal score by path and place, whatever their rows are.
    private func passages(of rows: [RankedRow], in store: WorkspaceStore) throws -> [PickedPassage] {
        let ranked = Dictionary(rows.map { ($0.row, $0) }, uniquingKeysWith: { $1 })
        return try store.passages(rows.map { RowNumber(rawValue: $0.row) })
            .compactMap { passage in
                ranked[passage.row.rawValue].map { PickedPassage(ranked: $0, passage: passage) }
            }
            .sorted { left, right in
                left.score == right.score
                    ? (left.passage.externalID, left.passage.ordinal)
                        < (right.passage.externalID, right.passage.ordinal)
                    : left.score > right.score
            }
    }

    private func diversified(
        _ picked: [PickedPassage], _ ranking: Ranking, count: Int
    ) -> [PickedPassage] {
        let order = Diversity(weight: request.diversity).order(
            relevances: picked.map(\.score),
            vectors: picked.map { ranking.vectors[RowID(rawValue: $0.ranked.row)] }, count: count)
        return order.map { picked[$0] }
    }

    /// The hits of the page that is wanted, with receipts, highlights and what stands around them.
    func hits(
        of picked: [PickedPassage], in ranking: Ranking, of workspace: Workspace
    ) throws -> [SearchHit] {
        let page = picked.dropFirst(request.offset).prefix(request.limit)
        let receipts = try ranking.words?.receipts(rows: page.map(\.ranked.row)) ?? [:]
        return try zip((request.offset + 1)..., page).map { rank, picked in
            try hit(picked, rank: rank, receipts[picked.ranked.row], of: workspace)
        }
    }

    func hit(
        _ picked: PickedPassage, rank: Int, _ wordReceipt: TextReceipt?, of workspace: Workspace
    ) throws -> SearchHit {
        var receipt = picked.ranked.receipt
        receipt.words = wordReceipt?.words.map { WordScore($0) } ?? []
        var hit = SearchHit(
            rank: rank, score: picked.score, receipt: receipt, relevance: picked.ranked.relevance,
            text: picked.passage.text, citation: Citation(picked.passage))
        hit.rerankScore = picked.rerankScore
        hit.duplicateCount = picked.duplicateCount
        hit.highlights = marks(in: picked.passage)
        hit.surroundings = try surroundings(of: picked.passage, in: workspace.store)
        return hit
    }

    private func marks(in passage: Passage) -> [Range<Int>] {
        guard let words else { return [] }
        let language = passage.language.map { Language(rawValue: $0) } ?? .unknown
        return highlights(of: words, in: passage.text, language: language)
    }

    private func surroundings(of passage: Passage, in store: WorkspaceStore) throws -> [Surrounding] {
        guard request.neighborCount > 0 || request.showsSection else { return [] }
        let found = try store.passages(
            around: passage, count: request.showsSection ? Self.sectionPassagesMax : request.neighborCount)
        let kept =
            request.showsSection
            ? found.filter { $0.headingPath.starts(with: passage.headingPath) } : found
        return kept.map { Surrounding(text: $0.text, citation: Citation($0)) }
    }

    /// On either side of a hit: a section of more than this is a chapter.
    private static let sectionPassagesMax = 12
}

extension WordScore {
    init(_ word: TextReceipt.Word) {
        self.init(
            word: word.text, frequency: Double(word.frequency), documentFrequency: word.rowCount,
            inverseDocumentFrequency: word.inverseRowFrequency, score: Double(word.contribution))
    }
}
