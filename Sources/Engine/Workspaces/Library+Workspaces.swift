import Embedding
package import Foundation
import Store

/// A workspace and its size.
package struct WorkspaceSummary: Sendable, Hashable {
    package var id: String
    package var name: String
    package var createdAt: Date
    package var documentCount: Int
    package var chunkCount: Int

    /// Original bytes of the live versions.
    package var byteCount: Int

    /// What made the vectors that it is searched by; nil before the first ingest.
    package var model: ModelDescription?

    /// Its files are damaged or gone: the counts are 0, and `verify` tells more. A list must not fail for one of
    /// its workspaces.
    package var isDamaged: Bool
}

extension Library {
    /// Names read from the catalog at a time.
    private static var pageSize: Int { 256 }

    /// - Throws: `StoreError.workspaceNameInvalid`, `.workspaceExists`.
    @discardableResult
    package func createWorkspace(named name: String) throws -> WorkspaceSummary {
        try summary(of: catalog.createWorkspace(named: name))
    }

    package func hasWorkspace(named name: String) throws -> Bool {
        try catalog.workspace(named: name) != nil
    }

    /// All workspaces, by name.
    package func workspaces() throws -> [WorkspaceSummary] {
        var summaries: [WorkspaceSummary] = []
        while true {
            let page = try catalog.workspaces(after: summaries.last?.name ?? "", limit: Self.pageSize)
            summaries += try page.map(summary)
            guard page.count == Self.pageSize else { return summaries }
        }
    }

    /// The workspaces that a key opens, by name; the next page begins after the last one's name.
    package func workspaces(
        for principal: Principal, after name: String = "", limit: Int
    ) throws -> [WorkspaceSummary] {
        switch principal.reach {
        case .everything:
            return try catalog.workspaces(after: name, limit: limit).map(summary)
        case .workspace(let id, _):
            guard limit > 0, let record = try catalog.workspace(id), record.phase == .active,
                record.name > name
            else { return [] }
            return [try summary(of: record)]
        }
    }

    /// - Throws: `EngineError.workspaceNotFound` if it was deleted meanwhile.
    package func summary(in scope: WorkspaceScope) throws -> WorkspaceSummary {
        guard let record = try catalog.workspace(scope.workspaceID), record.phase == .active else {
            throw EngineError.workspaceNotFound(scope.name)
        }
        return try summary(of: record)
    }

    private func summary(of record: WorkspaceRecord) throws -> WorkspaceSummary {
        let scope = WorkspaceScope(workspaceID: record.id, name: record.name)
        let size = try statistics(in: scope)
        return WorkspaceSummary(
            id: record.id.rawValue, name: record.name, createdAt: Date(record.createdAt),
            documentCount: size?.documentCount ?? 0, chunkCount: size?.chunkCount ?? 0,
            byteCount: size?.byteCount ?? 0,
            model: size?.liveSpace.map { ModelDescription(EmbeddingSpace($0.key)) },
            isDamaged: size == nil)
    }

    /// Nil if the workspace is damaged.
    private func statistics(in scope: WorkspaceScope) throws -> WorkspaceStatistics? {
        do {
            return try workspace(in: scope).store.statistics()
        } catch {
            guard case .dataDamaged = EngineError(translating: error) else { throw error }
            return nil
        }
    }

    /// The scope of the operator, who sits at the machine and may see every workspace.
    ///
    /// - Throws: `EngineError.workspaceNotFound`.
    package func operatorScope(forWorkspace name: String) throws -> WorkspaceScope {
        guard let record = try catalog.workspace(named: name) else {
            throw EngineError.workspaceNotFound(name)
        }
        return WorkspaceScope(workspaceID: record.id, name: record.name)
    }

    /// Deletes a workspace with everything in it, its keys too, for good.
    ///
    /// From here on nobody finds it and its name is free. Its files go when the last ingest into it has ended,
    /// which may be at once.
    ///
    /// - Throws: `EngineError.workspaceNotFound`.
    package func deleteWorkspace(in scope: WorkspaceScope) throws {
        try requireActive(scope)
        try catalog.markDeleting(scope.workspaceID)
        forget(scope)
        try finishDeletion(scope.workspaceID)
    }

    /// Removes the workspace if somebody marked it meanwhile.
    func finishDeletionIfMarked(_ scope: WorkspaceScope) throws {
        guard try catalog.workspace(scope.workspaceID)?.phase == .deleting else { return }
        forget(scope)
        try finishDeletion(scope.workspaceID)
    }

    /// Removes a workspace that is marked, unless somebody is still writing into it: then that one does, at its
    /// end, or else the next to open the library.
    func finishDeletion(_ id: WorkspaceID) throws {
        let directory = directory(of: id)
        guard FileManager.default.fileExists(atPath: directory.path) else {
            return try catalog.finishDeletion(id)
        }
        guard let lock = try IngestLock(aloneIn: directory) else { return }
        defer { withExtendedLifetime(lock) {} }
        try catalog.finishDeletion(id)
    }
}
