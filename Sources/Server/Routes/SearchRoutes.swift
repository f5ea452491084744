import Engine
import HTTPTypes

/// Asking.
enum SearchRoutes {
    static let routes: [Route] = [
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/search", operation: "search",
            summary: "Finds the passages that answer a question, each with an exact citation.",
            body: .json(SearchObject.self),
            answers: [(.ok, "Passages, best first.", .json(.reference(SearchResultObject.self)))],
            problems: [
                .queryEmpty, .queryTooLong, .limitOutOfRange, .spaceMismatch, .embedderUnavailable,
                .embedderFailed,
            ],
            door: .workspace(.read, search))
    ]

    @Sendable private static func search(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let request = try await call.json(SearchObject.self).request
        return try .json(SearchResultObject(try await call.engine.search(request, in: scope)))
    }
}
