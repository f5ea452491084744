import Engine

extension SearchObject {
    /// Asks, from where its cursor says.
    ///
    /// - Returns: with the cursor for what is behind the hits; nil where there is no more.
    /// - Throws: `ServerError`; what `Engine.search` throws.
    func answer(
        from engine: Engine, in scope: WorkspaceScope
    ) async throws -> (response: SearchResponse, nextCursor: String?) {
        var request = try request()
        let list = "search \(scope.id) \(request.fingerprint)"
        if let cursor { try SearchCursor(PageCursor(parsing: cursor, of: list)).apply(to: &request) }
        let response = try await engine.search(request, in: scope)
        return (response, SearchCursor(after: response, to: request)?.page(of: list).text)
    }
}
