/// What one step of collecting removed.
package struct GarbageReport: Sendable, Equatable {
    package var chunkCount = 0
    package var versionCount = 0
    package var documentCount = 0
    package var embeddingCount = 0
    package var chargeCount = 0
    package var blobCount = 0
    package var jobCount = 0

    /// False if there may be more: call again.
    package var isComplete = true

    /// Nothing yet.
    package init() {}
}

extension WorkspaceStore {
    /// Gives up versions that were staged before `moment` and never committed, except those of `jobs`. Their
    /// chunks go with the next collection; a writer that was only slow meets `.versionNotStaged` and begins
    /// again.
    ///
    /// - Returns: how many.
    package func discardStaged(
        before moment: Timestamp, except jobs: Set<JobID> = []
    ) throws(StoreError) -> Int {
        let now = environment.now().milliseconds
        return try database.write { connection in
            let staged = try connection.rows(WorkspaceStatement.stagedBefore, moment.milliseconds) { reader in
                (version: try reader.integer(), job: try reader.optionalText().map(JobID.init(rawValue:)))
            }
            var discarded = 0
            for (version, job) in staged where job.map(jobs.contains) != true {
                discarded += try connection.run(WorkspaceStatement.discardVersion, now, version)
            }
            if discarded > 0 { environment.reached(.discardWritten) }
            return discarded
        }
    }

    /// Removes what died before `horizon`: retired versions and their chunks, embeddings whose text stands in no
    /// chunk, blobs without a version, documents without any version, carried charges. One step changes at most
    /// `stepLimit` rows of each kind, in transactions of their own; it is safe to stop between any two, and
    /// beside writers.
    ///
    /// - Parameters:
    ///   - horizon: the retention horizon; now, to purge.
    ///   - jobHorizon: jobs that ended before are forgotten; a week ago if nothing is said.
    package func collectGarbage(
        before horizon: Timestamp, jobsBefore jobHorizon: Timestamp? = nil, stepLimit: Int = 512
    ) throws(StoreError) -> GarbageReport {
        precondition(stepLimit > 0, "stepLimit must be positive, found \(stepLimit)")
        var report = GarbageReport()
        try collectVersions(before: horizon, stepLimit, &report)
        try collectRows(before: horizon, stepLimit, &report)
        try collectJobs(before: jobHorizon ?? weekAgo, stepLimit, &report)
        if report.isComplete {
            try collectBlobs(before: horizon, stepLimit, &report)
        }
        environment.reached(.garbageDone)
        return report
    }

    private func collectVersions(
        before horizon: Timestamp, _ limit: Int, _ report: inout GarbageReport
    ) throws(StoreError) {
        let now = environment.now().milliseconds
        let marked = try database.write {
            try $0.run(WorkspaceStatement.collectRetired, now, horizon.milliseconds, limit)
        }
        if marked > 0 { environment.reached(.garbageMarked) }
        let swept = try database.write { try $0.sweep(limit: limit, now: now) }
        if swept.chunkCount > 0 { environment.reached(.garbageSwept) }
        let forgotten = try database.write { try $0.forgetVersions(limit: limit) }
        if forgotten > 0 { environment.reached(.garbageForgotten) }
        report.chunkCount += swept.chunkCount
        report.versionCount += swept.discardedCount + forgotten
        if marked == limit || !swept.isComplete || forgotten == limit { report.isComplete = false }
    }

    private func collectRows(
        before horizon: Timestamp, _ limit: Int, _ report: inout GarbageReport
    ) throws(StoreError) {
        func delete(_ statement: WorkspaceStatement) throws(StoreError) -> Int {
            let count = try database.write { try $0.run(statement, horizon.milliseconds, limit) }
            if count == limit { report.isComplete = false }
            return count
        }
        report.documentCount += try delete(.deleteAbsentDocuments)
        let embeddings = try database.write { try $0.collectEmbeddings(before: horizon, limit) }
        if embeddings.deletedCount > 0 { environment.reached(.garbageEmbeddings) }
        report.embeddingCount += embeddings.deletedCount
        if embeddings.candidateCount == limit { report.isComplete = false }
        report.chargeCount += try delete(.deleteCarriedCharges)
    }

    /// Jobs that ended before `horizon`, an item at most `limit` times a step.
    private func collectJobs(
        before horizon: Timestamp, _ limit: Int, _ report: inout GarbageReport
    ) throws(StoreError) {
        let (count, isComplete) = try database.write { connection in
            let jobs = try connection.rows(JobStatement.endedJobs, horizon.milliseconds, limit) {
                try $0.integer()
            }
            var (deleted, room) = (0, limit)
            for job in jobs {
                room -= try connection.run(JobStatement.deleteItems, job, room)
                guard room > 0 else { break }
                deleted += try connection.run(JobStatement.deleteJob, job)
            }
            return (deleted, jobs.count < limit && deleted == jobs.count)
        }
        report.jobCount += count
        if !isComplete { report.isComplete = false }
    }

    /// Long enough to be asked for after a holiday, and to know a request that is sent again.
    private var weekAgo: Timestamp {
        Timestamp(milliseconds: environment.now().milliseconds - 7 * 24 * 3_600_000)
    }

    /// The unlinking is inside a write transaction: while it lasts no version can begin that names the blob.
    private func collectBlobs(
        before horizon: Timestamp, _ limit: Int, _ report: inout GarbageReport
    ) throws(StoreError) {
        let names = try blobs.fileNames()
        for start in stride(from: 0, to: names.count, by: limit) {
            let batch = names[start..<min(start + limit, names.count)]
            report.blobCount += try database.write { connection in
                try batch.count { try unlink($0, before: horizon, connection) }
            }
        }
    }

    private func unlink(
        _ fileName: String, before horizon: Timestamp, _ connection: Connection
    ) throws -> Bool {
        let path = blobs.path + "/" + fileName
        switch BlobDirectory.Entry(fileName: fileName) {
        case .foreign: return false
        case .partial: break
        case .blob(let digest):
            for statement in [WorkspaceStatement.versionOfBlob, .versionOfRendition] {
                let version = try connection.row(statement, digest.data) { try $0.integer() }
                guard version == nil else { return false }
            }
            let item = try connection.row(JobStatement.itemOfBlob, digest.data) { try $0.integer() }
            guard item == nil else { return false }
        }
        guard let status = try SystemCalls.status(path), status.modified < horizon else { return false }
        try SystemCalls.removeFile(path)
        environment.reached(.garbageBlobUnlinked)
        return true
    }
}

extension Swift.Sequence {
    fileprivate func count(where isCounted: (Element) throws -> Bool) rethrows -> Int {
        try reduce(0) { try $0 + (isCounted($1) ? 1 : 0) }
    }
}

/// What one transaction took from versions in collection.
private struct Sweep {
    var chunkCount = 0
    /// Versions that were never committed, and are gone with their chunks.
    var discardedCount = 0
    var isComplete = true
}

extension Connection {
    /// Deletes chunks of versions in collection, `limit` at most.
    fileprivate func sweep(limit: Int, now: Int64) throws -> Sweep {
        var sweep = Sweep()
        var versionCount = 0
        while let version = try nextCollecting() {
            guard sweep.chunkCount < limit, versionCount < limit else {
                sweep.isComplete = false
                break
            }
            versionCount += 1
            let deleted = try deleteChunks(version.rows, limit: limit - sweep.chunkCount, now: now)
            sweep.chunkCount += deleted.count
            guard deleted.isComplete else { continue }
            if version.wasCommitted {
                try run(WorkspaceStatement.markCollected, now, version.id)
            } else {
                sweep.discardedCount += try run(WorkspaceStatement.deleteVersion, version.id)
            }
        }
        return sweep
    }

    private func nextCollecting() throws -> (id: Int64, rows: RowRange, wasCommitted: Bool)? {
        try row(WorkspaceStatement.nextCollecting) { reader in
            (
                id: try reader.integer(), rows: try reader.rowRange(),
                wasCommitted: try reader.optionalInteger() != nil
            )
        }
    }

    private func deleteChunks(
        _ rows: RowRange, limit: Int, now: Int64
    ) throws -> (count: Int, isComplete: Bool) {
        let chunks = try self.rows(
            WorkspaceStatement.chunksToCollect, rows.lowerBound.rawValue, rows.upperBound.rawValue, limit
        ) { (row: try $0.integer(), embedding: try $0.integer()) }
        for chunk in chunks {
            try run(WorkspaceStatement.deleteChunk, chunk.row)
        }
        for embedding in Set(chunks.map(\.embedding)) {
            // The text's vectors in other spaces had a use as long as the text had.
            for sibling in try siblings(of: embedding) {
                try run(WorkspaceStatement.noteUnreferenced, sibling, now)
            }
        }
        return (chunks.count, chunks.count < limit)
    }

    /// Deletes vectors that were noted before the horizon. A chunk refers to its text's vector in one space only; the
    /// note of one in another space is struck out if there is such a chunk.
    fileprivate func collectEmbeddings(
        before horizon: Timestamp, _ limit: Int
    ) throws -> (candidateCount: Int, deletedCount: Int) {
        let candidates = try rows(WorkspaceStatement.oldUnreferenced, horizon.milliseconds, limit) {
            try $0.integer()
        }
        var deleted = 0
        for candidate in candidates {
            if try siblings(of: candidate).contains(where: isReferenced) {
                try run(WorkspaceStatement.deleteUnreferenced, candidate)
            } else {
                deleted += try run(WorkspaceStatement.deleteEmbedding, candidate)
            }
        }
        return (candidates.count, deleted)
    }

    /// Forgets versions whose rows no segment holds, and with them that part of the log's deaths.
    fileprivate func forgetVersions(limit: Int) throws -> Int {
        let versions = try rows(WorkspaceStatement.forgettableVersions, limit) { reader in
            (id: try reader.integer(), died: try reader.integer())
        }
        for version in versions {
            try run(WorkspaceStatement.deleteVersion, version.id)
            try run(WorkspaceStatement.truncateLog, version.died)
        }
        return versions.count
    }
}
