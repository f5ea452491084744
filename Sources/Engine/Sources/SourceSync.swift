import Documents
import Kernels
import Store

/// How far a workspace may be made to follow a source in what it deletes.
package struct DeletionGuard: Sendable, Equatable {
    /// More are refused, and none is deleted.
    package var countMax: Int

    /// Whether a source of which nothing is left may take all its documents with it. An unmounted disk looks like that.
    package var allowsAll: Bool

    package init(countMax: Int = .max, allowsAll: Bool = false) {
        self.countMax = countMax
        self.allowsAll = allowsAll
    }
}

extension Engine {
    /// Deletes the documents of a folder that are in it no more, or are not wanted any more.
    ///
    /// A document is the folder's if its path begins with the source's name and it was ingested from that folder:
    /// what was uploaded, or came from elsewhere, stays. What cannot be told, because a folder cannot be read, stays
    /// as well.
    ///
    /// - Parameters:
    ///   - paths: within the source; only these and what is below them are looked at. Nil for all.
    ///   - report: called with each that was deleted, and each that could not be.
    /// - Throws: `EngineError.source` with `.emptied` or `.tooManyDeletions`; then nothing was deleted.
    /// - Returns: how many were deleted.
    @discardableResult
    package func deleteGone(
        from source: FileSource, at paths: [String]? = nil, within bounds: DeletionGuard,
        in scope: WorkspaceScope, report: @escaping @Sendable (IngestEvent) -> Void = { _ in }
    ) async throws -> Int {
        try await pool.run(in: .background) {
            let census = SourceCensus(source: source, paths: paths, library: self.library, scope: scope)
            // Counted first, so that all or none is deleted.
            let gone = try census.countGone(within: bounds)
            return gone == 0 ? 0 : try census.deleteGone(atMost: gone, report: report)
        }
    }

    /// How many documents `deleteGone` would delete.
    ///
    /// - Throws: as it would.
    package func countGone(
        from source: FileSource, within bounds: DeletionGuard, in scope: WorkspaceScope
    ) async throws -> Int {
        try await pool.run(in: .background) {
            try SourceCensus(source: source, paths: nil, library: self.library, scope: scope)
                .countGone(within: bounds)
        }
    }
}

/// Which documents of a workspace came from a folder, and which of them are in it no more.
private struct SourceCensus {
    let source: FileSource

    /// Each with a slash at its end; nil for all.
    private let starts: [String]?
    let library: Library
    let scope: WorkspaceScope

    private static let pageSize = 256

    init(source: FileSource, paths: [String]?, library: Library, scope: WorkspaceScope) {
        self.source = source
        starts = paths?.map { $0.isEmpty ? "" : $0 + "/" }
        self.library = library
        self.scope = scope
    }

    func countGone(within bounds: DeletionGuard) throws -> Int {
        let (mine, gone) = try count()
        if gone > bounds.countMax {
            throw EngineError.source(
                .tooManyDeletions(source: source.prefix, found: gone, max: bounds.countMax))
        }
        if gone > 0, gone == mine, !bounds.allowsAll {
            throw EngineError.source(.emptied(source: source.prefix, documentCount: mine))
        }
        return gone
    }

    /// All that came from the folder, and how many of those looked at are gone.
    private func count() throws -> (mine: Int, gone: Int) {
        var (mine, gone) = (0, 0)
        try forEach { _, isGone in
            mine += 1
            gone += isGone ? 1 : 0
            return true
        }
        return (mine, gone)
    }

    /// Deletes what is gone, as a job: each deletion and what the job says of it are one transaction.
    ///
    /// - Parameter countMax: as they were counted; what vanished since is left for the next time.
    func deleteGone(atMost countMax: Int, report: (IngestEvent) -> Void) throws -> Int {
        // Who holds it is alive, and so is its job.
        let lock = try IngestLock(joining: library.directory(of: scope.workspaceID)) {}
        defer { withExtendedLifetime(lock) {} }
        let job = JobRun(kind: .local, source: source.prefix, in: try library.workspace(in: scope))
        try job.announce(documentCount: countMax, byteCount: 0)
        defer { try? job.finish() }
        var count = 0
        try forEach { record, isGone in
            guard isGone else { return true }
            do {
                try library.deleteDocument(
                    .id(record.id.rawValue), if: .revision(in: [record.revision]),
                    noting: job.deletionCheckpoint, in: scope)
                count += 1
                report(.deleted(path: record.externalID))
            } catch EngineError.preconditionFailed, EngineError.documentNotFound {
                // Somebody else put it or deleted it meanwhile: it is theirs.
            }
            return count < countMax
        }
        return count
    }

    /// - Parameter body: called with each document of the folder, and whether it is gone; returns whether to go on.
    private func forEach(_ body: (DocumentRecord, Bool) throws -> Bool) throws {
        let store = try library.workspace(in: scope).store
        var walk = source.makeWalk()
        var after: Int64 = 0
        while true {
            let page = try store.documents(after: after, limit: Self.pageSize)
            for record in page {
                guard let path = pathInSource(of: record) else { continue }
                guard try body(record, isGone(path, &walk)) else { return }
            }
            guard let last = page.last else { return }
            after = last.ordinal
        }
    }

    /// Nil if the document is not the folder's.
    private func pathInSource(of record: DocumentRecord) -> String? {
        guard record.externalID.hasPrefix(source.prefix) else { return nil }
        let path = String(record.externalID.dropFirst(source.prefix.count))
        return record.attributes[DocumentAttribute.origin]?.string == source.root + "/" + path ? path : nil
    }

    private func isGone(_ path: String, _ walk: inout FolderWalk) -> Bool {
        if let starts, !starts.contains(where: { (path + "/").hasPrefix($0) }) { return false }
        return switch walk.presence(of: path) {
        case .gone: true
        case .there(let status): status.kind != .file
        case .unknown: false
        }
    }
}
