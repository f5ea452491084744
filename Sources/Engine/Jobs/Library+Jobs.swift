import Foundation
import Store

extension Library {
    /// Jobs, newest first; the next page begins before the last one's `ordinal`.
    package func jobs(
        in scope: WorkspaceScope, before ordinal: Int64 = .max, limit: Int
    ) throws -> [JobSummary] {
        try workspace(in: scope).store.jobs(before: ordinal, limit: limit).map { JobSummary($0) }
    }

    /// - Throws: `EngineError.jobNotFound`.
    package func job(_ id: String, in scope: WorkspaceScope) throws -> JobSummary {
        try JobSummary(workspace(in: scope).store.job(JobID(rawValue: id)))
    }

    /// Calls a job off: documents in hand may still come to be, the others fail as cancelled. A job that has ended is
    /// left as it is.
    ///
    /// - Throws: `EngineError.jobNotFound`.
    package func cancelJob(_ id: String, in scope: WorkspaceScope) throws -> JobSummary {
        let store = try workspace(in: scope).store
        return try JobSummary(store.cancelJob(JobID(rawValue: id), failing: JobFailure.cancelled))
    }

    /// A job's documents in one state, in the order in which they came; the next page begins after the last one's
    /// `ordinal`.
    ///
    /// - Throws: `EngineError.jobNotFound`.
    package func jobItems(
        of id: String, in state: JobItemSummary.State, after ordinal: Int64 = 0, limit: Int,
        scope: WorkspaceScope
    ) throws -> [JobItemSummary] {
        guard let stored = ItemState(rawValue: state.rawValue) else { return [] }
        return try workspace(in: scope).store
            .items(of: JobID(rawValue: id), in: stored, after: ordinal, limit: limit)
            .map { JobItemSummary($0, live: nil) }
    }

    /// Queues a job's failed documents again, for the process that does jobs.
    ///
    /// - Returns: the job as it is then; one without failed documents is left as it is.
    /// - Throws: `EngineError.jobNotFound`, `.jobNotResumable`, `.jobNotEnded`.
    package func requeueJob(_ id: String, in scope: WorkspaceScope) throws -> JobSummary {
        let store = try workspace(in: scope).store
        let job = try store.job(JobID(rawValue: id))
        guard JobKind(rawValue: job.kind)?.isResumable == true else {
            throw EngineError.jobNotResumable(id, kind: job.kind)
        }
        guard job.state.isEnded else { throw EngineError.jobNotEnded(id) }
        try catalog.noteWaiting(scope.workspaceID)
        _ = try store.retryJob(job.id)
        // A turn may have ended between the two.
        try catalog.noteWaiting(scope.workspaceID)
        return try JobSummary(store.job(job.id))
    }
}

extension Workspace {
    /// Ends the jobs that died with their processes, and that nobody can go on with. The caller is alone in the
    /// workspace.
    func endAbandonedJobs() throws {
        for state in [JobState.running, .receiving] {
            var last: Int64 = 0
            while let job = try store.jobs(state, after: last, limit: 1).first {
                last = job.ordinal
                let isResumable = JobKind(rawValue: job.kind)?.isResumable == true
                if isResumable, state == .running { continue }
                _ = try store.interruptJob(job.id, failing: JobFailure.interrupted)
            }
        }
        while try store.closeEndedJob(failing: JobFailure.interrupted) {}
    }
}

/// The right to do the jobs that wait in one workspace, which one process has at a time.
final class JobLock: Sendable {
    static let fileName = "jobs.lock"

    private let lock: AdvisoryLock

    /// Nil if another has it.
    init?(in directory: URL) throws {
        lock = try AdvisoryLock(path: directory.appending(path: Self.fileName).path)
        guard try lock.tryToTake(.alone) else { return nil }
    }
}
