import Documents
import Embedding
import Kernels
import Store
import VectorIndex

/// Answers one question: embed, search one snapshot, fetch the passages.
struct QueryHandler: Sendable {
    let embedders: EmbedderShelf
    let pool: ComputePool

    /// Nil where every question is embedded anew.
    let cache: QueryCache?

    /// Cut-overs that one question may meet. A second one within the time of a search is hardly possible.
    private static let cutOversMax = 16

    /// Rows asked for beyond the limit, so that passages of equal similarity are put in an order that does
    /// not depend on the order in which they were ingested.
    private static let tieMargin = 32

    func search(_ request: SearchRequest, in workspace: Workspace) async throws -> SearchResponse {
        try request.validate()
        for _ in 0..<Self.cutOversMax {
            do {
                return try await attempt(request, in: workspace)
            } catch is SpaceMoved {
                // Another space is live by now: its vectors are compared with a query embedded by its model.
                continue
            }
        }
        throw EngineError.storeBusy
    }

    /// - Throws: `SpaceMoved` if a cut-over fell between embedding the query and taking the snapshot.
    private func attempt(_ request: SearchRequest, in workspace: Workspace) async throws -> SearchResponse {
        let clock = ContinuousClock()
        let (live, embedder) = try await pool.run {
            let live = try workspace.store.space(.live)
            let embedder =
                try live.map { try embedders.embedder(of: EmbeddingSpace($0.key), for: workspace.name) }
                ?? embedders.standard()
            try Self.checkWindow(request.query, of: embedder)
            return (live, embedder)
        }
        guard let live else { return .empty }
        let start = clock.now
        let vector = try await vector(of: request.query, by: embedder)
        let embedded = clock.now
        let answer = try await workspace.search(
            vector, k: request.limit + Self.tieMargin,
            options: SearchOptions(recallTarget: request.recallTarget, nprobe: request.nprobe),
            space: live, pool: pool)
        let searched = clock.now
        if let next = answer.next { prepare(next, for: workspace) }
        let hits = try await pool.run {
            try self.hits(for: answer.neighbors, limit: request.limit, store: workspace.store)
        }
        return SearchResponse(
            hits: hits, model: ModelDescription(embedder.space), searched: answer.searched,
            expectedRecall: answer.expectedRecall,
            probed: answer.probed, snapshotSequence: answer.sequence,
            timings: SearchTimings(
                embedding: embedded - start, index: searched - embedded, passages: clock.now - searched))
    }

    private func vector(of query: String, by embedder: any Embedder) async throws -> [Float] {
        guard let cache else { return try await embed(query, by: embedder) }
        return try await cache.vector(of: query, as: .query, in: embedder.space) {
            try await embed(query, by: embedder)
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

    /// Nearest first; passages of equal similarity by path and place, whatever their rows are.
    private func hits(for neighbors: [Neighbor], limit: Int, store: WorkspaceStore) throws -> [SearchHit] {
        let passages = try store.passages(neighbors.map { RowNumber(rawValue: $0.row.rawValue) })
        let similarity = Dictionary(
            neighbors.map { (RowNumber(rawValue: $0.row.rawValue), $0.similarity) }, uniquingKeysWith: { $1 })
        let ordered = passages.sorted { left, right in
            let (first, second) = (similarity[left.row] ?? 0, similarity[right.row] ?? 0)
            return first == second
                ? (left.externalID, left.ordinal) < (right.externalID, right.ordinal) : first > second
        }
        return zip(1..., ordered.prefix(limit)).map { rank, passage in
            SearchHit(
                rank: rank, similarity: similarity[passage.row] ?? 0, text: passage.text,
                citation: Citation(passage))
        }
    }
}

extension Citation {
    init(_ passage: Passage) {
        self.init(
            documentID: passage.document.rawValue, path: passage.externalID,
            origin: passage.attributes[DocumentAttribute.origin], title: passage.title,
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
