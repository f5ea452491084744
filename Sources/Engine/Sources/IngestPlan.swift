import Documents
import Embedding
import Kernels
import Store

/// What an ingest would do: counted without embedding or writing anything.
package struct IngestPlan: Sendable, Equatable {
    /// All that would be read, those that have not changed and those that would fail among them.
    package var documentCount = 0
    package var unchangedCount = 0
    package var failureCount = 0
    package var skippedCount = 0
    package var byteCount = 0

    /// Of the documents that would be ingested.
    package var chunkCount = 0
    package var tokenCount = 0

    /// Texts whose vectors are not there yet, and their tokens: what is paid for. A text that stands in two documents
    /// counts twice; it would be embedded once, unless both are worked on at the same moment.
    package var embeddedCount = 0
    package var embeddedTokenCount = 0

    package init() {}
}

/// Which documents an ingest into a workspace would find there. Reads only.
private struct PlannedWorkspace: Sendable {
    let store: WorkspaceStore
    let space: SpaceRecord
}

extension Engine {
    /// Reads all that a source has, and says what an ingest of it would do.
    ///
    /// - Parameters:
    ///   - scope: nil for a workspace that is still to be made.
    ///   - report: called with what each document would come to, one call at a time.
    /// - Throws: what the source throws; `EngineError.spaceMismatch`.
    package func plan(
        _ source: any IngestSource, in scope: WorkspaceScope?,
        report: @Sendable (IngestPlan) -> Void = { _ in }
    ) async throws -> IngestPlan {
        let (workspace, reader) = try await pool.run(in: .background) {
            () -> (PlannedWorkspace?, DocumentReader) in
            guard let scope else { return (nil, try self.reader(for: nil)) }
            let store = try self.library.workspace(in: scope).store
            // Without vectors yet it is as one that is still to be made.
            guard let space = try store.space(.live) else { return (nil, try self.reader(for: nil)) }
            return (
                PlannedWorkspace(store: store, space: space),
                try self.reader(for: (EmbeddingSpace(space.key), scope.name))
            )
        }
        var plan = IngestPlan()
        while let step = try await source.next(on: pool) {
            try Task.checkCancellation()
            switch step {
            case .skipped: plan.skippedCount += 1
            case .failed(_, let byteCount, _):
                plan.documentCount += 1
                plan.failureCount += 1
                plan.byteCount += byteCount
            case .item(let item):
                plan = await adding(item, to: plan, in: workspace, reader)
            }
            report(plan)
        }
        return plan
    }

    private func adding(
        _ item: IngestItem, to plan: IngestPlan, in workspace: PlannedWorkspace?, _ reader: DocumentReader
    ) async -> IngestPlan {
        var plan = plan
        plan.documentCount += 1
        do {
            let (content, isUnchanged) = try await pool.run(in: .background) {
                let content = try DocumentContent(item.load(), named: item.mediaType)
                let live = try workspace?.store.document(externalID: item.path)
                let isUnchanged = workspace.flatMap { workspace in
                    live.map { item.isUnchanged(from: $0, content, reader: reader, space: workspace.space) }
                }
                return (content, isUnchanged ?? false)
            }
            plan.byteCount += content.bytes.count
            if isUnchanged {
                plan.unchangedCount += 1
                return plan
            }
            let rendition = try await renderer.rendition(of: content)
            let before = plan
            return try await pool.run(in: .background) {
                var after = before
                try after.add(reader.read(content, rendition: rendition), in: workspace)
                return after
            }
        } catch {
            plan.failureCount += 1
            return plan
        }
    }

    private func reader(for workspace: (space: EmbeddingSpace, name: String)?) throws -> DocumentReader {
        let embedder =
            try workspace.map { try embedders.embedder(of: $0.space, for: $0.name) } ?? embedders.standard()
        return DocumentReader(policy: chunking, embedder: embedder)
    }
}

extension IngestPlan {
    fileprivate mutating func add(_ read: DocumentReading, in workspace: PlannedWorkspace?) throws {
        chunkCount += read.chunks.count
        tokenCount += read.tokenCount
        var texts: [ContentDigest: Int] = [:]
        for chunk in read.chunks { texts[ContentDigest(of: chunk.text)] = chunk.tokenCount }
        let missing =
            try workspace.map {
                try $0.store.missingEmbeddings(in: $0.space.id, role: .passage, of: Array(texts.keys))
            } ?? Set(texts.keys)
        embeddedCount += missing.count
        embeddedTokenCount += missing.reduce(0) { $0 + (texts[$1] ?? 0) }
    }
}

extension IngestItem {
    /// Whether the live version is what an ingest would make of the bytes again.
    func isUnchanged(
        from live: DocumentRecord, _ content: DocumentContent, reader: DocumentReader, space: SpaceRecord
    ) -> Bool {
        live.version.content == content.digest && reader.accepts(live.version.fingerprint, in: space.key)
            && live.mediaType == content.mediaType.rawValue
            && live.attributes[DocumentAttribute.given]?.string == given.digest
    }
}
