import Engine
import HTTPTypes

/// Asking.
enum SearchRoutes {
    private static let searchProblems: [ProblemCode] = [
        .queryEmpty, .queryTooLong, .limitOutOfRange, .recallTargetOutOfRange, .nprobeOutOfRange,
        .filterInvalid, .filterTooBroad, .searchParameterOutOfRange, .languageInvalid, .snapshotUnknown,
        .snapshotExpired, .cursorInvalid,
        .rerankerMissing, .spaceMismatch, .embedderUnavailable, .embedderFailed,
    ]

    static let routes: [Route] = [
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/search", operation: "search",
            summary: "Finds the passages that answer a question, each with an exact citation.",
            body: .json(SearchObject.self),
            answers: [(.ok, "Passages, best first.", .json(.reference(SearchResultObject.self)))],
            problems: searchProblems,
            door: .workspace(.read, search)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/context", operation: "context",
            summary: "Puts the passages that answer a question into one cited text for a language model.",
            body: .json(ContextObject.self),
            answers: [(.ok, "The text, and what stands in it.", .json(.reference(ContextResultObject.self)))],
            problems: searchProblems, door: .workspace(.read, context)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/explain", operation: "explain",
            summary: "Says why a document is not in the answer to a question, or where in it it is.",
            body: .json(ExplainObject.self),
            answers: [(.ok, "The reason.", .json(.reference(ExplanationObject.self)))],
            problems: searchProblems + [.documentPathInvalid], door: .workspace(.read, explain)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/recall", operation: "getRecall",
            summary: "What recall was measured to be on questions that were really asked.",
            answers: [(.ok, "The last measurement, if there is one.", .json(.reference(RecallObject.self)))],
            door: .workspace(.read, recall)),
    ]

    @Sendable private static func search(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let object = try await call.json(SearchObject.self)
        let (response, nextCursor) = try await object.answer(from: call.engine, in: scope)
        return try .json(SearchResultObject(response, nextCursor: nextCursor))
    }

    @Sendable private static func context(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let request = try await call.json(ContextObject.self).request()
        return try .json(ContextResultObject(try await call.engine.context(request, in: scope)))
    }

    @Sendable private static func explain(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let object = try await call.json(ExplainObject.self)
        let explanation = try await call.engine.explain(
            object.search.request(), DocumentReference(object.document), in: scope)
        return try .json(ExplanationObject(explanation))
    }

    @Sendable private static func recall(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try .json(RecallObject(try await call.engine.recall(in: scope)))
    }
}
