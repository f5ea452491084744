import Embedding
import Store
import TextIndex
import VectorIndex

/// A question with all that is decided before anything is compared.
struct QueryPlan: Sendable {
    let request: SearchRequest
    let live: SpaceRecord

    /// Nil in a search for words.
    let embedder: (any Embedder)?

    /// What is embedded, and shown to a reranker: the question without the marks that only words understand.
    let question: String

    /// Nil in a search by vectors.
    let words: TextQuery?

    /// Nil unless both sides are fused.
    let languageGuard: LanguageGuard?
    let fusion: Fusion
    let failureText: @Sendable (any Error) -> String

    /// Candidates at least: of either side of a hybrid search, where below this many a passage that both find far down
    /// is missed; of a search by one side; and where they are to differ.
    private static let (candidateCountMin, oneSideCountMin, diversityCountMin) = (100, 50, 400)

    /// Of how many of them near-duplicates are looked for.
    private static let collapsedCountMax = 3_200

    /// By how much the number of candidates grows, from page to page or where it was too few. Seldom: the pages of one
    /// answer come of the same candidates as long as there are enough, and so have the same order.
    private static let candidateGrowth = 4

    /// Of what is wanted: what lies deeper on one side seldom comes up by the other.
    private static let candidatesPerHit = 4

    init(
        _ request: SearchRequest, live: SpaceRecord, embedder: (any Embedder)?, in workspace: Workspace
    ) throws {
        (self.request, self.live, self.embedder) = (request, live, embedder)
        failureText = workspace.configuration.failureText
        guard request.mode != .vector else {
            (question, words, languageGuard) = (request.query, nil, nil)
            fusion = Fusion(method: nil, weights: FusionWeights(vector: 1, keyword: 0))
            return
        }
        let shares = try workspace.withTexts { try $0.currentSnapshot() }.languageShares
        let languageGuard = LanguageGuard(
            query: request.query, stated: request.language, known: embedder?.languages, shares: shares)
        let words = TextQuery(
            parsing: request.query, languages: Self.languages(of: shares, and: languageGuard.language))
        self.words = words
        question = words.hasMarks && !words.plainText.isEmpty ? words.plainText : request.query
        guard request.mode == .hybrid else {
            self.languageGuard = nil
            fusion = Fusion(method: nil, weights: FusionWeights(vector: 0, keyword: 1))
            return
        }
        self.languageGuard = languageGuard
        fusion = Fusion(
            method: request.fusion,
            weights: request.weights
                ?? languageGuard.weights(
                    ScoreScale(cosines: embedder?.cosineScale, keywordMax: 0).standardWeights(request.fusion))
        )
    }

    /// Every language that a passage's words may be stemmed by, the question's own first.
    private static func languages(of shares: [Language: Double], and own: Language) -> [Language] {
        let spoken = shares.filter { $0.key != own }
            .sorted { ($0.value, $1.key.rawValue) > ($1.value, $0.key.rawValue) }
        return (own == .unknown ? [] : [own]) + spoken.map(\.key)
    }

    /// How many passages are picked at most: one more than are shown tells that there are more.
    var pickedCount: Int { max(request.offset + request.limit, request.rerankDepth ?? 0) + 1 }

    /// How many candidates either side names at first.
    var depth: Int {
        var wanted = pickedCount
        // What is left out of the answer has to be made up for.
        if request.diversity > 0 || request.collapsesDuplicates || request.minScore != nil { wanted *= 3 }
        if request.mode == .hybrid { wanted *= Self.candidatesPerHit }
        var depth = request.mode == .hybrid ? Self.candidateCountMin : Self.oneSideCountMin
        if request.diversity > 0 { depth = max(depth, Self.diversityCountMin) }
        while depth < wanted { depth *= Self.candidateGrowth }
        return min(depth, depthMax)
    }

    private var depthMax: Int {
        let most = min(IndexSnapshot.kBounds.upperBound, TextSnapshot.kBounds.upperBound)
        return request.collapsesDuplicates ? min(most, Self.collapsedCountMax) : most
    }

    /// - Throws: `SpaceMoved` if the space is not live any more.
    func ranking(with vector: [Float]?, in workspace: Workspace) throws -> Ranking {
        try workspace.withView(of: vector == nil ? nil : live, hasWords: words != nil) { view in
            let view = try workspace.view(view, for: self)
            let search = try search(over: view, with: vector, in: workspace)
            return try ranking(by: search, in: workspace)
        }
    }

    /// What may turn out to be damaged is read here, where it is mended and read again.
    func ranking(by search: RankedSearch, in workspace: Workspace) throws -> Ranking {
        var depth = depth
        while true {
            var ranking = Ranking(view: search.view, words: search.words, found: try search.run(depth: depth))
            if request.diversity > 0, let vectors = search.view.vectors {
                ranking.vectors = try vectors.vectors(of: ranking.found.rows.map { RowID(rawValue: $0.row) })
            }
            guard depth < depthMax, try isShort(&ranking, in: workspace) else { return ranking }
            depth = min(depth * Self.candidateGrowth, depthMax)
        }
    }

    /// Whether more candidates are needed: passages as good as some that are shown were left out by their rows, which
    /// decide nothing of the order; or what was collapsed left fewer than are wanted.
    private func isShort(_ ranking: inout Ranking, in workspace: Workspace) throws -> Bool {
        guard ranking.found.isCut else { return false }
        if ranking.found.cutsEquals(among: pickedCount) { return true }
        guard request.collapsesDuplicates else { return false }
        // Whatever comes after the last is hardly more relevant.
        if let least = request.minScore, ranking.found.rows.last.map({ $0.relevance < least }) ?? true {
            return false
        }
        let picked = try pick(ranking, in: workspace)
        ranking.picked = picked
        return picked.count < pickedCount
    }

    func search(
        over view: SearchView, with vector: [Float]?, in workspace: Workspace
    ) throws -> RankedSearch {
        let words = try words.flatMap { try view.texts?.prepare($0) }
        var options = SearchOptions(recallTarget: request.recallTarget, nprobe: request.nprobe)
        options.curve = workspace.openedKeeper.flatMap { workspace.curve(for: $0.index.quantizer?.number) }
        return RankedSearch(
            view: view, vector: vector, words: words, fusion: fusion, options: options,
            scale: ScoreScale(cosines: embedder?.cosineScale, keywordMax: words?.scoreMax ?? 0),
            decidedByWords: languageGuard?.isActive ?? false)
    }

    /// All of a response but what comes after the passages.
    func response(_ hits: [SearchHit], _ ranking: Ranking) -> SearchResponse {
        SearchResponse(
            hits: hits, mode: request.mode, fusion: request.mode == .hybrid ? fusion.method : nil,
            languageGuard: languageGuard, model: embedder.map { ModelDescription($0.space) },
            searched: ranking.view.searched, searchedWords: ranking.view.searchedWords,
            matched: ranking.matched,
            ignoredWordCount: words?.ignoredWordCount ?? 0, expectedRecall: ranking.found.expectedRecall,
            probed: ranking.found.probed, snapshotSequence: ranking.view.sequence, timings: SearchTimings())
    }
}

/// A ranking, and what it was made over.
struct Ranking: Sendable {
    var view: SearchView

    /// Nil in a search by vectors.
    var words: PreparedQuery?
    var found: RankedRows

    /// Of the rows found, where the request asks for difference; empty elsewhere.
    var vectors: [RowID: [Float]] = [:]

    /// What `pick` gives, where that had to be known to tell whether there are candidates enough.
    var picked: [PickedPassage]?

    var matched: MatchedRows? {
        view.matched.map { MatchedRows(documentCount: $0.documentCount, rowCount: found.admittedCount) }
    }
}

extension TextSnapshot {
    /// Of its rows.
    var languageShares: [Language: Double] {
        let counts = languages
        let total = Double(max(counts.values.reduce(0, +), 1))
        return counts.mapValues { Double($0) / total }
    }
}
