import Engine
import HTTPTypes

/// Workspaces: listing, making, looking at, deleting.
enum WorkspaceRoutes {
    private static let listName = "workspaces"

    static let routes: [Route] = [
        Route(
            method: .get, path: "/v1/workspaces", operation: "listWorkspaces",
            summary: "The workspaces that the key opens, by name.", query: PageParameters.fields,
            answers: [
                (.ok, "A page of workspaces.", .json(Page<WorkspaceObject>.schema(of: WorkspaceObject.self)))
            ],
            problems: [.cursorInvalid], door: .key(.read, list)),
        Route(
            method: .post, path: "/v1/workspaces", operation: "createWorkspace",
            summary: "Makes a workspace.", body: .json(NewWorkspaceObject.self),
            answers: [(.created, "The new workspace.", .json(.reference(WorkspaceObject.self)))],
            problems: [.workspaceNameInvalid, .workspaceExists], door: .operatorKey(create)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}", operation: "getWorkspace",
            summary: "A workspace and its size.",
            answers: [(.ok, "The workspace.", .json(.reference(WorkspaceObject.self)))],
            door: .workspace(.read, get)),
        Route(
            method: .delete, path: "/v1/workspaces/{workspace}", operation: "deleteWorkspace",
            summary: "Deletes a workspace with its documents and keys, for good.",
            answers: [(.noContent, "It is gone.", .nothing)],
            door: .workspace(.owner, delete)),
    ]

    @Sendable private static func list(_ call: Call, _ principal: Principal) async throws -> Answer {
        let (limit, after) = try call.page(of: listName)
        let found = try await call.engine.withLibrary {
            try $0.workspaces(for: principal, after: after ?? "", limit: limit + 1)
        }
        return try .json(
            Page(found, limit: limit, element: WorkspaceObject.init) {
                PageCursor(list: listName, after: $0.name)
            })
    }

    @Sendable private static func create(_ call: Call) async throws -> Answer {
        let name = try await call.json(NewWorkspaceObject.self).name
        let made = try await call.engine.withLibrary { try $0.createWorkspace(named: name) }
        return try .json(
            WorkspaceObject(made), status: .created, headers: [.location: "/v1/workspaces/\(made.name)"])
    }

    @Sendable private static func get(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try .json(WorkspaceObject(try await call.engine.withLibrary { try $0.summary(in: scope) }))
    }

    @Sendable private static func delete(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try await call.engine.withLibrary { try $0.deleteWorkspace(in: scope) }
        return .nothing(.noContent)
    }
}
