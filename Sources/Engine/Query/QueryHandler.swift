import Documents
import Embedding
import Kernels
import Store
import VectorIndex

/// Answers one question: embed, search one snapshot, fetch the passages.
struct QueryHandler: Sendable {
    let embedder: any Embedder
    let pool: ComputePool

    /// Nil where every question is embedded anew.
    let cache: QueryCache?

    /// Rows asked for beyond the limit, so that passages of equal similarity are put in an order that does
    /// not depend on the order in which they were ingested.
    private static let tieMargin = 32

    func search(_ request: SearchRequest, in workspace: Workspace) async throws -> SearchResponse {
        try request.validate()
        let clock = ContinuousClock()
        try await pool.run {
            try checkWindow(request.query)
            try workspace.checkSpace(embedder.space)
        }
        let start = clock.now
        let vector = try await vector(of: request.query)
        let embedded = clock.now
        let answer = try await workspace.search(
            vector, k: request.limit + Self.tieMargin,
            options: SearchOptions(recallTarget: request.recallTarget, nprobe: request.nprobe),
            space: embedder.space, pool: pool)
        let searched = clock.now
        let hits = try await pool.run {
            try self.hits(for: answer.neighbors, limit: request.limit, store: workspace.store)
        }
        return SearchResponse(
            hits: hits, searched: answer.searched, expectedRecall: answer.expectedRecall,
            probed: answer.probed, snapshotSequence: answer.sequence,
            timings: SearchTimings(
                embedding: embedded - start, index: searched - embedded, passages: clock.now - searched))
    }

    private func vector(of query: String) async throws -> [Float] {
        guard let cache else { return try await embed(query) }
        return try await cache.vector(of: query, as: .query, in: embedder.space) { try await embed(query) }
    }

    private func embed(_ query: String) async throws -> [Float] {
        let matrix = try await embedder.embed([query], as: .query)
        guard matrix.rowCount == 1, matrix.dimension == embedder.space.dimension else {
            throw EngineError.embeddingShape(
                expected: [1, embedder.space.dimension], found: [matrix.rowCount, matrix.dimension])
        }
        return matrix.row(0)
    }

    private func checkWindow(_ query: String) throws(EngineError) {
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
            lineRange: passage.lineRange, headingPath: passage.headingPath, sha256: passage.sourceDigest.hex)
    }
}

/// Attributes that Carrel itself gives to documents. Their names hold a character that front matter's keys
/// cannot.
enum DocumentAttribute {
    /// Where a person finds the original.
    static let origin = "carrel:origin"
}
