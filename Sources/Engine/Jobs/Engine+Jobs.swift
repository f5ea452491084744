import Documents
import Kernels
import Store
import Synchronization

extension Engine {
    // MARK: Documents that are taken in later

    /// Documents of one upload.
    package static let submittedMax = 100_000

    /// Takes documents over: their bytes are safe when this returns, and they are read, embedded and found some time
    /// after, whoever dies meanwhile.
    ///
    /// Documents of one workspace are done in the order in which they were taken over; a later write of the same
    /// document, by whatever way, takes the place of an earlier one that was not done yet.
    ///
    /// - Parameters:
    ///   - source: what the upload is called, for the list of jobs.
    ///   - key: sent again with the same one, the same upload is the same job.
    /// - Throws: `EngineError.documentTwice`, `.requestKeyReused`; what loading an item throws.
    package func submit(
        _ items: [IngestItem], source: String, key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) async throws -> JobSummary {
        let job = try await pool.run(in: .background) { () -> JobSummary in
            try self.library.requireActive(scope)
            return try self.receive(items, source: source, key: key, in: scope)
        }
        await runner.wake(scope.workspaceID)
        return job
    }

    /// The bytes first, then the job that names them, and only then is it in the queue.
    private func receive(
        _ items: [IngestItem], source: String, key: IdempotencyKey?, in scope: WorkspaceScope
    ) throws -> JobSummary {
        let workspace = try library.workspace(in: scope)
        let store = workspace.store
        // Nobody may take the job for one that was left half received.
        let lock = try IngestLock(joining: library.directory(of: scope.workspaceID)) {}
        defer { withExtendedLifetime(lock) {} }
        if let key, let found = try store.job(of: key.request) {
            switch found.state {
            case .receiving: throw EngineError.requestInProgress
            case .interrupted: try store.releaseRequest(of: found.id)
            default: return JobSummary(found)
            }
        }
        let received = try items.map { item in
            let bytes = try item.load()
            return JobItem(
                path: item.path, mediaType: item.mediaType.rawValue, attributes: item.given.stored,
                origin: item.origin, content: try store.putBlob(bytes), byteCount: bytes.count)
        }
        let job: JobRecord
        do {
            job = try store.createJob(
                JobID(random: workspace.environment.randomBytes(17)), kind: JobKind.upload.rawValue,
                source: source, state: .receiving, key: key?.request)
        } catch {
            guard case .requestRepeated(let id) = error else { throw error }
            return try JobSummary(store.job(id))
        }
        do {
            try queue(job, received, in: store, scope)
        } catch {
            // What fails here as well is left to whoever is next alone in the workspace.
            _ = try? store.interruptJob(job.id, failing: JobFailure.interrupted)
            throw error
        }
        return try JobSummary(store.job(job.id))
    }

    /// The last step makes it a promise; all before it is undone by forgetting the job.
    private func queue(
        _ job: JobRecord, _ items: [JobItem], in store: WorkspaceStore, _ scope: WorkspaceScope
    ) throws {
        try store.addItems(
            items,
            adding: [
                JobFigure.documents: items.count, JobFigure.bytes: items.reduce(0) { $0 + $1.byteCount },
            ], to: job.id)
        try library.catalog.noteWaiting(scope.workspaceID)
        _ = try store.moveJob(job.id, from: .receiving, to: .queued)
    }

    /// Begins to do the jobs that wait, those of before included, until the engine closes.
    package func startJobs() async {
        await runner.start()
    }

    /// Queues a job's failed documents again.
    ///
    /// - Throws: `EngineError.jobNotFound`, `.jobNotResumable`, `.jobNotEnded`.
    package func retryJob(_ id: String, in scope: WorkspaceScope) async throws -> JobSummary {
        let job = try await pool.run { try self.library.requeueJob(id, in: scope) }
        await runner.wake(scope.workspaceID)
        return job
    }

    /// A job's documents in one state, in the order in which they came; the next page begins after the last one's
    /// `ordinal`. Those that failed are its dead letters.
    package func jobItems(
        of id: String, in state: JobItemSummary.State, after ordinal: Int64 = 0, limit: Int,
        scope: WorkspaceScope
    ) async throws -> [JobItemSummary] {
        try await pool.run {
            let job = JobID(rawValue: id)
            let live = self.active.states(of: job)
            guard let stored = ItemState(rawValue: state.rawValue) else { return [] }
            return try self.library.workspace(in: scope).store
                .items(of: job, in: stored, after: ordinal, limit: limit)
                .map { JobItemSummary($0, live: live[$0.item.path]) }
        }
    }

    /// What has changed in a job since an event: its documents, each once and as it is now, and the job itself.
    ///
    /// - Parameter event: 0 for all.
    package func jobChanges(
        of id: String, after event: Int64, limit: Int, scope: WorkspaceScope
    ) async throws -> (items: [JobItemSummary], job: JobSummary) {
        try await pool.run {
            let store = try self.library.workspace(in: scope).store
            // The job first: what happens between the two is news for the next call.
            let job = try store.job(JobID(rawValue: id))
            let items = try store.items(of: job.id, changedAfter: event, limit: limit)
            return (items.map { JobItemSummary($0, live: nil) }, JobSummary(job))
        }
    }

    // MARK: Doing them

    /// One workspace's turn: all jobs that wait in it.
    func performJobs(in id: WorkspaceID) async -> JobRunner.Turn {
        do {
            let turn = try await pool.run(in: .background) { try self.beginTurn(in: id) }
            guard let turn else { return .later }
            while !Task.isCancelled {
                let job = try await pool.run(in: .background) { try turn.nextJob(self.library.catalog) }
                guard let job else { return .done }
                try await perform(job, in: turn.scope)
            }
            return .later
        } catch {
            // Whatever it was, the workspace stays noted in the catalog, and is looked at again.
            return .later
        }
    }

    /// Nil if the workspace is gone, or another process is at it.
    private func beginTurn(in id: WorkspaceID) throws -> JobTurn? {
        guard let record = try library.catalog.workspace(id), record.phase == .active else {
            try library.catalog.forgetWaiting(id)
            return nil
        }
        guard let lock = try JobLock(in: library.directory(of: id)) else { return nil }
        let scope = WorkspaceScope(workspaceID: id, name: record.name)
        return JobTurn(scope: scope, store: try library.workspace(in: scope).store, lock: lock)
    }

    private func perform(_ job: JobRecord, in scope: WorkspaceScope) async throws {
        try await withSession(in: scope) { pipeline in
            let workspace = pipeline.workspace
            let run = JobRun(job.id, kind: .upload, source: job.source, in: workspace)
            active.add(run)
            defer { active.remove(run) }
            for state in [ItemState.embedding, .parsing, .queued] {
                await pipeline.run(QueuedDocuments(of: job.id, in: state, run, workspace.store), of: run) {
                    _ in
                }
            }
            if Task.isCancelled { return }
            try await pool.run(in: .background) { try run.finish() }
        }
    }
}

/// A workspace's turn: its lock is held as long.
private struct JobTurn: Sendable {
    let scope: WorkspaceScope
    let store: WorkspaceStore
    let lock: JobLock

    /// The oldest job that waits, which is running from now on; nil if there is none.
    func nextJob(_ catalog: Catalog) throws -> JobRecord? {
        // Who holds the lock is the only one to run jobs of the kind: what is running died with its process.
        for job in try store.jobs(.running, limit: 256)
        where JobKind(rawValue: job.kind)?.isResumable == true {
            _ = try store.moveJob(job.id, from: .running, to: .queued)
        }
        if let job = try store.jobs(.queued, limit: 1).first {
            guard try store.moveJob(job.id, from: .queued, to: .running) else { return try nextJob(catalog) }
            return try store.job(job.id)
        }
        // Forgotten first and looked at then: whoever queues a job notes it before.
        try catalog.forgetWaiting(scope.workspaceID)
        let isWaiting = try store.hasQueuedJobs() || !store.jobs(.receiving, limit: 1).isEmpty
        if isWaiting { try catalog.noteWaiting(scope.workspaceID) }
        return nil
    }
}

/// A job's documents that have not ended, a page in memory at a time.
private final class QueuedDocuments: IngestSource {
    private struct State {
        var page: ArraySlice<JobItemRecord> = []
        var last: Int64 = 0
    }

    private let job: JobID
    private let itemState: ItemState
    private let run: JobRun
    private let store: WorkspaceStore
    private let state = Mutex(State())

    private static let pageSize = 256

    init(of job: JobID, in state: ItemState, _ run: JobRun, _ store: WorkspaceStore) {
        self.job = job
        itemState = state
        self.run = run
        self.store = store
    }

    /// - Throws: `StoreError`; then what was not read stays queued, and the job with it.
    func next(on pool: ComputePool) async throws -> SourceStep? {
        try await pool.run(in: .background) { try self.next() }
    }

    private func next() throws -> SourceStep? {
        try state.withLock { state in
            if state.page.isEmpty {
                state.page = try store.items(of: job, in: itemState, after: state.last, limit: Self.pageSize)[
                    ...]
            }
            guard let record = state.page.popFirst() else { return nil }
            state.last = record.id
            let item = IngestItem(record, bytesFrom: store)
            run.resume(item, attempts: record.attempts)
            return .item(item)
        }
    }
}

extension IngestItem {
    /// A document whose bytes the workspace holds.
    fileprivate init(_ record: JobItemRecord, bytesFrom store: WorkspaceStore) {
        let item = record.item
        self.init(
            path: item.path, mediaType: MediaType(rawValue: item.mediaType) ?? .plainText,
            byteCount: item.byteCount, origin: item.origin,
            load: {
                guard let content = item.content else {
                    throw EngineError.jobNotResumable(item.path, kind: JobKind.local.rawValue)
                }
                return try store.readBlob(content)
            })
        given = GivenAttributes(stored: item.attributes)
        content = item.content
    }
}
