import Engine
import HTTPTypes

/// Folders: they are where documents lie, and have nothing of their own.
enum FolderRoutes {
    static let routes: [Route] = [
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/folders", operation: "listFolders",
            summary: "The folders that hold documents, by path.", query: PageParameters.fields,
            answers: [(.ok, "A page of folders.", .json(Page<FolderObject>.schema(of: FolderObject.self)))],
            problems: [.cursorInvalid], door: .workspace(.read, list)),
        Route(
            method: .patch, path: "/v1/workspaces/{workspace}/folders/{folder...}", operation: "moveFolder",
            summary: "Moves a folder with all documents in it and in its sub-folders: all of them or none.",
            headers: [IdempotencyHeader.field], body: .json(MoveObject.self),
            answers: [(.ok, "It was moved.", .json(.reference(FolderChangeObject.self)))],
            problems: [
                .folderNotFound, .documentPathInvalid, .documentExists, .documentContended,
                .tooManyDocuments,
            ] + IdempotencyHeader.problems, door: .workspace(.write, move)),
        Route(
            method: .delete, path: "/v1/workspaces/{workspace}/folders/{folder...}",
            operation: "deleteFolder",
            summary: "Deletes all documents of a folder and of its sub-folders, one after the other.",
            answers: [(.ok, "They are gone.", .json(.reference(FolderChangeObject.self)))],
            problems: [.folderNotFound, .documentPathInvalid, .documentContended],
            door: .workspace(.write, delete)),
    ]

    @Sendable private static func list(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let listName = "folders of \(scope.id)"
        let (limit, after) = try call.page(of: listName)
        let found = try await call.engine.withLibrary {
            try $0.folders(in: scope, after: after, limit: limit + 1)
        }
        return try .json(
            Page(found, limit: limit, element: { FolderObject(path: $0) }) {
                PageCursor(list: listName, after: $0)
            })
    }

    @Sendable private static func move(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let folder = try DocumentPath(call.parameter("folder"))
        let target = try DocumentPath(try await call.json(MoveObject.self).path)
        let key = try call.idempotencyKey(of: ["move folder", folder.text, target.text])
        let count = try await call.engine.withLibrary {
            try $0.moveFolder(folder, to: target, key: key, in: scope)
        }
        return try .json(FolderChangeObject(documentCount: count))
    }

    @Sendable private static func delete(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let folder = try DocumentPath(call.parameter("folder"))
        let count = try await call.engine.withLibrary { try $0.deleteFolder(folder, in: scope) }
        return try .json(FolderChangeObject(documentCount: count))
    }
}
