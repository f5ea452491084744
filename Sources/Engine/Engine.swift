package import Embedding
package import Kernels
package import Store
import Synchronization

/// Carrel without a wire: knowledge bases that take documents in and answer questions.
///
/// One engine serves one data directory, each workspace with the embedder that made its vectors. Several
/// processes may serve the same directory; what one commits the others find.
package final class Engine: Sendable {
    /// All that needs no embedder.
    package let library: Library
    let embedders: EmbedderShelf
    let pool: ComputePool
    let chunking: ChunkingPolicy
    let renderer: any Renderer
    private let queryCache: QueryCache?

    /// What this process knows of the jobs it is doing.
    let active = ActiveJobs()

    /// Made when it is first wanted: it asks the engine back.
    private let runnerPlace = Mutex<JobRunner?>(nil)

    /// Workspaces with waiting jobs that are taken up in one look.
    private static let waitingMax = 1_024

    /// - Parameters:
    ///   - embedders: the standard one decides the space of every workspace that this engine ingests into first.
    ///   - pool: where all arithmetic, and all that blocks on files, is done.
    package init(
        configuration: EngineConfiguration, embedders: EmbedderShelf, pool: ComputePool,
        environment: StoreEnvironment = .system
    ) throws {
        library = try Library(configuration: configuration, environment: environment)
        self.embedders = embedders
        self.pool = pool
        chunking = configuration.chunking
        renderer = configuration.renderer
        let cacheBytes = configuration.queryCacheBytesMax
        queryCache = cacheBytes > 0 ? QueryCache(byteCountMax: cacheBytes) : nil
    }

    /// An engine with one embedder: workspaces of another one are refused.
    package convenience init(
        configuration: EngineConfiguration, embedder: any Embedder, pool: ComputePool,
        environment: StoreEnvironment = .system
    ) throws {
        try self.init(
            configuration: configuration, embedders: EmbedderShelf(only: { embedder }), pool: pool,
            environment: environment)
    }

    /// Does the jobs that wait. Whoever ends an engine closes it, and with that the runner ends.
    var runner: JobRunner {
        runnerPlace.withLock { place in
            if let runner = place { return runner }
            let runner = JobRunner(
                waitingWorkspaces: { [weak self] in
                    guard let self else { return [] }
                    let found = try? await self.pool.run {
                        try self.library.catalog.waitingWorkspaces(limit: Self.waitingMax)
                    }
                    return found ?? []
                }, lookInterval: library.configuration.jobLookInterval,
                perform: { [weak self] in await self?.performJobs(in: $0) ?? .later })
            place = runner
            return runner
        }
    }

    /// Takes documents into a workspace. What has not changed costs a read; what has changed is replaced
    /// whole.
    ///
    /// A document that fails is reported and does not stop the others. When this returns, every document
    /// reported as ingested is durable and found by the next search. Any number of ingests run beside each
    /// other, in this process and others.
    ///
    /// - Parameters:
    ///   - skippedPaths: what the source holds and is not read, for the report.
    ///   - source: what it is called, for the list of jobs.
    ///   - report: called with every step, from any thread, one call at a time.
    /// - Throws: `EngineError.spaceMismatch`, `.workspaceNotFound`, `StoreError`.
    package func ingest(
        _ items: [IngestItem], skipping skippedPaths: [String] = [], from source: String = "",
        in scope: WorkspaceScope,
        report: @escaping @Sendable (IngestEvent) -> Void = { _ in }
    ) async throws -> IngestProgress {
        let survey = SourceSurvey(
            documentCount: items.count, byteCount: items.reduce(0) { $0 + $1.byteCount })
        return try await ingest(
            from: ListedItems(items, skipped: skippedPaths), expecting: survey, named: source, in: scope,
            report: report)
    }

    /// Takes one document in, as `ingest` does.
    ///
    /// When this returns, the document is durable and found by the next search; when it throws, nothing of it
    /// was changed.
    ///
    /// - Parameter key: sent again with the same one, the same request is done once and told the same.
    /// - Throws: `EngineError.requestKeyReused`, `.requestInProgress`.
    package func put(
        _ item: IngestItem, key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) async throws -> PutOutcome {
        try await withSession(in: scope) { pipeline in
            let store = pipeline.workspace.store
            if let key {
                let done = try await pool.run { try PutOutcome(of: key.request, in: store) }
                if let done { return done }
            }
            let job = JobRun(kind: .put, source: item.path, key: key?.request, in: pipeline.workspace)
            active.add(job)
            defer { active.remove(job) }
            if key != nil { try await pool.run(in: .background) { try job.create() } }
            let outcome: DocumentOutcome
            do {
                outcome = try await pipeline.ingest(item, of: job).outcome
            } catch {
                try? await pool.run(in: .background) { try job.giveUp() }
                throw error
            }
            try await pool.run(in: .background) { try job.finish(outcome) }
            return PutOutcome(outcome, job: job.isCreated ? job.id.rawValue : nil)
        }
    }

    /// Joins the ingests of a workspace for as long as `body` takes.
    func withSession<Success: Sendable>(
        in scope: WorkspaceScope, _ body: (IngestPipeline) async throws -> Success
    ) async throws -> Success {
        let session = try await begin(in: scope)
        let result: Result<Success, any Error>
        do {
            result = .success(try await body(session.pipeline))
        } catch {
            result = .failure(error)
        }
        try await pool.run(in: .background) { session.end() }
        return try result.get()
    }

    /// An ingest that has joined the others of its workspace.
    private final class IngestSession: Sendable {
        let pipeline: IngestPipeline
        private let lock: Mutex<IngestLock?>
        private let library: Library
        private let scope: WorkspaceScope

        init(_ pipeline: IngestPipeline, lock: IngestLock, library: Library, scope: WorkspaceScope) {
            self.pipeline = pipeline
            self.lock = Mutex(lock)
            self.library = library
            self.scope = scope
        }

        /// Leaves the workspace; if it was deleted meanwhile, removes it unless others are still there.
        func end() {
            lock.withLock { $0 = nil }
            // What fails here is done by the next to open the library.
            try? library.finishDeletionIfMarked(scope)
        }
    }

    private func begin(in scope: WorkspaceScope) async throws -> IngestSession {
        try await pool.run(in: .background) {
            try self.library.requireActive(scope)
            let workspace = try self.library.workspace(in: scope)
            let lock = try IngestLock(joining: self.library.directory(of: scope.workspaceID)) {
                try workspace.discardAbandonedVersions()
                try workspace.endAbandonedJobs()
            }
            // It may have been deleted while we waited for the lock.
            try self.library.requireActive(scope)
            let pipeline = IngestPipeline(
                workspace: workspace, embedders: self.embedders, chunking: self.chunking,
                renderer: self.renderer, pool: self.pool,
                quotas: QuotaDesk(catalog: self.library.catalog, workspace: workspace))
            // Without its model nothing can be ingested, and nothing is begun.
            _ = try pipeline.model()
            return IngestSession(pipeline, lock: lock, library: self.library, scope: scope)
        }
    }

    /// Finds the passages nearest to a question.
    ///
    /// - Throws: `EngineError` of the request or of the workspace; what the embedder throws.
    package func search(_ request: SearchRequest, in scope: WorkspaceScope) async throws -> SearchResponse {
        let workspace = try await pool.run { try self.library.workspace(in: scope) }
        return try await queryHandler.search(request, in: workspace)
    }

    var queryHandler: QueryHandler {
        QueryHandler(
            embedders: embedders, pool: pool, cache: queryCache, reranker: library.configuration.reranker)
    }

    /// What the embedder has used so far, in this process, if it is paid for.
    package var spend: EmbeddingSpend? { embedders.spend }

    /// What was found in the query cache and what not; nil where there is none.
    package var queryCacheFigures: QueryCacheFigures? { queryCache?.figures }

    // MARK: Vectors for others

    /// The models whose vectors can be had for themselves: the one that runs here, or none where all is embedded on
    /// another machine, whose own API is the place to ask.
    /// Blocks where that has to be loaded first.
    package var models: [ModelSummary] { (try? embeddingHandler())?.map { [$0.model] } ?? [] }

    /// Tokens that a passage of a new workspace may have: what the model's window holds beside its special tokens.
    /// Blocks where the model has to be loaded first.
    package func passageTokensMax() throws -> Int {
        let embedder = try embedders.standard()
        return embedder.windowTokens - embedder.specialTokenCount
    }

    /// Embeds texts for somebody who keeps the vectors himself. Nothing of them is kept here.
    ///
    /// - Throws: `EngineError.modelNotFound`, `.dimensionUnsupported`, `.inputCountOutOfRange`, `.inputEmpty`,
    ///   `.inputTooLong`, `.tooManyInputTokens`, `.tokenUnknown`; what the embedder throws.
    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResponse {
        guard let handler = try await pool.run({ try self.embeddingHandler() }) else {
            throw EngineError.modelNotFound(request.model, served: [])
        }
        return try await handler.embed(request)
    }

    private func embeddingHandler() throws -> EmbeddingHandler? {
        (try embedders.standard() as? any TokenEmbedder).map { EmbeddingHandler(embedder: $0, pool: pool) }
    }

    // MARK: The pool

    /// Calls `body` where it may block: on one of the pool's threads, in the lane of those who wait.
    package func withLibrary<Success: Sendable>(
        _ body: @escaping @Sendable (Library) throws -> Success
    ) async throws -> Success {
        try await pool.run { try body(self.library) }
    }

    /// Calls `body`, which takes milliseconds of arithmetic, behind all that somebody waits for.
    package func inBackground<Success: Sendable>(
        _ body: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try await pool.run(in: .background, body)
    }

    // MARK: Recall and maintenance

    /// What recall is on questions that are really asked; told only where `EngineConfiguration.recallSampling` says
    /// so.
    package func recall(in scope: WorkspaceScope) async throws -> RecallReport {
        try await pool.run { try self.library.workspace(in: scope).recallReport }
    }

    /// Measures recall on the questions kept, now and not when it is due, and does whatever else is to do.
    package func measureRecall(in scope: WorkspaceScope) async throws -> RecallReport {
        try await pool.run(in: .maintenance) {
            let workspace = try self.library.workspace(in: scope)
            try workspace.measureRecall()
            return workspace.recallReport
        }
    }

    /// Seals what a close would seal, and does now what maintenance would do in time: training, compaction.
    ///
    /// For who is about to leave the workspace to others. Costs seconds for each hundred thousand passages, and
    /// next to nothing where all was done before.
    package func settle(in scope: WorkspaceScope) async throws {
        try await pool.run(in: .maintenance) { try self.library.settle(in: scope) }
    }

    /// Stops maintenance, seals what is worth sealing and closes every file. Nothing else may be running.
    package func close() async throws {
        await runnerPlace.withLock { $0 }?.stop()
        library.stopMaintenance()
        // The lane does one thing at a time: when this has its turn, the step that was being done has ended.
        try await pool.run(in: .maintenance) { try self.library.close() }
    }
}
