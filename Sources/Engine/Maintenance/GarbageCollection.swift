package import Store
import Synchronization

extension Workspace {
    /// Collecting costs a listing of all originals: often enough for what is kept a day, and seldom enough not to be
    /// felt.
    private static let collectionPause: Int64 = 3_600_000

    /// Steps of 512 rows after one another at most: half a million rows.
    private static let collectionStepsMax = 1_024

    /// Whether an hour has gone by since the last time, or since the workspace was opened.
    var isCollectionDue: Bool {
        environment.now().milliseconds - collectedAt.withLock(\.milliseconds) >= Self.collectionPause
    }

    /// One step of the collection that is due.
    ///
    /// - Returns: true if there may be more.
    func collectDueGarbage() throws -> Bool {
        let now = environment.now()
        let report = try store.collectGarbage(before: horizon(configuration.retention))
        if report.isComplete { collectedAt.withLock { $0 = now } }
        return !report.isComplete
    }

    /// Removes everything that died longer ago than `age`, jobs among it, and the files that dead writers left.
    func collectGarbage(olderThan age: Duration) throws -> GarbageReport {
        _ = try withLiveIndex { try $0.sweep(before: horizon(age)) }
        var total = GarbageReport()
        for _ in 0..<Self.collectionStepsMax {
            let step = try store.collectGarbage(before: horizon(age), jobsBefore: horizon(age))
            total.add(step)
            // Vectors are due once their last passage has gone: in the step after.
            guard !step.isComplete || step.chunkCount > 0 else { break }
        }
        return total
    }

    private func horizon(_ age: Duration) -> Timestamp {
        Timestamp(milliseconds: environment.now().milliseconds - age.components.seconds * 1_000)
    }
}

extension Library {
    /// Removes for good what was replaced or deleted longer ago than `age`: passages, their vectors, originals, jobs
    /// that ended, which name documents too, and the files that killed writers left. A server does it by itself, for
    /// what is older than a day, and for jobs that ended a week ago.
    ///
    /// Works in small transactions beside everything else, and may be killed at any moment. An ingest that takes longer
    /// than `age` between putting an original and using it fails, and is run again.
    ///
    /// - Throws: `EngineError.workspaceNotFound`.
    package func collectGarbage(in scope: WorkspaceScope, olderThan age: Duration) throws -> GarbageReport {
        try requireActive(scope)
        return try workspace(in: scope).collectGarbage(olderThan: age)
    }
}

extension GarbageReport {
    fileprivate mutating func add(_ step: GarbageReport) {
        chunkCount += step.chunkCount
        versionCount += step.versionCount
        documentCount += step.documentCount
        embeddingCount += step.embeddingCount
        chargeCount += step.chargeCount
        blobCount += step.blobCount
        jobCount += step.jobCount
        isComplete = step.isComplete
    }
}
