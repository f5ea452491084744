import Documents
import Embedding
import Kernels
import Store
import TextIndex
import VectorIndex

/// Answers one question: embed, rank one view, rerank, fetch the passages.
struct QueryHandler: Sendable {
    let embedders: EmbedderShelf
    let pool: ComputePool

    /// Nil where every question is embedded anew.
    let cache: QueryCache?

    /// Nil where none is set up.
    let reranker: (any Reranker)?

    /// Cut-overs that one question may meet. A second one within the time of a search is hardly possible.
    private static let cutOversMax = 16

    func search(_ request: SearchRequest, in workspace: Workspace) async throws -> SearchResponse {
        try request.validate()
        if request.rerankDepth != nil, reranker == nil { throw EngineError.search(.rerankerMissing) }
        return try await repeatingCutOvers { try await attempt(request, in: workspace) }
    }

    /// Another space is live by then: its vectors are compared with a query embedded by its model.
    func repeatingCutOvers<Success>(_ body: () async throws -> Success) async throws -> Success {
        for _ in 0..<Self.cutOversMax {
            do {
                return try await body()
            } catch is SpaceMoved {
                continue
            }
        }
        throw EngineError.storeBusy
    }

    /// - Throws: `SpaceMoved` if a cut-over fell between embedding the query and taking the snapshot.
    private func attempt(_ request: SearchRequest, in workspace: Workspace) async throws -> SearchResponse {
        let clock = ContinuousClock()
        guard let plan = try await pool.run({ try self.plan(request, in: workspace) }) else {
            return .empty(of: request)
        }
        let start = clock.now
        let vector = try await vector(for: plan)
        let embedded = clock.now
        let ranking = try await pool.run { try plan.ranking(with: vector, in: workspace) }
        let searched = clock.now
        workspace.wasSearched(vector, in: plan.live.id, on: pool)
        if let next = ranking.view.next { prepare(next, for: workspace) }
        let found = try await pool.run { try plan.pick(ranking, in: workspace) }
        let fetched = clock.now
        let (picked, outcome) = try await reranked(found, plan)
        let reranked = clock.now
        let hits = try await pool.run { try plan.hits(of: picked, in: ranking, of: workspace) }
        var response = plan.response(hits, ranking)
        response.hasMore = picked.count > request.offset + request.limit
        response.reranking = outcome
        response.timings = SearchTimings(
            embedding: embedded - start, index: searched - embedded,
            passages: fetched - searched + (clock.now - reranked), reranking: reranked - fetched)
        return response
    }

    /// All that is decided before anything is compared; nil where nothing was ever ingested.
    func plan(_ request: SearchRequest, in workspace: Workspace) throws -> QueryPlan? {
        guard let live = try workspace.store.space(.live) else { return nil }
        let embedder =
            request.mode == .keyword
            ? nil : try embedders.embedder(of: EmbeddingSpace(live.key), for: workspace.name)
        let plan = try QueryPlan(request, live: live, embedder: embedder, in: workspace)
        if let embedder { try Self.checkWindow(plan.question, of: embedder) }
        return plan
    }

    /// The question's vector; nil in a search for words.
    func vector(for plan: QueryPlan) async throws -> [Float]? {
        guard let embedder = plan.embedder else { return nil }
        guard let cache else { return try await embed(plan.question, by: embedder) }
        return try await cache.vector(of: plan.question, as: .query, in: embedder.space) {
            try await embed(plan.question, by: embedder)
        }
    }

    private func embed(_ query: String, by embedder: any Embedder) async throws -> [Float] {
        let matrix = try await embedder.embed([query], as: .query)
        guard matrix.rowCount == 1, matrix.dimension == embedder.space.dimension else {
            throw EngineError.embeddingShape(
                expected: [1, embedder.space.dimension], found: [matrix.rowCount, matrix.dimension])
        }
        return matrix.row(0)
    }

    /// Has the reranker decide the order of the best. Where it fails the order stays as it is, and the outcome says so.
    private func reranked(
        _ found: [PickedPassage], _ plan: QueryPlan
    ) async throws -> ([PickedPassage], RerankOutcome?) {
        var picked = found
        guard let depth = plan.request.rerankDepth, let reranker, !picked.isEmpty else { return (found, nil) }
        let count = min(depth, picked.count)
        do {
            let scores = try await reranker.scores(
                of: picked.prefix(count).map(\.passage.text), for: plan.question)
            guard scores.count == count, scores.allSatisfy(\.isFinite) else {
                return (found, .failed(reason: "\(scores.count) scores for \(count) passages"))
            }
            for index in 0..<count { picked[index].rerankScore = scores[index] }
            // Stable: of equals the one that the search had first.
            let order = (0..<count).sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
            picked.replaceSubrange(0..<count, with: order.map { picked[$0] })
            return (picked, .done(model: reranker.model, candidateCount: count))
        } catch let error as CancellationError {
            throw error
        } catch {
            return (found, .failed(reason: plan.failureText(error)))
        }
    }

    /// In a process that lives on, the model that a workspace is being moved to is loaded before the cut-over: the
    /// first question after it does not wait for that.
    private func prepare(_ next: SpaceRecord, for workspace: Workspace) {
        let (embedders, space) = (embedders, EmbeddingSpace(next.key))
        guard workspace.configuration.maintainsWhileSearching, embedders.beginsPreparing(space) else {
            return
        }
        pool.start(in: .background) {
            // If it is not here, the cut-over will tell those who ask.
            _ = try? embedders.embedder(of: space, for: workspace.name)
        }
    }

    private static func checkWindow(_ query: String, of embedder: any Embedder) throws(EngineError) {
        let most = embedder.windowTokens - embedder.specialTokenCount
        let found = embedder.tokenCount(of: query)
        guard found <= most else { throw .queryTokensOutOfRange(found: found, max: most) }
    }
}

extension Workspace {
    /// What a search leaves behind: a question for the recall sampler, and an occasion for maintenance.
    func wasSearched(_ vector: [Float]?, in space: SpaceID, on pool: ComputePool) {
        if let vector { sample(vector, in: space) }
        if configuration.maintainsWhileSearching { maintainSoon(on: pool) }
    }
}

extension Citation {
    init(_ passage: Passage) {
        self.init(
            documentID: passage.document.rawValue, path: passage.externalID,
            origin: passage.attributes[DocumentAttribute.origin]?.string, title: passage.title,
            version: Int(passage.versionNumber), chunkID: passage.chunk.rawValue,
            byteRange: passage.byteRange,
            lineRange: passage.lineRange, headingPath: passage.headingPath, sha256: passage.sourceDigest.hex,
            page: passage.page, rendition: passage.rendition?.content.hex)
    }
}

/// Attributes that Carrel itself gives to documents. Their names hold a character that front matter's keys
/// cannot.
enum DocumentAttribute {
    /// Where a person finds the original.
    static let origin = "carrel:origin"

    /// Title and attributes that came beside the document, as a digest.
    static let given = "carrel:given"

    /// In a job's record of a document only: the title that came beside its bytes.
    static let givenTitle = "carrel:title"

    /// What is nobody's business but Carrel's.
    static let all: Set<String> = [origin, given]
}
