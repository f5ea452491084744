import Foundation

/// Everything that can go wrong in the Store. The comment over each group says what it means for the caller.
package enum StoreError: Error, Sendable, Equatable {
    // Fix your request.
    case workspaceNameInvalid(found: String, violation: WorkspaceNameViolation)
    case workspaceExists(name: String)
    case workspaceNotFound(found: String)
    /// Deletion is begun by marking the workspace.
    case workspaceNotMarked(WorkspaceID)
    case keyNameInvalid(byteCount: Int, byteCountMax: Int)
    /// A name is shown in lists, and must not be able to forge a line of one.
    case keyNameHoldsControl(UInt32)
    case tooManyKeys(countMax: Int)
    case keyNotFound(KeyID)
    case externalIDInvalid(byteCount: Int, byteCountMax: Int)
    /// Text columns hold no NUL; `found` is the text up to it.
    case textHoldsNUL(found: String)
    case documentNotFound(found: String)
    case spaceNotFound(SpaceID)
    /// A space is building already; one at a time.
    case spaceBuilding(expected: SpaceKey, found: SpaceKey)
    /// The live space before this one is still kept; drop it first.
    case spaceKept(expected: SpaceKey, found: SpaceKey)
    case spaceStateMismatch(SpaceID, expected: [SpaceState], found: SpaceState)
    case dimensionMismatch(expected: Int, found: Int)
    case vectorNotFinite(text: ContentDigest)
    case versionNotFound(VersionID)
    case chunkOrdinalOutside(expected: Range<Int>, found: Int)
    case chunkOutsideSource(byteCount: Int, found: Range<Int>)
    case sourceLengthMismatch(expected: Int, found: Int)
    case jobNotFound(JobID)
    case jobExists(JobID)
    case jobItemExists(path: String)
    /// The key was another request's.
    case requestKeyReused(String)
    case tooManyDocuments(countMax: Int)
    /// `found` is what there would be, with all that is set aside for other work.
    case quotaExceeded(QuotaKind, found: Int, max: Int)
    /// There is a document at the path that another was to be moved to.
    case documentExists(externalID: String)
    /// Finding the documents would read more rows of indexes than one filter may.
    case filterTooBroad(rowsMax: Int)
    case segmentNotFound(SegmentNumber)
    case segmentStateMismatch(SegmentNumber, expected: SegmentState, found: SegmentState)
    /// This idempotency key was charged before; nothing of the refused commit happened.
    case chargeExists(ChargeID)

    // It is done already.
    /// The request was made before, and is that job; nothing more happened.
    case requestRepeated(JobID)
    /// The item of a job that the write was for has been called off, or done; nothing of the write happened.
    case jobItemEnded(path: String)

    // Try again: from the start of the document, or of the follower.
    /// Somebody else committed first. `found` is the document's revision now.
    case versionConflict(document: DocumentID, expected: Int64, found: Int64)
    /// The version was committed, or its staging was taken for dead and discarded.
    case versionNotStaged(VersionID, found: VersionState)
    /// Another space has become live since the version began: begin it again in that one.
    case spaceNotLive(SpaceID)
    /// A version was committed whose text has no vector in the space yet: embed it, then cut over.
    case spaceIncomplete(SpaceID)
    /// A chunk's text has no vector in the version's space: store it, then stage again.
    case embeddingsMissing([ContentDigest])
    /// Another process published a segment over the same commits first: open anew from the manifest.
    case segmentOverlaps(SegmentNumber, with: SegmentNumber)
    case stagingIncomplete(VersionID, expected: Int, found: Int)
    /// Put the blob, then begin again.
    case blobNotFound(ContentDigest)
    /// Deaths after `after` were forgotten: a follower standing there must open anew from segments and rows.
    case logTruncated(after: SequenceNumber, start: SequenceNumber)
    /// Another writer held the database for longer than the busy timeout.
    case busy(StorageFailure)
    case diskFull(StorageFailure)

    // This program is not the one that can open it.
    case schemaTooNew(path: String, found: Int, newestKnown: Int)
    case foreignDatabase(path: String, expected: Int32, found: Int32)

    // Data is damaged or gone.
    case workspaceFilesMissing(path: String)
    case blobDamaged(expected: ContentDigest, found: ContentDigest)
    case databaseDamaged(StorageFailure)

    // The machine refused.
    case storageFailed(StorageFailure)
}

/// Which rule a workspace name breaks. Names are 1 to 63 characters of `a-z 0-9 . _ -`, first a letter or a
/// digit.
package enum WorkspaceNameViolation: Sendable, Equatable {
    case empty
    case tooLong(characterCount: Int, characterCountMax: Int)
    case firstCharacter(found: Character)
    case character(found: Character)
    /// It has the form of a workspace's id: whoever names a workspace by its id must not meet another.
    case looksLikeID
}

/// What the layer below said, kept whole.
package enum StorageFailure: Error, Sendable, Equatable {
    /// SQLite's extended result code, its message and the statement, where there was one.
    case database(extendedCode: Int32, message: String, sql: String?)

    /// A system call on a file, with its `errno`.
    case file(FileFailure)
}

/// A system call that failed.
package struct FileFailure: Error, Sendable, Equatable {
    package enum Operation: String, Sendable {
        case create, write, sync, rename, open, read, unlink, status, list, makeDirectory, touch
    }

    package let operation: Operation
    package let path: String

    /// `errno`.
    package let code: Int32

    package init(operation: Operation, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }
}

extension FileFailure {
    /// Foundation's error, with the `errno` it wraps; `EIO` if it wraps none.
    init(operation: Operation, path: String, underlying: any Error) {
        let cause = (underlying as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        let code = cause?.domain == NSPOSIXErrorDomain ? cause?.code : nil
        self.init(operation: operation, path: path, code: code.map(Int32.init) ?? EIO)
    }

    var isDiskFull: Bool {
        code == ENOSPC || code == EDQUOT
    }
}

/// What of a workspace is bounded.
package enum QuotaKind: String, Sendable, Equatable {
    case documents, bytes
}
