package import Documents

/// What became of one document.
package enum DocumentOutcome: Sendable {
    /// A version was committed: chunks in all, and how many of them had to be embedded.
    case ingested(IngestedVersion)

    /// The same bytes, read the same way, are live already. Nothing was parsed, embedded or written.
    case unchanged

    /// Nothing of the document was changed.
    case failed(any Error)
}

/// The size of a version that was just committed.
package struct IngestedVersion: Sendable, Equatable {
    package var documentID: String
    package var version: Int
    /// Whether it took the place of a live version.
    package var isReplacement: Bool
    package var chunkCount: Int
    package var embeddedCount: Int
    package var tokenCount: Int
    package var notices: [ParseNotice]

    /// What was dropped or repaired, in words.
    package var noticeTexts: [String] { notices.map(\.words) }

    package init(
        documentID: String, version: Int, isReplacement: Bool, chunkCount: Int, embeddedCount: Int,
        tokenCount: Int, notices: [ParseNotice]
    ) {
        self.documentID = documentID
        self.version = version
        self.isReplacement = isReplacement
        self.chunkCount = chunkCount
        self.embeddedCount = embeddedCount
        self.tokenCount = tokenCount
        self.notices = notices
    }
}

/// The steps of an ingest, in the order in which they happened.
package enum IngestEvent: Sendable {
    /// The counts are 0 where nobody can tell before the source is read.
    case started(documentCount: Int, byteCount: Int, skippedPaths: [String])

    /// Something that is not read.
    case skipped(path: String)
    case finished(path: String, byteCount: Int, outcome: DocumentOutcome)

    /// A document that the source holds no more.
    case deleted(path: String)

    /// The rest of the source cannot be read.
    case interrupted(any Error)
}

/// Where an ingest stands: events in, figures out. A pure value, so that a bar, a log and a test read the
/// same.
package struct IngestProgress: Sendable {
    package private(set) var documentCount = 0
    package private(set) var byteCount = 0

    /// The first of those that are not read, and how many they are.
    package private(set) var skippedPaths: [String] = []
    package private(set) var skippedCount = 0
    package private(set) var ingestedCount = 0
    package private(set) var replacedCount = 0
    package private(set) var unchangedCount = 0
    package private(set) var deletedCount = 0
    package private(set) var finishedByteCount = 0
    package private(set) var chunkCount = 0
    package private(set) var embeddedCount = 0
    package private(set) var tokenCount = 0

    /// The first paths that failed, each with its cause, and how many there are.
    package private(set) var failures: [(path: String, error: any Error)] = []
    package private(set) var failureCount = 0

    /// Why the source was not read to its end.
    package private(set) var interruption: (any Error)?

    /// Paths that are kept of those skipped and of those that failed: nobody reads more, and a source may have
    /// millions.
    package static let pathsKeptMax = 10_000

    package init() {}

    package var finishedCount: Int { ingestedCount + unchangedCount + failureCount }

    package mutating func apply(_ event: IngestEvent) {
        switch event {
        case .started(let documents, let bytes, let skipped):
            (documentCount, byteCount) = (documents, bytes)
            for path in skipped { skip(path) }
        case .skipped(let path): skip(path)
        case .deleted: deletedCount += 1
        case .interrupted(let error): interruption = error
        case .finished(let path, let bytes, let outcome):
            finishedByteCount += bytes
            apply(outcome, path: path)
        }
    }

    /// So many documents were deleted beside the ingest.
    package mutating func noteDeleted(_ count: Int) {
        deletedCount += count
    }

    private mutating func skip(_ path: String) {
        skippedCount += 1
        if skippedPaths.count < Self.pathsKeptMax { skippedPaths.append(path) }
    }

    private mutating func apply(_ outcome: DocumentOutcome, path: String) {
        switch outcome {
        case .ingested(let version):
            ingestedCount += 1
            replacedCount += version.isReplacement ? 1 : 0
            chunkCount += version.chunkCount
            embeddedCount += version.embeddedCount
            tokenCount += version.tokenCount
        case .unchanged:
            unchangedCount += 1
        case .failed(let error):
            failureCount += 1
            if failures.count < Self.pathsKeptMax { failures.append((path, error)) }
        }
    }
}
