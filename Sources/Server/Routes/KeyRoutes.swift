import Engine
import HTTPTypes

/// Keys of a workspace, for its owners.
enum KeyRoutes {
    static let routes: [Route] = [
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/keys", operation: "listKeys",
            summary: "The workspace's keys, revoked and expired ones included.",
            answers: [(.ok, "All of them.", .json(Page<KeyObject>.schema(of: KeyObject.self)))],
            door: .workspace(.owner, list)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/keys", operation: "createKey",
            summary: "Makes a key to the workspace. This answer is the only one that holds it.",
            body: .json(NewKeyObject.self),
            answers: [(.created, "The key.", .json(.reference(IssuedKeyObject.self)))],
            problems: [.keyNameInvalid, .keyLifetimeOutOfRange, .tooManyKeys],
            door: .workspace(.owner, create)),
        Route(
            method: .delete, path: "/v1/workspaces/{workspace}/keys/{key}", operation: "revokeKey",
            summary: "Revokes a key, by its id: from the next request on it opens nothing.",
            answers: [(.noContent, "It is revoked.", .nothing)], problems: [.keyNotFound],
            door: .workspace(.owner, revoke)),
    ]

    @Sendable private static func list(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let keys = try await call.engine.withLibrary { try $0.keys(in: scope) }
        return try .json(
            Page(keys, limit: keys.count, element: KeyObject.init) {
                PageCursor(list: "keys", after: $0.id)
            })
    }

    @Sendable private static func create(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let request = try await call.json(NewKeyObject.self).request()
        let issued = try await call.engine.withLibrary { try $0.createKey(request, in: scope) }
        return try .json(IssuedKeyObject(issued), status: .created)
    }

    @Sendable private static func revoke(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let id = call.parameter("key")
        try await call.engine.withLibrary { try $0.revokeKey(id, in: scope) }
        return .nothing(.noContent)
    }
}
