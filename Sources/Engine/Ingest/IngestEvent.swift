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
    case started(documentCount: Int, byteCount: Int, skippedPaths: [String])
    case finished(path: String, byteCount: Int, outcome: DocumentOutcome)
}

/// Where an ingest stands: events in, figures out. A pure value, so that a bar, a log and a test read the
/// same.
package struct IngestProgress: Sendable {
    package private(set) var documentCount = 0
    package private(set) var byteCount = 0
    package private(set) var skippedPaths: [String] = []
    package private(set) var ingestedCount = 0
    package private(set) var replacedCount = 0
    package private(set) var unchangedCount = 0
    package private(set) var finishedByteCount = 0
    package private(set) var chunkCount = 0
    package private(set) var embeddedCount = 0
    package private(set) var tokenCount = 0

    /// Paths that failed, each with its cause.
    package private(set) var failures: [(path: String, error: any Error)] = []

    package init() {}

    package var finishedCount: Int { ingestedCount + unchangedCount + failures.count }

    package mutating func apply(_ event: IngestEvent) {
        switch event {
        case .started(let documents, let bytes, let skipped):
            (documentCount, byteCount, skippedPaths) = (documents, bytes, skipped)
        case .finished(let path, let bytes, let outcome):
            finishedByteCount += bytes
            apply(outcome, path: path)
        }
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
            failures.append((path, error))
        }
    }
}
