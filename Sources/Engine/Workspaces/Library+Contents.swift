package import Documents
package import Foundation
import Store

/// A document as a list shows it.
package struct DocumentSummary: Sendable, Hashable {
    /// Its place in the order in which documents were first ingested; the key of a listing.
    package var ordinal: Int64
    package var id: String
    package var path: String
    package var mediaType: String
    package var title: String?

    /// What its front matter says, what came beside it, and what was set since.
    package var attributes: [String: AttributeValue]
    package var version: Int

    /// Grows with every change of the document, its deletion included.
    package var revision: Int64
    package var byteCount: Int
    package var chunkCount: Int
    package var tokenCount: Int

    /// Of the original bytes, as 64 hexadecimal digits.
    package var sha256: String

    /// Of the text that the original was turned into; nil where it is text itself.
    package var renditionSHA256: String?
    package var createdAt: Date
    package var updatedAt: Date

    /// As JSON.
    package var plainAttributes: [String: PlainValue] { attributes.mapValues(\.plain) }
}

extension Library {
    private static var documentsPerPage: Int { 256 }

    /// Documents in the order in which they were first ingested; the next page begins after the last one's
    /// `ordinal`.
    package func documents(
        in scope: WorkspaceScope, after ordinal: Int64 = 0, limit: Int
    ) throws -> [DocumentSummary] {
        try workspace(in: scope).store.documents(after: ordinal, limit: limit).map { DocumentSummary($0) }
    }

    /// - Throws: `EngineError.documentNotFound`.
    package func document(_ reference: DocumentReference, in scope: WorkspaceScope) throws -> DocumentSummary
    {
        try DocumentSummary(record(reference, in: scope))
    }

    /// The document's original bytes, as they came, of the version that the summary is of.
    ///
    /// - Throws: `EngineError.documentNotFound`; `StoreError.blobDamaged`.
    package func original(
        of reference: DocumentReference, in scope: WorkspaceScope
    ) throws -> (document: DocumentSummary, bytes: [UInt8]) {
        let record = try record(reference, in: scope)
        let bytes = try workspace(in: scope).store.readBlob(record.version.content)
        return (DocumentSummary(record), bytes)
    }

    /// The text that citations of the document are ranges of: its rendition, or where it has none, the original.
    ///
    /// - Throws: `EngineError.documentNotFound`; `StoreError.blobDamaged`.
    package func rendition(
        of reference: DocumentReference, in scope: WorkspaceScope
    ) throws -> (document: DocumentSummary, bytes: [UInt8], mediaType: String) {
        let record = try record(reference, in: scope)
        let version = record.version
        let bytes = try workspace(in: scope).store.readBlob(version.rendition?.content ?? version.content)
        let isText = MediaType(rawValue: record.mediaType)?.isText ?? true
        let mediaType = isText ? record.mediaType : MediaType.markdown.rawValue
        return (DocumentSummary(record), bytes, mediaType)
    }

    /// Takes a document away: no search finds it from now on.
    ///
    /// - Throws: `EngineError.documentNotFound`, `.preconditionFailed`.
    package func deleteDocument(
        _ reference: DocumentReference, if precondition: DocumentPrecondition = .none,
        key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) throws {
        try deleteDocument(reference, if: precondition, key: key, noting: { _ in nil }, in: scope)
    }

    /// - Parameter checkpoint: what a job says of it, written in the same transaction.
    func deleteDocument(
        _ reference: DocumentReference, if precondition: DocumentPrecondition, key: IdempotencyKey? = nil,
        noting checkpoint: (DocumentRecord) throws -> JobCheckpoint?, in scope: WorkspaceScope
    ) throws {
        let store = try workspace(in: scope).store
        let lock = try IngestLock(joining: directory(of: scope.workspaceID)) {}
        defer { withExtendedLifetime(lock) {} }
        try requireActive(scope)
        // Sent again, it would not find what it deleted.
        if let key, try store.job(of: key.request) != nil { return }
        let record = try record(reference, in: scope)
        try precondition.check(record.revision)
        do {
            let expected = precondition == .none ? nil : record.revision
            _ = try store.deleteDocument(
                record.id, expectedRevision: expected, checkpoint: checkpoint(record), key: key?.request)
        } catch StoreError.requestRepeated {
            return
        } catch StoreError.documentNotFound {
            throw EngineError.documentNotFound(reference.text)
        } catch StoreError.versionConflict(_, _, let found) {
            throw EngineError.preconditionFailed(foundRevision: found)
        }
    }

    func record(_ reference: DocumentReference, in scope: WorkspaceScope) throws -> DocumentRecord {
        guard let found = try workspace(in: scope).document(reference) else {
            throw EngineError.documentNotFound(reference.text)
        }
        return found
    }

    /// Calls `body` with every document, in the order in which they were first ingested.
    package func forEachDocument(
        in scope: WorkspaceScope, _ body: (DocumentSummary) throws -> Void
    ) throws {
        try forEachRecord(in: scope) { try body(DocumentSummary($0)) }
    }

    /// Calls `body` with the citation of every chunk, document by document, or of a sample.
    ///
    /// - Parameter sample: so many chunks, or all if there are fewer, chosen by a seeded generator: every
    ///   chunk is as likely as every other.
    package func forEachCitation(
        in scope: WorkspaceScope, sample: (count: Int, seed: UInt64)? = nil, _ body: (Citation) throws -> Void
    ) throws {
        let store = try workspace(in: scope).store
        var sampler = try sample.map {
            SelectionSampler(wanted: $0.count, outOf: try store.statistics().chunkCount, seed: $0.seed)
        }
        try forEachRecord(in: scope) { record in
            let chosen = (0..<record.version.rows.count).filter { _ in sampler?.takesNext() ?? true }
            guard let first = chosen.first, let last = chosen.last else { return }
            let wanted = Set(chosen)
            for passage in try store.passages(of: record.version, ordinals: first..<last + 1)
            where wanted.contains(passage.ordinal) {
                try body(Citation(passage))
            }
        }
    }

    private func forEachRecord(in scope: WorkspaceScope, _ body: (DocumentRecord) throws -> Void) throws {
        let store = try workspace(in: scope).store
        var after: Int64 = 0
        while true {
            let page = try store.documents(after: after, limit: Self.documentsPerPage)
            for record in page { try body(record) }
            guard let last = page.last else { return }
            after = last.ordinal
        }
    }
}

extension DocumentSummary {
    init(_ record: DocumentRecord) {
        self.init(
            ordinal: record.ordinal, id: record.id.rawValue, path: record.externalID,
            mediaType: record.mediaType, title: record.title,
            attributes: record.attributes.filter { !DocumentAttribute.all.contains($0.key) },
            version: Int(record.version.number), revision: record.revision,
            byteCount: record.version.byteCount, chunkCount: record.version.rows.count,
            tokenCount: record.version.tokenCount,
            sha256: record.version.content.hex, renditionSHA256: record.version.rendition?.content.hex,
            createdAt: Date(record.createdAt),
            updatedAt: Date(record.updatedAt))
    }
}

extension DocumentReference {
    /// As it was written.
    var text: String {
        switch self {
        case .id(let id): id
        case .path(let path): path.text
        }
    }
}

/// Chooses k of n in one pass, each subset as likely as every other: algorithm S (Knuth, TAOCP 2, 3.4.2).
struct SelectionSampler: Sendable {
    private var wanted: Int
    private var remaining: Int
    private var state: UInt64

    init(wanted: Int, outOf count: Int, seed: UInt64) {
        self.wanted = min(wanted, count)
        remaining = count
        state = seed
    }

    mutating func takesNext() -> Bool {
        guard remaining > 0 else { return false }
        defer { remaining -= 1 }
        guard Int(next() % UInt64(remaining)) < wanted else { return false }
        wanted -= 1
        return true
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same on every machine.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Workspace {
    /// Nil if there is none with a committed version.
    func document(_ reference: DocumentReference) throws -> DocumentRecord? {
        switch reference {
        case .id(let id): try store.document(DocumentID(rawValue: id))
        case .path(let path): try store.document(externalID: path.text)
        }
    }
}
