import Documents
import Embedding
import Foundation
import Store
import TextIndex
import VectorIndex

extension EngineError {
    /// Any error of the product's verbs, in the cases of this enumeration.
    ///
    /// What a cause says of a person's document or question is left out.
    package init(translating error: any Error) {
        self =
            switch error {
            case let error as EngineError: error
            case let error as DocumentError: EngineError(error)
            case let error as StoreError: EngineError(error)
            case let error as any EmbedderFailure: .embedderFailed(isRetriable: error.isRetriable)
            case let error as VectorIndexError: EngineError(error)
            case let error as TextIndexError: EngineError(error)
            case let error as POSIXError: EngineError(error)
            case is CancellationError: .cancelled
            default: .unexpected(FaultDetail("\(type(of: error))"))
            }
    }

    private init(_ error: DocumentError) {
        self =
            switch error {
            case .tooLarge(let found, let most): .documentTooLarge(byteCount: found, byteCountMax: most)
            case .unsupportedEncoding(let found): .documentNotText(.encoding(found: found.rawValue))
            case .tooManyLines(let found, let most): .tooManyLines(found: found, max: most)
            case .contentMismatch(let named, let found):
                .documentMismatched(named: named.formatName, found: found)
            case .encrypted(let type): .documentEncrypted(format: type.formatName)
            case .damaged(let type, let part): .documentDamaged(format: type.formatName, part: part)
            case .overLimit(_, .memory, _, let most):
                .rendererStopped(.memory(mebibytes: most / 1_048_576))
            case .overLimit(_, let limit, let found, let most):
                .documentOverLimit(what: limit.words, found: found, max: most)
            case .noText(let pageCount): .documentWithoutText(pageCount: pageCount)
            case .notText(.signature(let format)): .documentNotText(.signature(format: format))
            case .notText(.nulBytes(let count, let all)):
                .documentNotText(.nulBytes(count: count, byteCount: all))
            case .notText(.invalidUTF8(let count, let all)):
                .documentNotText(.invalidUTF8(count: count, byteCount: all))
            }
    }

    private init(_ error: StoreError) {
        self =
            switch error {
            case .workspaceNameInvalid(let found, _): .workspaceNameInvalid(found)
            case .workspaceExists(let name): .workspaceExists(name)
            case .workspaceNotFound(let found): .workspaceNotFound(found)
            case .documentNotFound(let found): .documentNotFound(found)
            case .keyNameInvalid(let found, let most):
                .keyNameInvalid(byteCount: found, byteCountMax: most)
            case .keyNameHoldsControl(let scalar): .keyNameHoldsControl(scalar)
            case .tooManyKeys(let most): .tooManyKeys(countMax: most)
            case .keyNotFound(let id): .keyNotFound(id.rawValue)
            case .externalIDInvalid(let found, let most):
                .documentPathInvalid(
                    found == 0 ? .empty : .tooLong(byteCount: found, byteCountMax: most))
            case .documentExists(let path): .documentExists(path)
            case .quotaExceeded(let kind, let found, let most):
                .quotaExceeded(ofDocuments: kind == .documents, found: found, max: most)
            case .filterTooBroad(let most): .filterTooBroad(rowsMax: most)
            case .jobItemExists(let path): .documentTwice(path)
            case .tooManyDocuments(let most): .tooManyDocuments(countMax: most)
            case .jobNotFound(let id): .jobNotFound(id.rawValue)
            case .requestKeyReused: .requestKeyReused
            case .requestRepeated: .requestInProgress
            case .jobItemEnded: .cancelled
            case .textHoldsNUL: .documentPathInvalid(.controlCharacter(0))
            case .versionConflict, .versionNotStaged, .spaceNotLive: .documentContended
            case .busy: .storeBusy
            case .diskFull: .diskFull
            case .workspaceFilesMissing, .blobDamaged, .databaseDamaged, .schemaTooNew, .foreignDatabase:
                .dataDamaged(FaultDetail(error))
            case .storageFailed: .storageFailed(FaultDetail(error))
            case .workspaceNotMarked, .spaceNotFound, .spaceBuilding, .spaceKept, .spaceStateMismatch,
                .spaceIncomplete, .dimensionMismatch, .vectorNotFinite, .versionNotFound,
                .chunkOrdinalOutside, .chunkOutsideSource,
                .sourceLengthMismatch, .jobExists, .segmentNotFound, .segmentStateMismatch,
                .chargeExists, .embeddingsMissing, .segmentOverlaps, .stagingIncomplete, .blobNotFound,
                .logTruncated:
                .unexpected(FaultDetail(error))
            }
    }

    private init(_ error: VectorIndexError) {
        let detail = FaultDetail("\(error)")
        self =
            switch error {
            case .segmentDamaged, .segmentMismatch, .quantizerDamaged, .quantizerMismatch, .quantizerUnknown:
                .dataDamaged(detail)
            case .segmentUnreadable, .segmentNotWritten: .storageFailed(detail)
            case .recallTargetOutOfRange(let found): .recallTargetOutOfRange(found: found)
            case .probeCountOutOfRange(let found, let allowed):
                .nprobeOutOfRange(found: found, allowed: allowed)
            case .compactionStopped: .cancelled
            case .dimensionMismatch, .notFinite, .kOutOfRange, .sequenceNotIncreasing, .bornOutside,
                .rowExists, .tailFull, .rowsNotAscending, .rowCountMismatch, .segmentExists, .segmentUnknown,
                .segmentStale, .segmentAhead:
                .unexpected(detail)
            }
    }

    private init(_ error: TextIndexError) {
        let detail = FaultDetail("\(error)")
        self =
            switch error {
            case .segmentDamaged, .segmentMismatch: .dataDamaged(detail)
            case .segmentUnreadable, .segmentNotWritten: .storageFailed(detail)
            case .compactionStopped: .cancelled
            default: .unexpected(detail)
            }
    }

    private init(_ error: POSIXError) {
        self =
            switch error.code {
            case .ENOSPC, .EDQUOT: .diskFull
            default: .storageFailed(FaultDetail("errno \(error.code.rawValue)"))
            }
    }
}

extension FaultDetail {
    /// What went wrong in work that nobody waits for.
    init(_ error: EngineError) {
        switch error {
        case .dataDamaged(let detail), .storageFailed(let detail), .unexpected(let detail): self = detail
        default: self.init(Mirror(reflecting: error).children.first?.label ?? "\(error)")
        }
    }

    /// The case's name, and of a cause its numbers: paths here are made of ids and digests.
    fileprivate init(_ error: StoreError) {
        let name = Mirror(reflecting: error).children.first?.label ?? "\(error)"
        let cause: StorageFailure? =
            switch error {
            case .busy(let cause), .diskFull(let cause), .databaseDamaged(let cause),
                .storageFailed(let cause):
                cause
            default: nil
            }
        let numbers: String? =
            switch cause {
            case .database(let code, let message, _): "SQLite \(code): \(message)"
            case .file(let failure): "\(failure.operation.rawValue) \(failure.path): errno \(failure.code)"
            case nil: nil
            }
        self.init([name, numbers].compactMap { $0 }.joined(separator: ": "))
    }
}
