import Embedding
import Kernels
import Store

extension Engine {
    /// The passages that answer a question as one text of at most so many tokens, for a language model.
    ///
    /// - Throws: as `search`; `EngineError.search` if the budget is out of range.
    package func context(_ request: ContextRequest, in scope: WorkspaceScope) async throws -> ContextBlock {
        let bounds = ContextRequest.tokenBudgetBounds
        try SearchRequest.check(
            Double(request.tokenBudget), .tokenBudget, Double(bounds.lowerBound)...Double(bounds.upperBound))
        var search = request.search
        search.collapsesDuplicates = true
        let response = try await self.search(search, in: scope)
        let counter = try await pool.run { try self.counter(for: scope) }
        return try await pool.run {
            let writer = ContextWriter(tokenBudget: request.tokenBudget, tokenCount: counter.tokenCount)
            let (text, sources, omittedCount) = writer.block(of: response.hits)
            return ContextBlock(
                text: text, tokenCount: counter.tokenCount(text), tokenBudget: request.tokenBudget,
                counting: counter.counting, sources: sources, omittedCount: omittedCount,
                duplicateCount: response.hits.reduce(0) { $0 + $1.duplicateCount },
                snapshotSequence: response.snapshotSequence)
        }
    }

    private struct Counter: Sendable {
        let counting: TokenCounting
        let tokenCount: @Sendable (String) -> Int
    }

    /// The workspace's model where it is here; a search for words needs none.
    private func counter(for scope: WorkspaceScope) throws -> Counter {
        let workspace = try library.workspace(in: scope)
        let live = try workspace.store.space(.live)
        let embedder = live.flatMap {
            try? embedders.embedder(of: EmbeddingSpace($0.key), for: workspace.name)
        }
        guard let embedder else {
            return Counter(counting: .quarterOfBytes) { ($0.utf8.count + 3) / 4 }
        }
        return Counter(counting: .model(embedder.space.model)) { embedder.tokenCount(of: $0) }
    }
}
