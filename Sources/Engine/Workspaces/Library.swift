import Foundation
package import Store
import Synchronization

/// Every workspace under one data directory: which there are, and the ones that are open.
///
/// All that needs no embedder is here: creating, listing, checking, mending, deleting. Calls block on SQLite
/// and files; on a server they run on the pool.
package final class Library: Sendable {
    private let catalog: Catalog
    private let configuration: EngineConfiguration
    private let environment: StoreEnvironment
    private let open: Mutex<OpenWorkspaces>

    /// Each open workspace has files, memory maps and a page cache.
    package static let openWorkspacesMax = 256

    /// Names read from the catalog at a time.
    private static let pageSize = 256

    package init(configuration: EngineConfiguration, environment: StoreEnvironment = .system) throws {
        self.configuration = configuration
        self.environment = environment
        catalog = try Catalog(dataPath: configuration.dataDirectory.path, environment: environment)
        open = Mutex(OpenWorkspaces(countMax: Self.openWorkspacesMax))
    }

    // MARK: Workspaces

    /// - Throws: `StoreError.workspaceNameInvalid`, `.workspaceExists`.
    package func createWorkspace(named name: String) throws {
        _ = try catalog.createWorkspace(named: name)
    }

    package func hasWorkspace(named name: String) throws -> Bool {
        try catalog.workspace(named: name) != nil
    }

    /// A workspace and its size.
    package struct WorkspaceSummary: Sendable {
        package var id: String
        package var name: String
        package var documentCount: Int
        package var chunkCount: Int

        /// Original bytes of the live versions.
        package var byteCount: Int
    }

    /// All workspaces, by name.
    package func workspaces() throws -> [WorkspaceSummary] {
        var summaries: [WorkspaceSummary] = []
        var after = ""
        while true {
            let page = try catalog.workspaces(after: after, limit: Self.pageSize)
            for record in page {
                let scope = WorkspaceScope(workspaceID: record.id, name: record.name)
                let size = try workspace(in: scope).store.statistics()
                summaries.append(
                    WorkspaceSummary(
                        id: record.id.rawValue, name: record.name, documentCount: size.documentCount,
                        chunkCount: size.chunkCount, byteCount: size.byteCount))
            }
            guard let last = page.last, page.count == Self.pageSize else { return summaries }
            after = last.name
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

    /// Deletes a workspace with everything in it, for good.
    package func deleteWorkspace(in scope: WorkspaceScope) throws {
        // The lock also waits out an ingest: nobody may write into what is being removed.
        let lock = try IngestLock(directory: directory(of: scope), workspace: scope.name)
        defer { withExtendedLifetime(lock) {} }
        try catalog.markDeleting(scope.workspaceID)
        if let workspace = open.withLock({ $0.remove(scope.workspaceID) }) { try workspace.store.close() }
        try catalog.finishDeletion(scope.workspaceID)
    }

    // MARK: Open workspaces

    func workspace(in scope: WorkspaceScope) throws -> Workspace {
        try open.withLock { open in
            if let workspace = open.use(scope.workspaceID) { return workspace }
            let workspace = Workspace(
                id: scope.workspaceID, name: scope.name, store: try catalog.openWorkspace(scope.workspaceID),
                environment: environment, tailRowsMax: configuration.tailRowsMax)
            // Whoever still uses the workspace that has to go keeps it open until done.
            open.insert(workspace)
            return workspace
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
