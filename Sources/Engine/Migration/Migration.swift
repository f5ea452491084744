import Embedding
import Kernels
import Store
import Synchronization
import VectorIndex

/// Takes one workspace from its live space to another, while it is searched and ingested into.
///
/// Vectors are stored batch by batch, then the index is built, and both catch up with what was committed meanwhile
/// until one transaction finds nothing missing and swaps the spaces. Nothing but the Store knows how far it is, so a
/// run that was killed anywhere is simply followed by another. Nobody waits for it: an ingest whose document was
/// read for the old space meets a commit that is refused, and reads it again for the new one.
///
/// A text that the model refuses keeps no other from being embedded, but it keeps the spaces from being swapped: the
/// new one would be a space in which a passage cannot be found, and nobody would be told.
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

    /// Refused texts after which a run gives up. Where there are so many it is not the texts that want mending, and
    /// going on may cost money.
    private static let refusedTextsMax = 1_000

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
                guard work.isHopeless else { return result(.paused, work) }
                return result(.blocked, work, try await refusedPassages(work))
            }
            through = embedded
            let refused = try await refusedPassages(work)
            guard refused.isEmpty else { return result(.blocked, work, refused) }
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

    private func result(
        _ outcome: MigrationReport.Outcome, _ work: Work, _ refused: [RefusedPassage] = []
    ) -> MigrationReport {
        MigrationReport(
            outcome: outcome, from: EmbeddingSpace(from.key), to: EmbeddingSpace(target.key),
            progress: work.progress, refusedPassages: refused)
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

        /// Why texts were refused in this run.
        var refusals: [ContentDigest: String] = [:]

        var isHopeless: Bool { refusals.count >= Migration.refusedTextsMax }

        mutating func add(_ texts: [UnembeddedText]) {
            for text in texts where refusals[text.digest] == nil {
                if waitingDigests.insert(text.digest).inserted { waiting.append(text) }
            }
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
    /// - Returns: the log's end when it began; nil if the budget ended first, or too much was refused.
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

    /// False if the budget does not allow all of the batch, or too much was refused.
    private func embedBatch(_ work: inout Work) async throws -> Bool {
        let texts = work.take(Self.textsPerBatch)
        let tokensLeft = tokensMax.map { $0 - work.progress.tokenCount }
        let (embedder, batch) = try await pool.run(in: .background) {
            let embedder = try self.embedder()
            return (embedder, EmbeddingBatch(texts, by: embedder, tokensMax: tokensLeft))
        }
        guard !batch.texts.isEmpty else { return false }
        let stored = Mutex(0)
        let refused = try await embedder.embed(batch.texts.map(\.content.text), as: .passage) { part in
            try await self.keep(part, of: batch)
            stored.withLock { $0 += part.indexes.count }
        }
        let storedCount = stored.withLock { $0 }
        guard storedCount + refused.count == batch.texts.count else {
            throw EngineError.embeddingShape(
                expected: [batch.texts.count - refused.count, target.key.dimension],
                found: [storedCount, target.key.dimension])
        }
        for refusal in refused { work.refusals[batch.texts[refusal.index].content.digest] = refusal.reason }
        work.progress.add(batch, without: Set(refused.map(\.index)))
        report(.embedded(work.progress))
        return batch.texts.count == texts.count && !work.isHopeless
    }

    private func keep(_ part: EmbeddedPart, of batch: EmbeddingBatch) async throws {
        let (store, target, matrix) = (store, target, part.matrix)
        guard matrix.rowCount == part.indexes.count, matrix.dimension == target.key.dimension else {
            throw EngineError.embeddingShape(
                expected: [part.indexes.count, target.key.dimension],
                found: [matrix.rowCount, matrix.dimension])
        }
        try await pool.run(in: .background) {
            let embeddings = zip(0..., part.indexes).map {
                NewEmbedding(text: batch.texts[$1].content.digest, vector: matrix.row($0))
            }
            try store.storeEmbeddings(embeddings, in: target.id, role: .passage)
        }
    }

    // MARK: What the model refuses

    /// The passages of live documents that were refused: all that have no vector once everything was tried.
    ///
    /// Looked for among all rows, for a text may stand in several, and documents may have changed since it was tried.
    private func refusedPassages(_ work: Work) async throws -> [RefusedPassage] {
        guard !work.refusals.isEmpty else { return [] }
        let (store, space) = (store, target.id)
        let through = try await pool.run(in: .background) { try store.currentSequence() }
        var (found, cursor): ([RefusedPassage], BirthCursor?) = ([], BirthCursor(after: .zero))
        while let from = cursor, found.count < MigrationReport.refusedPassagesMax {
            let page = try await pool.run(in: .background) {
                try self.check()
                let page = try store.unembedded(
                    in: space, from: from, through: through, limit: Self.rowsPerPage)
                return (passages: try self.refused(page.texts, work.refusals), next: page.next)
            }
            found += page.passages
            cursor = page.next
        }
        return Array(found.prefix(MigrationReport.refusedPassagesMax))
    }

    private func refused(
        _ texts: [UnembeddedText], _ reasons: [ContentDigest: String]
    ) throws -> [RefusedPassage] {
        try texts.compactMap { text in
            guard let reason = reasons[text.digest], let passage = try store.passages([text.row]).first,
                passage.died == nil
            else { return nil }
            return RefusedPassage(path: passage.externalID, lines: passage.lineRange, reason: reason)
        }
    }
}

extension MigrationProgress {
    /// Counts a batch, and apart those of its texts that were refused.
    fileprivate mutating func add(_ batch: EmbeddingBatch, without refused: Set<Int>) {
        refusedCount += refused.count
        for (index, text) in batch.texts.enumerated() where !refused.contains(index) {
            embeddedCount += 1
            tokenCount += text.tokenCount
            truncatedCount += text.isTruncated ? 1 : 0
        }
    }
}

/// As many texts as a budget allows, and what they cost.
private struct EmbeddingBatch: Sendable {
    var texts: [(content: UnembeddedText, tokenCount: Int, isTruncated: Bool)] = []

    /// - Parameter tokensMax: nil for no bound.
    init(_ texts: [UnembeddedText], by embedder: any Embedder, tokensMax: Int?) {
        var sum = 0
        for text in texts {
            let wanted = embedder.tokenCount(of: text.text) + embedder.specialTokenCount
            let read = min(wanted, embedder.windowTokens)
            guard sum + read <= tokensMax ?? .max else { return }
            sum += read
            self.texts.append((text, read, wanted > read))
        }
    }
}
