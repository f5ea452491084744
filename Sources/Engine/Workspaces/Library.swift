import Foundation
package import Store
import Synchronization

/// Every workspace under one data directory: which there are, and the ones that are open.
///
/// All that needs no embedder is here: creating, listing, checking, mending, deleting. Calls block on SQLite
/// and files; on a server they run on the pool.
package final class Library: Sendable {
    let catalog: Catalog
    let environment: StoreEnvironment
    private let configuration: EngineConfiguration
    private let open: Mutex<OpenWorkspaces>

    /// Each open workspace has files, memory maps and a page cache.
    package static let openWorkspacesMax = 256

    package init(configuration: EngineConfiguration, environment: StoreEnvironment = .system) throws {
        self.configuration = configuration
        self.environment = environment
        catalog = try Catalog(dataPath: configuration.dataDirectory.path, environment: environment)
        open = Mutex(OpenWorkspaces(countMax: Self.openWorkspacesMax))
        // A process that was killed while it deleted a workspace left this to the next.
        for workspace in try catalog.workspacesBeingDeleted() { try catalog.finishDeletion(workspace.id) }
    }

    /// Reads a row of the catalog, to see that it can be read.
    package func checkCatalog() throws {
        _ = try catalog.workspaces(limit: 1)
    }

    // MARK: Open workspaces

    func workspace(in scope: WorkspaceScope) throws -> Workspace {
        try open.withLock { open in
            if let workspace = open.use(scope.workspaceID) { return workspace }
            try requireActive(scope)
            let workspace = Workspace(
                id: scope.workspaceID, name: scope.name, store: try catalog.openWorkspace(scope.workspaceID),
                environment: environment, tailRowsMax: configuration.tailRowsMax)
            // Whoever still uses the workspace that has to go keeps it open until done.
            open.insert(workspace)
            return workspace
        }
    }

    /// Forgets a workspace that was deleted. Whoever is searching it goes on over files without a name; the last
    /// of them closes them.
    func forget(_ scope: WorkspaceScope) {
        _ = open.withLock { $0.remove(scope.workspaceID) }
    }

    /// Another process, or another request, may have deleted the workspace since the scope was made.
    ///
    /// - Throws: `EngineError.workspaceNotFound`.
    func requireActive(_ scope: WorkspaceScope) throws {
        guard try catalog.workspace(scope.workspaceID)?.phase == .active else {
            throw EngineError.workspaceNotFound(scope.name)
        }
    }

    func directory(of scope: WorkspaceScope) -> URL {
        URL(filePath: catalog.directoryPath(of: scope.workspaceID), directoryHint: .isDirectory)
    }

    /// Seals what is worth sealing and closes every file.
    package func close() throws {
        for workspace in open.withLock({ $0.removeAll() }) {
            try workspace.close(sealingAtLeast: configuration.tailRowsSealedAtClose)
        }
        try catalog.close()
    }
}

/// Open workspaces, least recently used first out. A pure value.
struct OpenWorkspaces: Sendable {
    private let countMax: Int
    private var byID: [WorkspaceID: (workspace: Workspace, lastUse: Int)] = [:]
    private var useCount = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    mutating func use(_ id: WorkspaceID) -> Workspace? {
        guard let entry = byID[id] else { return nil }
        useCount += 1
        byID[id] = (entry.workspace, useCount)
        return entry.workspace
    }

    mutating func insert(_ workspace: Workspace) {
        if byID.count >= countMax, let oldest = byID.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            byID[oldest.key] = nil
        }
        useCount += 1
        byID[workspace.id] = (workspace, useCount)
    }

    mutating func remove(_ id: WorkspaceID) -> Workspace? {
        byID.removeValue(forKey: id)?.workspace
    }

    mutating func removeAll() -> [Workspace] {
        let all = byID.values.map(\.workspace)
        byID = [:]
        return all
    }
}
