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
                .queryEmpty, .queryTooLong, .limitOutOfRange, .recallTargetOutOfRange, .nprobeOutOfRange,
                .spaceMismatch, .embedderUnavailable, .embedderFailed,
            ],
            door: .workspace(.read, search)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/recall", operation: "getRecall",
            summary: "What recall was measured to be on questions that were really asked.",
            answers: [(.ok, "The last measurement, if there is one.", .json(.reference(RecallObject.self)))],
            door: .workspace(.read, recall)),
    ]

    @Sendable private static func search(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let request = try await call.json(SearchObject.self).request
        return try .json(SearchResultObject(try await call.engine.search(request, in: scope)))
    }

    @Sendable private static func recall(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try .json(RecallObject(try await call.engine.recall(in: scope)))
    }
}
