package import Embedding
import Foundation
import Kernels
import Store
import Synchronization

extension Engine {
    /// Embeds a workspace's passages with another embedder and then answers from the new vectors, in every process at
    /// once. The old vectors are kept, for `rollBack`, until they are dropped.
    ///
    /// Searches and ingests go on meanwhile. What was killed, or has spent its budget, goes on where it stopped when it
    /// is called again.
    ///
    /// - Parameters:
    ///   - tokensMax: the most that this call may embed; nil for all.
    ///   - report: told of every step, one call at a time.
    /// - Throws: `EngineError.migrationRefused`, `.workspaceNotFound`; what the embedder throws.
    package func migrate(
        to embedder: any Embedder, in scope: WorkspaceScope, tokensMax: Int? = nil,
        report: @escaping @Sendable (MigrationEvent) -> Void = { _ in }
    ) async throws -> MigrationReport {
        try await withMigrationHold(in: scope) { workspace in
            let (from, target) = try await pool.run(in: .background) {
                try workspace.beginMigration(to: embedder.space)
            }
            guard let from, target.state != .live else {
                return MigrationReport(
                    outcome: .nothingToDo, from: from.map { EmbeddingSpace($0.key) }, to: embedder.space,
                    progress: MigrationProgress(passageCount: 0))
            }
            return try await migration(
                of: workspace, from: from, to: target, by: { embedder }, in: scope, tokensMax, report
            ).run()
        }
    }

    /// Goes back to the vectors that were live before the last cut-over; those that are live now are kept in turn.
    ///
    /// What was ingested since is embedded with the old model first; if nothing was, the model is not needed.
    ///
    /// - Throws: as `migrate`, and `EngineError.spaceMismatch` if the old model is needed and not here.
    package func rollBack(
        in scope: WorkspaceScope, tokensMax: Int? = nil,
        report: @escaping @Sendable (MigrationEvent) -> Void = { _ in }
    ) async throws -> MigrationReport {
        try await withMigrationHold(in: scope) { workspace in
            let spaces = try await pool.run(in: .background) {
                (live: try workspace.store.space(.live), previous: try workspace.store.space(.previous))
            }
            guard let live = spaces.live, let previous = spaces.previous else {
                throw EngineError.migrationRefused(.nothingKept)
            }
            let (embedders, name) = (embedders, workspace.name)
            return try await migration(
                of: workspace, from: live, to: previous,
                by: { try embedders.embedder(of: EmbeddingSpace(previous.key), for: name) }, in: scope,
                tokensMax, report
            ).run()
        }
    }

    private func migration(
        of workspace: Workspace, from: SpaceRecord, to target: SpaceRecord,
        by embedder: @escaping @Sendable () throws -> any Embedder, in scope: WorkspaceScope,
        _ tokensMax: Int?, _ report: @escaping @Sendable (MigrationEvent) -> Void
    ) -> Migration {
        let library = library
        return Migration(
            workspace: workspace, target: target, from: from, embedder: embedder, pool: pool,
            tokensMax: tokensMax, check: { try library.requireActive(scope) }, report: report)
    }

    /// Keeps other migrations out, and the workspace's files in place, for as long as `body` takes.
    private func withMigrationHold<Success: Sendable>(
        in scope: WorkspaceScope, _ body: (Workspace) async throws -> Success
    ) async throws -> Success {
        let library = library
        let (workspace, hold) = try await pool.run(in: .background) {
            try library.requireActive(scope)
            let directory = library.directory(of: scope.workspaceID)
            let workspace = try library.workspace(in: scope)
            let hold = MigrationHold(
                lock: try MigrationLock(in: directory),
                ingestLock: try IngestLock(joining: directory) { try workspace.discardAbandonedVersions() })
            try library.requireActive(scope)
            return (workspace, hold)
        }
        let result: Result<Success, any Error>
        do {
            result = .success(try await body(workspace))
        } catch {
            result = .failure(error)
        }
        try await pool.run(in: .background) {
            hold.end()
            // What fails here is done by the next to open the library.
            try? library.finishDeletionIfMarked(scope)
        }
        return try result.get()
    }
}

/// The right to change which of a workspace's spaces is live, and to take one away: one holder at a time, in this
/// process and in others. The system frees it when the process ends, however it ends.
final class MigrationLock: Sendable {
    static let fileName = "migrate.lock"

    private let lock: AdvisoryLock

    /// - Throws: `EngineError.migrationRefused`.
    init(in directory: URL) throws {
        lock = try AdvisoryLock(path: directory.appending(path: Self.fileName).path)
        guard try lock.tryToTake(.alone) else { throw EngineError.migrationRefused(.running) }
    }
}

private final class MigrationHold: Sendable {
    private let locks: Mutex<(MigrationLock, IngestLock)?>

    init(lock: MigrationLock, ingestLock: IngestLock) {
        locks = Mutex((lock, ingestLock))
    }

    func end() {
        locks.withLock { $0 = nil }
    }
}

extension Workspace {
    /// The live space, and the one that is to be: live too if there is nothing to migrate.
    fileprivate func beginMigration(
        to space: EmbeddingSpace
    ) throws -> (from: SpaceRecord?, target: SpaceRecord) {
        do {
            let from = try store.space(.live)
            return (from, try store.beginBuilding(SpaceKey(space)))
        } catch {
            switch error {
            case .spaceBuilding(_, let found):
                throw EngineError.migrationRefused(.building(EmbeddingSpace(found)))
            case .spaceKept(_, let found):
                throw EngineError.migrationRefused(.kept(EmbeddingSpace(found)))
            default: throw error
            }
        }
    }
}
