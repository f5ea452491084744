package import Embedding
package import Foundation

/// What the product refuses or cannot do.
///
/// The product's own verbs throw errors of the layers below (`StoreError`, `DocumentError`, those of an
/// embedder) as they are. `EngineError(translating:)` says all of them in the cases of this one enumeration,
/// for a door that answers each case in words of its own.
package enum EngineError: Error, Sendable, Equatable {
    // Fix your request: workspaces.
    case workspaceNotFound(String)
    case workspaceNameInvalid(String)
    case workspaceExists(String)

    /// The workspace's vectors live in another space than those of the embedder that was asked for, and the two must
    /// never be compared; or nobody asked for one, and the embedder of its space is not here: `found` is nil then.
    case spaceMismatch(workspace: String, expected: EmbeddingSpace, found: EmbeddingSpace?)
    case migrationRefused(MigrationRefusal)

    // Fix your request: keys.
    /// No such key, or not the right secret: which of the two is nobody's business.
    case keyUnknown
    case keyExpired(at: Date)
    case keyRevoked
    case permissionTooLow(found: Permission, needed: Permission)
    case operatorOnly
    case keyNotFound(String)
    case keyNameInvalid(byteCount: Int, byteCountMax: Int)
    case keyNameHoldsControl(UInt32)
    case keyLifetimeOutOfRange(foundSeconds: Int, allowed: ClosedRange<Int>)
    case tooManyKeys(countMax: Int)

    // Fix your request: questions.
    case emptyQuery
    case queryTooLong(byteCount: Int, byteCountMax: Int)

    /// The query does not fit the model's window; what is beyond would be lost in silence.
    case queryTokensOutOfRange(found: Int, max: Int)
    case limitOutOfRange(found: Int, allowed: ClosedRange<Int>)

    /// 0 < target ≤ 1.
    case recallTargetOutOfRange(found: Double)
    case nprobeOutOfRange(found: Int, allowed: ClosedRange<Int>)
    case filterInvalid(FilterFault)

    /// To find the documents more would have to be read than one filter may read.
    case filterTooBroad(rowsMax: Int)

    /// What is wrong with how the search was asked for.
    case search(SearchFault)

    // Fix your request: texts to embed, each named by its index in the request.
    case modelNotFound(String, served: [String])
    case dimensionUnsupported(found: Int, expected: Int)
    case inputCountOutOfRange(found: Int, allowed: ClosedRange<Int>)
    case inputEmpty(index: Int)

    /// In tokens, special ones included. What is beyond the model's window would be lost in silence.
    case inputTooLong(index: Int, found: Int, max: Int)
    case tooManyInputTokens(found: Int, max: Int)

    /// The id at `position` of an input is none of the model's, which are 0 to `vocabularyCount` - 1.
    case tokenUnknown(index: Int, position: Int, found: Int, vocabularyCount: Int)

    // Fix your request: documents.
    case pathNotFound(String)
    case unsupportedType(path: String, allowed: [String])
    case tooManyFiles(path: String, countMax: Int)
    case documentNotFound(String)
    case documentPathInvalid(DocumentPathRule)
    case attributesInvalid(AttributeFault)

    /// There is a document at the path already.
    case documentExists(String)

    /// The same path twice in one upload.
    case documentTwice(String)

    /// More at once than one step moves.
    case tooManyDocuments(countMax: Int)

    /// The workspace may hold `max` documents, or bytes; with this document, and what is being ingested beside it, it
    /// would hold `found`.
    case quotaExceeded(ofDocuments: Bool, found: Int, max: Int)
    case folderNotFound(String)

    // Fix your request: jobs.
    case jobNotFound(String)

    /// The workspace does not hold the documents' bytes: who ran the job must run it again.
    case jobNotResumable(String, kind: String)

    /// The job is still being done.
    case jobNotEnded(String)
    case requestKeyInvalid(byteCount: Int, byteCountMax: Int)

    /// The key was sent with another request before.
    case requestKeyReused

    /// The request was sent before, and is being done.
    case requestInProgress
    case documentTooLarge(byteCount: Int, byteCountMax: Int)
    case documentNotText(TextDefect)

    /// The document is not as the change presumes; `foundRevision` is nil if there is none.
    case preconditionFailed(foundRevision: Int64?)
    case mediaTypeUnsupported(found: String, allowed: [String])

    /// What is wrong with where documents come from.
    case source(SourceFault)

    case tooManyLines(found: Int, max: Int)

    /// The document is called one format and is of another, which is not read.
    case documentMismatched(named: String, found: String)
    case documentEncrypted(format: String)
    case documentDamaged(format: String, part: String)

    /// `what` is counted in the document and is beyond its bound; `found` where it is known.
    case documentOverLimit(what: String, found: Int?, max: Int)
    case documentWithoutText(pageCount: Int)

    /// Reading the document was broken off: it took too long or too much, or broke its parser.
    case rendererStopped(RendererStop)

    /// The document would fall into more passages than one document may have.
    case tooManyChunks(found: Int, max: Int)

    /// The embedder takes other passages and not this one, the first of those refused. Vectors of the others are
    /// kept. `reason` is in the embedder's words, which may quote the passage.
    case passageRefused(
        lines: ClosedRange<Int>, refusedCount: Int, passageCount: Int, reason: String)

    // Try again later.
    /// Others changed the same document at the same moment, every time it was tried.
    case documentContended

    /// The work was called off before it was done; nothing of it was changed.
    case cancelled

    /// Another process has held the database for longer than we wait.
    case storeBusy

    /// What was acknowledged is safe.
    case diskFull

    /// The embedder did not answer, or not rightly. `isRetriable` is false where trying again would not help:
    /// its address, key or model is wrong.
    case embedderFailed(isRetriable: Bool)

    // The machine, or the data, or we are at fault.
    /// The embedder answered with a matrix of another shape than it was asked for. Our bug, or the
    /// embedder's.
    case embeddingShape(expected: [Int], found: [Int])

    case dataDamaged(FaultDetail)
    case storageFailed(FaultDetail)

    /// What should not happen.
    case unexpected(FaultDetail)
}

/// Why bytes are not text that is read here.
package enum TextDefect: Sendable, Hashable {
    case encoding(found: String)
    case signature(format: String)
    case nulBytes(count: Int, byteCount: Int)
    case invalidUTF8(count: Int, byteCount: Int)
}

/// A fault in words that hold nothing of any document, question or key, so that a log may have them.
package struct FaultDetail: Sendable, Hashable {
    package let text: String

    init(_ text: String) {
        self.text = text
    }
}
