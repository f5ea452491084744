import Documents
import Embedding
import Kernels
import Store
import TextIndex

/// Takes documents in, one after the other or a few at once: read, compare, parse, chunk, embed, stage,
/// commit.
///
/// Every step is durable or repeatable. A document is committed whole or not at all; what was embedded for it
/// is kept even if the process dies before the commit. What its job says of it is written with what is kept of it.
struct IngestPipeline: Sendable {
    let workspace: Workspace
    let embedders: EmbedderShelf
    let chunking: ChunkingPolicy
    let renderer: any Renderer
    let pool: ComputePool
    let quotas: QuotaDesk

    /// Tries of one document that somebody else changes at the same moment, or whose space is not live any more when
    /// it is committed.
    private static let conflictTriesMax = 3

    /// What the next document is ingested with. Blocks.
    ///
    /// - Throws: `EngineError.spaceMismatch`.
    func model() throws -> IngestModel {
        try IngestModel(of: workspace, embedders: embedders, chunking: chunking)
    }

    /// A Store that cannot be asked will say so to the next document.
    func isCalledOff(_ job: JobRun) async -> Bool {
        if Task.isCancelled { return true }
        if let known = job.knownCancelled { return known }
        return (try? await pool.run { try job.isCancelled() }) ?? false
    }

    func outcome(of item: IngestItem, _ job: JobRun) async -> IngestEvent {
        do {
            let (byteCount, outcome) = try await ingest(item, of: job)
            return .finished(path: item.path, byteCount: byteCount, outcome: outcome)
        } catch {
            return .finished(path: item.path, byteCount: item.byteCount, outcome: .failed(error))
        }
    }

    /// Takes in one item, and tries again what may pass, as its machine says.
    func ingest(
        _ item: IngestItem, of job: JobRun
    ) async throws -> (byteCount: Int, outcome: DocumentOutcome) {
        defer { job.letGo(item) }
        while true {
            _ = job.apply(.started, to: item)
            do {
                return try await settleConflicts(item, job)
            } catch StoreError.jobItemEnded {
                // Called off, or a later write took its place: both are written already.
                throw EngineError.cancelled
            } catch {
                guard let pause = try await note(error, of: item, job) else { throw error }
                try await workspace.configuration.wait(pause)
            }
        }
    }

    /// Writes down that a try failed.
    ///
    /// - Returns: how long to wait before the next; nil if there is none.
    private func note(_ error: any Error, of item: IngestItem, _ job: JobRun) async throws -> Duration? {
        // A process that stops leaves the document as it was.
        if error is CancellationError || Task.isCancelled { return nil }
        let found = JobFailure(error, words: workspace.configuration.failureText)
        let event = ItemMachine.Event.refused(
            found.failure, isTransient: found.isTransient && job.kind != .put, chance: .random(in: 0...1))
        let pause = job.apply(event, to: item).firstWait
        // Who waits for the answer is told by it.
        guard job.kind != .put || job.isCreated else { return pause }
        let now = workspace.environment.now()
        try await pool.run(in: .background) {
            try job.write(
                item, retryAt: pause.map { Timestamp(milliseconds: now.milliseconds + $0.milliseconds) },
                adding: pause == nil ? [JobFigure.failed: 1] : [:])
        }
        return pause
    }

    private func settleConflicts(
        _ item: IngestItem, _ job: JobRun
    ) async throws -> (byteCount: Int, outcome: DocumentOutcome) {
        for _ in 1..<Self.conflictTriesMax {
            do {
                return try await attempt(item, job)
            } catch StoreError.versionConflict {
                _ = job.apply(.restarted, to: item)
            } catch StoreError.spaceNotLive {
                _ = job.apply(.restarted, to: item)
            }
        }
        return try await attempt(item, job)
    }

    private func attempt(
        _ item: IngestItem, _ job: JobRun
    ) async throws -> (byteCount: Int, outcome: DocumentOutcome) {
        let store = workspace.store
        let (model, content) = try await pool.run(in: .background) { () -> (IngestModel, DocumentContent?) in
            let model = try self.model()
            let content = try DocumentContent(item.load(), named: item.mediaType)
            let live = try store.document(externalID: item.path)
            try item.precondition.check(live?.revision)
            if let live, item.isUnchanged(from: live, content, reader: model.reader, space: model.space) {
                _ = job.apply(.foundUnchanged, to: item)
                try job.noteUnchanged(item)
                return (model, nil)
            }
            return (model, content)
        }
        guard let content else { return (item.byteCount, .unchanged) }
        let rendition = try await renderer.rendition(of: content)
        let read = try await pool.run(in: .background) {
            try model.reader.read(content, rendition: rendition)
        }
        let reservation = try await pool.run(in: .background) {
            let live = try store.document(externalID: item.path)
            return try quotas.reserve(item, byteCount: content.bytes.count, over: live, of: job)
        }
        do {
            let done = try await embedAndCommit(read, of: item, job, with: model)
            try await settle(reservation)
            return done
        } catch {
            // What cannot be settled now counts until its time is up.
            try? await settle(reservation)
            throw error
        }
    }

    private func settle(_ reservation: String?) async throws {
        guard let reservation else { return }
        try await pool.run(in: .background) { try quotas.settle(reservation) }
    }

    private func embedAndCommit(
        _ read: DocumentReading, of item: IngestItem, _ job: JobRun, with model: IngestModel
    ) async throws -> (byteCount: Int, outcome: DocumentOutcome) {
        _ = job.apply(.parsed(chunkCount: read.chunks.count, tokenCount: read.tokenCount), to: item)
        let embeddedCount = try await embedMissing(read.chunks, of: item, job, with: model)
        let (document, isReplacement) = try await pool.run(in: .background) {
            try self.commit(read, item: item, job, with: model)
        }
        _ = job.apply(.committed, to: item)
        return (
            read.content.bytes.count,
            .ingested(
                IngestedVersion(
                    documentID: document.id.rawValue, version: Int(document.version.number),
                    isReplacement: isReplacement, chunkCount: read.chunks.count,
                    embeddedCount: embeddedCount, tokenCount: read.tokenCount, notices: read.notices))
        )
    }

    /// Embeds the texts whose vectors the Store does not hold, each once, and stores every part as it comes.
    ///
    /// A text that is refused keeps no other from being embedded: all vectors of the document that can be had
    /// are stored before it fails, and when it is read again only what is missing is paid for.
    ///
    /// - Throws: `EngineError.passageRefused`; what the embedder throws.
    private func embedMissing(
        _ chunks: [Chunk], of item: IngestItem, _ job: JobRun, with model: IngestModel
    ) async throws -> Int {
        let store = workspace.store
        let (spaceID, embedder) = (model.space.id, model.embedder)
        let missing = try await pool.run(in: .background) { () -> [MissingText] in
            let texts = chunks.map { MissingText(digest: ContentDigest(of: $0.text), chunk: $0) }
            var wanted = try store.missingEmbeddings(in: spaceID, role: .passage, of: texts.map(\.digest))
            return texts.filter { wanted.remove($0.digest) != nil }
        }
        var refusals: [(chunk: Chunk, reason: String)] = []
        for start in stride(from: 0, to: missing.count, by: embedder.textsAtOnce) {
            try Task.checkCancellation()
            let batch = Array(missing[start..<min(start + embedder.textsAtOnce, missing.count)])
            let refused = try await embedder.embed(batch.map(\.chunk.text), as: .passage) { part in
                try await self.keep(part, of: batch, in: model.space, for: item, job)
            }
            refusals += refused.map { (batch[$0.index].chunk, $0.reason) }
        }
        if let first = refusals.first {
            throw EngineError.passageRefused(
                lines: first.chunk.lineRange, refusedCount: refusals.count, passageCount: chunks.count,
                reason: first.reason)
        }
        return missing.count
    }

    private struct MissingText: Sendable {
        let digest: ContentDigest
        let chunk: Chunk
    }

    private func keep(
        _ part: EmbeddedPart, of batch: [MissingText], in space: SpaceRecord, for item: IngestItem,
        _ job: JobRun
    ) async throws {
        let matrix = part.matrix
        guard matrix.rowCount == part.indexes.count, matrix.dimension == space.key.dimension else {
            throw EngineError.embeddingShape(
                expected: [part.indexes.count, space.key.dimension],
                found: [matrix.rowCount, matrix.dimension])
        }
        try await pool.run(in: .background) {
            let embeddings = zip(0..., part.indexes).map {
                NewEmbedding(text: batch[$1].digest, vector: matrix.row($0))
            }
            try job.create()
            _ = job.apply(.embedded(count: embeddings.count), to: item)
            let checkpoint = job.checkpoint(of: item, adding: [JobFigure.embedded: embeddings.count])
            try self.workspace.store.storeEmbeddings(
                embeddings, in: space.id, role: .passage, checkpoint: checkpoint)
        }
    }

    private func commit(
        _ read: DocumentReading, item: IngestItem, _ job: JobRun, with model: IngestModel
    ) throws -> (document: DocumentRecord, isReplacement: Bool) {
        let store = workspace.store
        let content = try store.putBlob(read.content.bytes)
        let rendition = try read.rendition.map { rendition in
            StoredRendition(content: try store.putBlob(rendition.text), byteCount: rendition.text.count)
        }
        var attributes = item.given.attributes.filled(from: read.attributes)
        attributes[DocumentAttribute.origin] = item.origin.map { .string($0) }
        attributes[DocumentAttribute.given] = item.given.digest.map { .string($0) }
        try job.create()
        let staged = try store.begin(
            VersionDraft(
                externalID: item.path, mediaType: read.content.mediaType.rawValue,
                folder: ExternalID.folder(of: item.path),
                title: item.given.title ?? read.title, attributes: attributes, content: content,
                byteCount: read.content.bytes.count, rendition: rendition,
                fingerprint: model.reader.fingerprint(in: model.space.key), space: model.space.id,
                chunkCount: read.chunks.count, language: read.language.rawValue, job: job.id),
            staging: read.chunks, source: read.rendition?.text ?? read.content.bytes)
        // From the version's beginning to its commit the revision stands still, or the commit fails: what holds
        // now holds then.
        if item.precondition != .none {
            try item.precondition.check(store.document(staged.document)?.revision)
        }
        let isNew = try staged.revision == 0 || store.document(staged.document) == nil
        let record = try store.commit(
            staged.version, expectedRevision: staged.revision,
            checkpoint: job.commitCheckpoint(of: item, isNew: isNew, read))
        _ = try workspace.withLiveIndex { keeper in
            try keeper.follow()
            try keeper.sealIfNeeded()
        }
        try workspace.followTexts()
        workspace.environment.reached(.commitFollowed)
        workspace.maintainSoon(on: pool)
        guard let document = try store.document(staged.document) else {
            throw StoreError.documentNotFound(found: staged.document.rawValue)
        }
        return (document, record.retiredVersion != nil)
    }
}

extension [ItemMachine.Action] {
    fileprivate var firstWait: Duration? {
        for case .wait(let pause) in self { return pause }
        return nil
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
