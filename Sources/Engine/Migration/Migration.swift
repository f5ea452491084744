import Embedding
import Kernels
import Store
import VectorIndex

/// Takes one workspace from its live space to another, while it is searched and ingested into.
///
/// Vectors are stored batch by batch, then the index is built, and both catch up with what was committed meanwhile
/// until one transaction finds nothing missing and swaps the spaces. Nothing but the Store knows how far it is, so a
/// run that was killed anywhere is simply followed by another. Nobody waits for it: an ingest whose document was
/// read for the old space meets a commit that is refused, and reads it again for the new one.
struct Migration: Sendable {
    let workspace: Workspace

    /// Building, or previous.
    let target: SpaceRecord
    let from: SpaceRecord

    /// Asked for when there is something to embed, and not before: the way back may need none.
    let embedder: @Sendable () throws -> any Embedder
    let pool: ComputePool

    /// The most that this run may embed; nil for all.
    let tokensMax: Int?

    /// Throws once the workspace is deleted.
    let check: @Sendable () throws -> Void
    let report: @Sendable (MigrationEvent) -> Void

    /// Texts embedded and stored at a time: what a kill may have to be paid for again.
    private static let textsPerBatch = 128

    /// Rows looked at in one reading.
    private static let rowsPerPage = 512

    private var store: WorkspaceStore { workspace.store }

    func run() async throws -> MigrationReport {
        let store = store
        let passageCount = try await pool.run(in: .background) { try store.statistics().chunkCount }
        var work = Work(progress: MigrationProgress(passageCount: passageCount))
        report(
            .began(
                from: EmbeddingSpace(from.key), to: EmbeddingSpace(target.key), passageCount: passageCount))
        var through = SequenceNumber.zero
        while true {
            guard let embedded = try await embedMissing(after: through, &work) else {
                return result(.paused, work)
            }
            through = embedded
            let hasWorked = try await pool.run(in: .maintenance) {
                try self.index.cover(through: embedded)
            }
            if hasWorked {
                report(.indexed)
                // That took a while: catch up once more before trying.
                continue
            }
            if try await cutOver(embeddedThrough: embedded) { break }
        }
        report(.cutOver)
        return result(.finished, work)
    }

    private func result(_ outcome: MigrationReport.Outcome, _ work: Work) -> MigrationReport {
        MigrationReport(
            outcome: outcome, from: EmbeddingSpace(from.key), to: EmbeddingSpace(target.key),
            progress: work.progress)
    }

    private var index: SpaceIndexBuilder {
        SpaceIndexBuilder(
            store: store, space: target, configuration: workspace.configuration, check: check, report: report)
    }

    /// False if something was committed meanwhile that has no vector yet.
    private func cutOver(embeddedThrough: SequenceNumber) async throws -> Bool {
        let (store, space) = (store, target.id)
        return try await pool.run(in: .background) {
            do {
                _ = try store.cutOver(to: space, embeddedThrough: embeddedThrough)
                return true
            } catch StoreError.spaceIncomplete {
                return false
            }
        }
    }

    // MARK: Embedding

    /// What is in hand.
    private struct Work {
        var progress: MigrationProgress
        var waiting: [UnembeddedText] = []
        var waitingDigests: Set<ContentDigest> = []

        mutating func add(_ texts: [UnembeddedText]) {
            for text in texts where waitingDigests.insert(text.digest).inserted { waiting.append(text) }
        }

        mutating func take(_ count: Int) -> [UnembeddedText] {
            let taken = Array(waiting.prefix(count))
            waiting.removeFirst(taken.count)
            waitingDigests.subtract(taken.map(\.digest))
            return taken
        }
    }

    /// Embeds every text of the live versions born since that has no vector in the target.
    ///
    /// - Returns: the log's end when it began; nil if the budget ended first.
    private func embedMissing(
        after: SequenceNumber, _ work: inout Work
    ) async throws -> SequenceNumber? {
        let (store, space) = (store, target.id)
        let through = try await pool.run(in: .background) { try store.currentSequence() }
        var cursor: BirthCursor? = BirthCursor(after: after)
        while let from = cursor {
            try Task.checkCancellation()
            let page = try await pool.run(in: .background) {
                try self.check()
                return try store.unembedded(
                    in: space, from: from, through: through, limit: Self.rowsPerPage)
            }
            work.progress.passedCount += page.rowCount
            work.add(page.texts)
            cursor = page.next
            while work.waiting.count >= (cursor == nil ? 1 : Self.textsPerBatch) {
                guard try await embedBatch(&work) else { return nil }
            }
        }
        work.progress.passageCount = max(work.progress.passageCount, work.progress.passedCount)
        return through
    }

    /// False if the budget does not allow all of the batch.
    private func embedBatch(_ work: inout Work) async throws -> Bool {
        let texts = work.take(Self.textsPerBatch)
        let tokensLeft = tokensMax.map { $0 - work.progress.tokenCount }
        let (store, target) = (store, target)
        let (embedder, batch) = try await pool.run(in: .background) {
            let embedder = try self.embedder()
            return (embedder, EmbeddingBatch(texts, by: embedder, tokensMax: tokensLeft))
        }
        guard !batch.texts.isEmpty else { return false }
        let matrix = try await embedder.embed(batch.texts.map(\.text), as: .passage)
        guard matrix.rowCount == batch.texts.count, matrix.dimension == target.key.dimension else {
            throw EngineError.embeddingShape(
                expected: [batch.texts.count, target.key.dimension],
                found: [matrix.rowCount, matrix.dimension])
        }
        try await pool.run(in: .background) {
            let embeddings = zip(0..., batch.texts).map {
                NewEmbedding(text: $1.digest, vector: matrix.row($0))
            }
            try store.storeEmbeddings(embeddings, in: target.id, role: .passage)
        }
        work.progress.embeddedCount += batch.texts.count
        work.progress.tokenCount += batch.tokenCount
        work.progress.truncatedCount += batch.truncatedCount
        report(.embedded(work.progress))
        return batch.texts.count == texts.count
    }
}

/// As many texts as a budget allows, and what they cost.
private struct EmbeddingBatch: Sendable {
    var texts: [UnembeddedText] = []
    var tokenCount = 0
    var truncatedCount = 0

    /// - Parameter tokensMax: nil for no bound.
    init(_ texts: [UnembeddedText], by embedder: any Embedder, tokensMax: Int?) {
        for text in texts {
            let wanted = embedder.tokenCount(of: text.text) + embedder.specialTokenCount
            let read = min(wanted, embedder.windowTokens)
            guard tokenCount + read <= tokensMax ?? .max else { return }
            self.texts.append(text)
            tokenCount += read
            truncatedCount += wanted > read ? 1 : 0
        }
    }
}
