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
    let configuration: EngineConfiguration
    private let open: Mutex<OpenWorkspaces>

    package init(configuration: EngineConfiguration, environment: StoreEnvironment = .system) throws {
        self.configuration = configuration
        self.environment = environment
        catalog = try Catalog(dataPath: configuration.dataDirectory.path, environment: environment)
        open = Mutex(OpenWorkspaces(countMax: configuration.openWorkspacesMax))
        // A process that was killed while it deleted a workspace left this to the next.
        for workspace in try catalog.workspacesBeingDeleted() { try finishDeletion(workspace.id) }
    }

    /// Reads a row of the catalog, to see that it can be read.
    package func checkCatalog() throws {
        _ = try catalog.workspaces(limit: 1)
    }

    /// Where uploads are held that are not ingested yet.
    var uploadsDirectory: URL { configuration.dataDirectory.appending(path: "uploads") }

    // MARK: Open workspaces

    /// The workspace, opened by the first who wants it. Only those who want the same one wait for that.
    func workspace(in scope: WorkspaceScope) throws -> Workspace {
        let (place, closing) = open.withLock { $0.place(of: scope.workspaceID) }
        closing?.workspace?.stopMaintenance()
        return try place.workspace {
            try requireActive(scope)
            return Workspace(
                id: scope.workspaceID, name: scope.name, store: try catalog.openWorkspace(scope.workspaceID),
                environment: environment, configuration: configuration)
        }
    }

    /// Forgets a workspace that was deleted. Whoever is searching it goes on over files without a name; the last
    /// of them closes them.
    func forget(_ scope: WorkspaceScope) {
        open.withLock { $0.remove(scope.workspaceID) }?.workspace?.stopMaintenance()
    }

    /// Workspaces that are open, or are being opened.
    package var openWorkspaceCount: Int { open.withLock { $0.count } }

    /// Whatever is being done that nobody waits for stops, and nothing new is begun.
    package func stopMaintenance() {
        for workspace in open.withLock({ $0.all }) { workspace.stopMaintenance() }
    }

    /// Another process, or another request, may have deleted the workspace since the scope was made.
    ///
    /// - Throws: `EngineError.workspaceNotFound`.
    func requireActive(_ scope: WorkspaceScope) throws {
        guard try catalog.workspace(scope.workspaceID)?.phase == .active else {
            throw EngineError.workspaceNotFound(scope.name)
        }
    }

    func directory(of id: WorkspaceID) -> URL {
        URL(filePath: catalog.directoryPath(of: id), directoryHint: .isDirectory)
    }

    /// Seals what a close would seal and does all maintenance there is to do.
    func settle(in scope: WorkspaceScope) throws {
        try workspace(in: scope).settle(sealingAtLeast: configuration.tailRowsSealedAtClose)
    }

    /// Seals what is worth sealing and closes every file, of all workspaces whatever one of them does.
    ///
    /// - Throws: the first error, at the end.
    package func close() throws {
        var failure: (any Error)?
        for workspace in open.withLock({ $0.removeAll() }) {
            do {
                // What another process deleted meanwhile has nothing left to seal.
                if try catalog.workspace(workspace.id)?.phase == .active {
                    try workspace.close(sealingAtLeast: configuration.tailRowsSealedAtClose)
                } else {
                    try workspace.store.close()
                }
            } catch {
                failure = failure ?? error
            }
        }
        try catalog.close()
        if let failure { throw failure }
    }
}

/// Where one workspace is open, or will be.
final class WorkspacePlace: Sendable {
    private let held = Mutex<Workspace?>(nil)

    /// - Parameter open: called if the workspace is not open yet; if it throws, the next one tries again.
    func workspace(_ open: () throws -> Workspace) throws -> Workspace {
        try held.withLock { held in
            if let held { return held }
            let workspace = try open()
            held = workspace
            return workspace
        }
    }

    /// Nil if it was never opened.
    var workspace: Workspace? { held.withLock { $0 } }
}

/// Open workspaces, least recently used first out. Whoever still uses the one that has to go keeps it open until
/// done.
struct OpenWorkspaces: Sendable {
    private let countMax: Int
    private var byID: [WorkspaceID: (place: WorkspacePlace, lastUse: Int)] = [:]
    private var useCount = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    var count: Int { byID.count }

    /// Those that were opened.
    var all: [Workspace] { byID.values.compactMap(\.place.workspace) }

    /// - Returns: the place, and the one that had to go for it.
    mutating func place(of id: WorkspaceID) -> (place: WorkspacePlace, closing: WorkspacePlace?) {
        useCount += 1
        var closing: WorkspacePlace?
        if byID[id] == nil, byID.count >= countMax,
            let oldest = byID.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            closing = byID.removeValue(forKey: oldest.key)?.place
        }
        let place = byID[id]?.place ?? WorkspacePlace()
        byID[id] = (place, useCount)
        return (place, closing)
    }

    mutating func remove(_ id: WorkspaceID) -> WorkspacePlace? {
        byID.removeValue(forKey: id)?.place
    }

    mutating func removeAll() -> [Workspace] {
        defer { byID = [:] }
        return all
    }
}
