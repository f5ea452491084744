package import Documents

/// Where a document version stands. Only `live` is searched; `retired` is kept until the retention horizon.
package enum VersionState: String, Sendable {
    /// Being written; inert.
    case staged
    case live
    case retired
    /// Its chunks are being deleted, a bounded number at a time.
    case collecting
    /// Its chunks are gone; its row range stays until no segment holds those rows.
    case collected
}

/// What a new version of a document will be, before its chunks are staged.
package struct VersionDraft: Sendable, Equatable {
    /// The path within a source; unique in the workspace; 1 to 4,096 bytes of UTF-8 without NUL.
    package var externalID: String
    package var mediaType: String
    /// The folder the document lies in, empty for the root; compared exactly.
    package var folder: String
    package var title: String?
    package var attributes: [String: AttributeValue]
    package var content: ContentDigest
    package var byteCount: Int
    /// The text that chunks are cut from, where the original is none.
    package var rendition: StoredRendition?
    /// All that decides the chunks and vectors besides the bytes: parser, chunking options, space.
    package var fingerprint: String
    package var space: SpaceID
    package var chunkCount: Int
    /// What its words are stemmed by; nil where nobody said.
    package var language: String?
    package var expiresAt: Timestamp?
    /// The job whose death makes this version garbage.
    package var job: JobID?

    package init(
        externalID: String, mediaType: String, folder: String = "", title: String? = nil,
        attributes: [String: AttributeValue] = [:], content: ContentDigest, byteCount: Int,
        rendition: StoredRendition? = nil, fingerprint: String,
        space: SpaceID, chunkCount: Int, language: String? = nil, expiresAt: Timestamp? = nil,
        job: JobID? = nil
    ) {
        self.externalID = externalID
        self.mediaType = mediaType
        self.folder = folder
        self.title = title
        self.attributes = attributes
        self.content = content
        self.byteCount = byteCount
        self.rendition = rendition
        self.fingerprint = fingerprint
        self.space = space
        self.chunkCount = chunkCount
        self.language = language
        self.expiresAt = expiresAt
        self.job = job
    }
}

/// The blob of a text that an original was turned into.
package struct StoredRendition: Sendable, Equatable {
    package var content: ContentDigest
    package var byteCount: Int

    package init(content: ContentDigest, byteCount: Int) {
        self.content = content
        self.byteCount = byteCount
    }
}

/// A version that has begun: give it its chunks, then commit it.
package struct StagedVersion: Sendable, Equatable {
    package let version: VersionID
    package let document: DocumentID

    /// The document's revision when the version began, 0 for a new document; the commit's usual expectation.
    package let revision: Int64

    /// Where its chunks' rows will be.
    package let rows: RowRange
}

/// A document with a committed version, as it is now.
package struct DocumentRecord: Sendable, Equatable {
    /// The number that indexes know it by; never reused.
    package let ordinal: Int64
    package let id: DocumentID
    package let externalID: String
    package let mediaType: String
    package let folder: String
    package let title: String?
    package let attributes: [String: AttributeValue]
    /// Grows with every commit that touches the document.
    package let revision: Int64
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let expiresAt: Timestamp?
    package let version: VersionRecord
}

/// A committed version.
package struct VersionRecord: Sendable, Equatable {
    package let id: VersionID
    /// 1 for a document's first committed version.
    package let number: Int64
    package let content: ContentDigest
    package let byteCount: Int
    package let fingerprint: String
    /// The space that was live when the version was committed.
    package let space: SpaceID
    package let rows: RowRange
    package let tokenCount: Int
    package let born: SequenceNumber
    package let createdAt: Timestamp
    package let rendition: StoredRendition?
}

/// A chunk with all that a citation of it needs.
package struct Passage: Sendable, Equatable {
    package let row: RowNumber
    package let chunk: ChunkID
    package let document: DocumentID
    package let documentOrdinal: Int64
    package let externalID: String
    /// Title, attributes and media type as of the chunk's own version.
    package let title: String?
    package let attributes: [String: AttributeValue]
    package let mediaType: String
    package let version: VersionID
    package let versionNumber: Int64
    package let content: ContentDigest
    /// The chunk's place in its version, from 0.
    package let ordinal: Int
    package let byteRange: Range<Int>
    package let lineRange: ClosedRange<Int>
    package let headingPath: [String]
    package let tokenCount: Int
    /// Of the bytes at `byteRange`: of the rendition's where there is one, else of the original's.
    package let sourceDigest: ContentDigest
    /// The exact text that was embedded.
    package let text: String
    package let born: SequenceNumber
    /// Nil while the version is live.
    package let died: SequenceNumber?
    package let rendition: StoredRendition?
    /// The page on which the chunk begins; nil where there are none.
    package let page: Int?
    /// What its words are stemmed by; nil where nobody said.
    package let language: String?
}

/// Live documents and what is in them; kept current by every commit, so reading it is O(1).
package struct WorkspaceStatistics: Sendable, Equatable {
    package let sequence: SequenceNumber
    package let documentCount: Int
    package let chunkCount: Int
    package let tokenCount: Int
    /// Original bytes of the live versions.
    package let byteCount: Int
    /// The live space as of `sequence`; nil before the first ingest.
    package let liveSpace: SpaceRecord?
    /// The one that may be live next; nil if there is none.
    package let buildingSpace: SpaceRecord?
    let filterRevision: Int64

    /// Which documents match a filter changes with this.
    package var filterMoment: FilterMoment {
        FilterMoment(sequence: sequence, revision: filterRevision)
    }
}
