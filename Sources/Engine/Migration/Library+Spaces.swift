import Embedding
import Foundation
import Store

extension Library {
    /// The spaces that a workspace has vectors in, the live one first.
    package func spaces(in scope: WorkspaceScope) throws -> [SpaceSummary] {
        let store = try workspace(in: scope).store
        let summaries = try store.spaces().map { space in
            let figures = try store.figures(of: space.id)
            return SpaceSummary(
                state: SpaceSummary.State(space.state), space: EmbeddingSpace(space.key),
                embeddingCount: figures.embeddingCount, segmentCount: figures.segmentCount,
                segmentByteCount: figures.segmentByteCount)
        }
        return summaries.filter { $0.state == .live }
            + summaries.filter { $0.state == .building || $0.state == .previous }
            + summaries.filter { $0.state == .dropped && $0.embeddingCount > 0 }
    }

    /// Takes away the vectors that were live before the last cut-over: there is no way back then.
    ///
    /// Works in small transactions beside everything else. What was killed is finished when it is called again.
    ///
    /// - Throws: `EngineError.migrationRefused` if there are none, or a migration is running.
    package func dropPrevious(in scope: WorkspaceScope) throws -> DropReport {
        try drop(.previous, in: scope, orElse: .nothingKept)
    }

    /// Gives up a migration that was begun, and takes its vectors away. Otherwise as `dropPrevious`.
    package func cancelMigration(in scope: WorkspaceScope) throws -> DropReport {
        try drop(.building, in: scope, orElse: .nothingBuilding)
    }

    private func drop(
        _ state: SpaceState, in scope: WorkspaceScope, orElse refusal: MigrationRefusal
    ) throws -> DropReport {
        try requireActive(scope)
        let store = try workspace(in: scope).store
        let lock = try MigrationLock(in: directory(of: scope.workspaceID))
        defer { withExtendedLifetime(lock) {} }
        let wanted = try store.space(state)
        if let wanted { try store.beginDropping(wanted.id) }
        var report = DropReport(space: wanted.map { EmbeddingSpace($0.key) })
        for space in try store.spaces() where space.state == .dropped {
            try takeAway(space, from: store, &report)
        }
        if wanted == nil, report.embeddingCount == 0, report.segmentCount == 0 {
            throw EngineError.migrationRefused(refusal)
        }
        return report
    }

    private func takeAway(
        _ space: SpaceRecord, from store: WorkspaceStore, _ report: inout DropReport
    ) throws {
        // Whoever has a file mapped goes on reading it, and no name is ever used again.
        let directory = URL(filePath: store.segmentDirectoryPath, directoryHint: .isDirectory)
        let segments = try store.retiredSegments(in: space.id)
        for segment in segments {
            try? FileManager.default.removeItem(at: directory.appending(path: segment.fileName))
        }
        if !segments.isEmpty { try store.forgetSegments(segments.map(\.number)) }
        report.segmentCount += segments.count
        var cursor: DropCursor? = .start
        while let from = cursor {
            let step = try store.dropStep(space.id, from: from)
            report.embeddingCount += step.deletedCount
            report.keptCount += step.keptCount
            cursor = step.next
        }
    }
}

extension SpaceSummary.State {
    fileprivate init(_ state: SpaceState) {
        self =
            switch state {
            case .live: .live
            case .building: .building
            case .previous: .previous
            case .dropped: .dropped
            }
    }
}
