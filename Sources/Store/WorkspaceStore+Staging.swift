package import Documents
import Foundation

extension WorkspaceStore {
    /// Bytes of UTF-8 in an external id: Linux's longest path.
    package static let externalIDBytesMax = 4096

    /// Begins a version: its rows are numbered, and nothing of it is visible until its commit.
    ///
    /// - Throws: `.externalIDInvalid`; `.spaceNotFound`; `.blobNotFound` unless the draft's bytes, and its rendition's,
    ///   were put before.
    package func begin(_ draft: VersionDraft) throws(StoreError) -> StagedVersion {
        try check(draft)
        let now = environment.now()
        return try database.write { try begin(draft, now: now, $0) }
    }

    /// Begins a version and stages all its chunks: one transaction for a document of up to `batchRowsMax`
    /// chunks.
    ///
    /// - Parameters:
    ///   - chunks: as many as the draft says, with the ordinals 0, 1, …
    ///   - source: what the chunks are ranges of: the rendition where the draft has one, else the original.
    package func begin(
        _ draft: VersionDraft, staging chunks: [Chunk], source: [UInt8]
    ) throws(StoreError) -> StagedVersion {
        try check(draft)
        let prepared = try prepare(chunks[...], source)
        let now = environment.now()
        let first = prepared.prefix(Self.batchRowsMax)
        let staged = try database.write { connection in
            let staged = try begin(draft, now: now, connection)
            try connection.stage(first, of: staged.version, sourceByteCount: source.count)
            environment.reached(.versionWritten)
            return staged
        }
        environment.reached(.versionDurable)
        try stage(prepared.dropFirst(Self.batchRowsMax), of: staged.version, sourceByteCount: source.count)
        return staged
    }

    /// Writes chunks of a staged version, in transactions of at most `batchRowsMax`; a chunk that is there
    /// already stays as it is, so a staging that broke off is simply repeated.
    ///
    /// - Throws: `.embeddingsMissing` with every text of the failed batch that has no vector;
    ///   `.versionNotStaged`; `.chunkOrdinalOutside`, `.chunkOutsideSource`, `.sourceLengthMismatch`.
    package func stage(_ chunks: [Chunk], of version: VersionID, source: [UInt8]) throws(StoreError) {
        try stage(prepare(chunks[...], source)[...], of: version, sourceByteCount: source.count)
    }

    private func stage(
        _ chunks: ArraySlice<PreparedChunk>, of version: VersionID, sourceByteCount: Int
    ) throws(StoreError) {
        for start in stride(from: chunks.startIndex, to: chunks.endIndex, by: Self.batchRowsMax) {
            let batch = chunks[start..<min(start + Self.batchRowsMax, chunks.endIndex)]
            try database.write { try $0.stage(batch, of: version, sourceByteCount: sourceByteCount) }
        }
    }

    func check(_ draft: VersionDraft) throws(StoreError) {
        try checkExternalID(draft.externalID)
        precondition(draft.chunkCount >= 0, "chunkCount must not be negative, found \(draft.chunkCount)")
    }

    /// The blob is looked for inside the transaction: the collector, too, unlinks only inside one, and only
    /// what no version names.
    func begin(
        _ draft: VersionDraft, now: Timestamp, _ connection: Connection
    ) throws -> StagedVersion {
        guard try SystemCalls.status(blobs.filePath(of: draft.content)) != nil else {
            throw StoreError.blobNotFound(draft.content)
        }
        if let rendition = draft.rendition {
            guard try SystemCalls.status(blobs.filePath(of: rendition.content)) != nil else {
                throw StoreError.blobNotFound(rendition.content)
            }
        }
        guard try connection.space(draft.space) != nil else { throw StoreError.spaceNotFound(draft.space) }
        let held = try connection.hold(draft, now: now)
        let rows = try connection.takeRows(draft.chunkCount)
        let version = try connection.insert(
            WorkspaceStatement.insertVersion, held.ordinal, draft.space.rawValue, now.milliseconds,
            draft.content.data, draft.byteCount, draft.fingerprint, draft.mediaType, draft.folder,
            draft.title,
            JSONColumn.text(of: draft.attributes), draft.expiresAt?.milliseconds, rows.lowerBound.rawValue,
            rows.count, draft.job?.rawValue, draft.rendition?.content.data, draft.rendition?.byteCount,
            draft.language)
        return StagedVersion(
            version: VersionID(rawValue: version), document: held.document, revision: held.revision,
            rows: rows)
    }

    /// Everything that can be computed before a transaction: the write lock is not held for hashing.
    func prepare(_ chunks: ArraySlice<Chunk>, _ source: [UInt8]) throws(StoreError) -> [PreparedChunk] {
        var prepared: [PreparedChunk] = []
        prepared.reserveCapacity(chunks.count)
        // Neighbors mostly stand under the same headings, and an encoder costs more than all the rest here.
        var last: (path: [String], text: String)?
        for chunk in chunks {
            guard source.indices.lowerBound <= chunk.byteRange.lowerBound,
                chunk.byteRange.upperBound <= source.count
            else { throw .chunkOutsideSource(byteCount: source.count, found: chunk.byteRange) }
            let headingPath =
                if let last, last.path == chunk.headingPath { last.text } else {
                    try perform { try JSONColumn.text(of: chunk.headingPath) }
                }
            last = (chunk.headingPath, headingPath)
            prepared.append(
                PreparedChunk(
                    chunk: chunk, headingPath: headingPath, textDigest: ContentDigest(of: chunk.text),
                    sourceDigest: ContentDigest(of: source[chunk.byteRange])))
        }
        return prepared
    }
}

/// A chunk and all that is computed of it before a transaction.
struct PreparedChunk {
    let chunk: Chunk
    let headingPath: String
    let textDigest: ContentDigest
    let sourceDigest: ContentDigest
}

/// A staged version's row, with what staging and committing must know of its document and space.
struct StagedState {
    let state: VersionState
    let space: SpaceID
    let rows: RowRange
    let content: ContentDigest
    let byteCount: Int
    let renditionByteCount: Int?
    let fingerprint: String
    let document: DocumentID
    let spaceState: SpaceState
    let documentOrdinal: Int64
    let currentVersion: VersionID?
    let revision: Int64
    let path: String

    /// Of the bytes that chunks are ranges of.
    var sourceByteCount: Int { renditionByteCount ?? byteCount }
}

extension Connection {
    func stagedState(of version: VersionID) throws -> StagedState {
        let found = try row(WorkspaceStatement.versionForStaging, version.rawValue) { reader in
            StagedState(
                state: try reader.choice(), space: SpaceID(rawValue: try reader.integer()),
                rows: try reader.rowRange(), content: try reader.digest(),
                byteCount: try reader.count(),
                renditionByteCount: try reader.optionalInteger().map { Int($0) },
                fingerprint: try reader.text(), document: DocumentID(rawValue: try reader.text()),
                spaceState: try reader.choice(), documentOrdinal: try reader.integer(),
                currentVersion: try reader.optionalInteger().map(VersionID.init(rawValue:)),
                revision: try reader.integer(), path: try reader.text())
        }
        guard let found else { throw StoreError.versionNotFound(version) }
        guard found.state == .staged else {
            throw StoreError.versionNotStaged(version, found: found.state)
        }
        return found
    }

    /// The document's row; a new one is inert, for it has no version.
    fileprivate func hold(
        _ draft: VersionDraft, now: Timestamp
    ) throws -> (ordinal: Int64, revision: Int64, document: DocumentID) {
        let found = try row(WorkspaceStatement.documentForPath, draft.externalID) { reader in
            let ordinal = try reader.integer()
            _ = try reader.optionalInteger()
            let revision = try reader.integer()
            return (ordinal: ordinal, revision: revision, document: DocumentID(rawValue: try reader.text()))
        }
        if let found { return found }
        let document = try freeDocumentID(for: draft.externalID)
        let ordinal = try insert(
            WorkspaceStatement.insertDocument, document.rawValue, draft.externalID, draft.mediaType,
            draft.folder,
            now.milliseconds)
        return (ordinal: ordinal, revision: 0, document: document)
    }

    /// The id of a new document: the path's own, unless documents that were moved away have taken it with them.
    private func freeDocumentID(for externalID: String) throws -> DocumentID {
        var generation = 0
        while true {
            let document = DocumentID(externalID: externalID, generation: generation)
            let taken = try row(WorkspaceStatement.ordinalOfDocument, document.rawValue) { try $0.integer() }
            if taken == nil { return document }
            generation += 1
        }
    }

    /// The next `count` row numbers. A version without chunks spends one too, so that ranges begin
    /// differently.
    fileprivate func takeRows(_ count: Int) throws -> RowRange {
        let state = try workspaceState()
        try run(WorkspaceStatement.takeRows, max(count, 1))
        return RowRange(lowerBound: state.nextRow, count: count)
    }

    fileprivate func stage(
        _ chunks: ArraySlice<PreparedChunk>, of version: VersionID, sourceByteCount: Int
    ) throws {
        let staged = try stagedState(of: version)
        guard staged.sourceByteCount == sourceByteCount else {
            throw StoreError.sourceLengthMismatch(expected: staged.sourceByteCount, found: sourceByteCount)
        }
        var missing: [ContentDigest] = []
        for prepared in chunks {
            guard let embedding = try embedding(staged.space, .passage, prepared.textDigest) else {
                missing.append(prepared.textDigest)
                continue
            }
            try insert(prepared, embedding: embedding, of: version, staged)
            try run(WorkspaceStatement.deleteUnreferenced, embedding)
        }
        guard missing.isEmpty else { throw StoreError.embeddingsMissing(missing) }
    }

    func insert(
        _ prepared: PreparedChunk, embedding: Int64, of version: VersionID, _ staged: StagedState
    ) throws {
        let chunk = prepared.chunk
        guard (0..<staged.rows.count).contains(chunk.ordinal) else {
            throw StoreError.chunkOrdinalOutside(expected: 0..<staged.rows.count, found: chunk.ordinal)
        }
        let id = ChunkID(
            document: staged.document, content: staged.content, fingerprint: staged.fingerprint,
            ordinal: chunk.ordinal)
        try run(
            WorkspaceStatement.insertChunk, staged.rows.lowerBound.rawValue + Int64(chunk.ordinal),
            version.rawValue, embedding, id.rawValue, chunk.byteRange.lowerBound, chunk.byteRange.upperBound,
            chunk.lineRange.lowerBound, chunk.lineRange.upperBound, chunk.tokenCount,
            prepared.sourceDigest.data,
            prepared.headingPath, chunk.text, chunk.page)
    }
}
