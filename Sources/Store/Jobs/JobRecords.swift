package import Documents

/// Where a job stands.
package enum JobState: String, Sendable, CaseIterable {
    /// Its items are still being written down; nothing was promised yet.
    case receiving
    case queued, running
    /// Every item has ended well.
    case succeeded
    /// Every item has ended, and some have failed.
    case failed
    case cancelled
    /// Whoever did it died, and only he had the documents' bytes.
    case interrupted

    package var isEnded: Bool {
        switch self {
        case .receiving, .queued, .running: false
        case .succeeded, .failed, .cancelled, .interrupted: true
        }
    }
}

/// A piece of work that outlives the process doing it.
package struct JobRecord: Sendable, Equatable {
    /// Grows with every job; the key of a listing.
    package let ordinal: Int64
    package let id: JobID
    package let kind: String
    package let state: JobState
    /// What it works on, for example a folder.
    package let source: String
    /// JSON of the job's own making; nil before the first.
    package let checkpoint: String?
    package let counts: [String: Int]
    package let createdAt: Timestamp
    /// The last sign of life.
    package let updatedAt: Timestamp
    /// The number of its newest event.
    package let event: Int64
}

/// Where one document of a job stands.
package enum ItemState: String, Sendable, CaseIterable {
    case queued, parsing, embedding
    case ready, unchanged, deleted, failed

    package var isEnded: Bool {
        switch self {
        case .queued, .parsing, .embedding: false
        case .ready, .unchanged, .deleted, .failed: true
        }
    }
}

/// Why a document failed, in words for a person.
package struct ItemFailure: Sendable, Equatable {
    /// Bytes of a reason that are kept.
    package static let reasonBytesMax = 1_024

    /// The kind of failure, for programs.
    package let code: String
    package let reason: String
    /// Whether the same document may go through at another time.
    package let isRetriable: Bool

    package init(code: String, reason: String, isRetriable: Bool) {
        self.code = code
        self.reason =
            reason.utf8.count <= Self.reasonBytesMax
            ? reason : String(decoding: reason.utf8.prefix(Self.reasonBytesMax), as: UTF8.self)
        self.isRetriable = isRetriable
    }
}

/// One document of a job, as far as it does not change.
package struct JobItem: Sendable, Equatable {
    package var path: String
    package var mediaType: String
    package var attributes: [String: AttributeValue]
    package var origin: String?
    /// The bytes, where the Store holds them: then the item can be done without whoever brought it.
    package var content: ContentDigest?
    package var byteCount: Int

    package init(
        path: String, mediaType: String, attributes: [String: AttributeValue] = [:], origin: String? = nil,
        content: ContentDigest? = nil, byteCount: Int
    ) {
        self.path = path
        self.mediaType = mediaType
        self.attributes = attributes
        self.origin = origin
        self.content = content
        self.byteCount = byteCount
    }
}

/// What an item is from now on.
package struct ItemChange: Sendable, Equatable {
    package var item: JobItem
    package var state: ItemState
    package var attempts: Int
    package var retryAt: Timestamp?
    package var chunkCount: Int
    package var embeddedCount: Int
    package var tokenCount: Int
    package var failure: ItemFailure?

    package init(
        _ item: JobItem, _ state: ItemState, attempts: Int, retryAt: Timestamp? = nil, chunkCount: Int = 0,
        embeddedCount: Int = 0, tokenCount: Int = 0, failure: ItemFailure? = nil
    ) {
        self.item = item
        self.state = state
        self.attempts = attempts
        self.retryAt = retryAt
        self.chunkCount = chunkCount
        self.embeddedCount = embeddedCount
        self.tokenCount = tokenCount
        self.failure = failure
    }
}

/// One document of a job.
package struct JobItemRecord: Sendable, Equatable {
    /// Grows with every item; the key of a listing.
    package let id: Int64
    package let item: JobItem
    package let state: ItemState
    package let attempts: Int
    package let retryAt: Timestamp?
    package let chunkCount: Int
    package let embeddedCount: Int
    package let tokenCount: Int
    package let failure: ItemFailure?
    /// The number of the event that brought it here.
    package let event: Int64
    package let updatedAt: Timestamp
}

/// What makes a request the same as one before: a key that its sender chose, and a digest of all that it asks for.
package struct RequestKey: Sendable, Hashable {
    package let key: String
    package let request: ContentDigest

    package init(key: String, request: ContentDigest) {
        self.key = key
        self.request = request
    }
}

/// How far a job has come, written with what took it there.
package struct JobCheckpoint: Sendable, Equatable {
    package let job: JobID
    /// JSON of the job's own making; nil leaves it as it is.
    package let checkpoint: String?
    /// Added to the job's counts.
    package let counts: [String: Int]
    /// What has become of the item that the write is about.
    package let item: ItemChange?

    package init(
        job: JobID, checkpoint: String? = nil, counts: [String: Int] = [:], item: ItemChange? = nil
    ) {
        self.job = job
        self.checkpoint = checkpoint
        self.counts = counts
        self.item = item
    }
}
