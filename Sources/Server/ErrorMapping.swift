import Engine

// The one table from errors to codes; `ProblemCode.status` is the one from codes to statuses. Both switches are
// exhaustive without a default: an error without a row does not compile.

extension ProblemCode {
    /// The product's errors.
    init(_ error: EngineError) {
        self =
            switch error {
            case .workspaceNotFound: .workspaceNotFound
            case .workspaceNameInvalid: .workspaceNameInvalid
            case .workspaceExists: .workspaceExists
            case .spaceMismatch: .spaceMismatch
            case .keyUnknown: .keyUnknown
            case .keyExpired: .keyExpired
            case .keyRevoked: .keyRevoked
            case .permissionTooLow: .permissionTooLow
            case .operatorOnly: .operatorOnly
            case .keyNotFound: .keyNotFound
            case .keyNameInvalid, .keyNameHoldsControl: .keyNameInvalid
            case .keyLifetimeOutOfRange: .keyLifetimeOutOfRange
            case .tooManyKeys: .tooManyKeys
            case .emptyQuery: .queryEmpty
            case .queryTooLong, .queryTokensOutOfRange: .queryTooLong
            case .limitOutOfRange: .limitOutOfRange
            case .recallTargetOutOfRange: .recallTargetOutOfRange
            case .nprobeOutOfRange: .nprobeOutOfRange
            case .filterInvalid: .filterInvalid
            case .filterTooBroad: .filterTooBroad
            case .attributesInvalid: .attributesInvalid
            case .modelNotFound: .modelNotFound
            case .dimensionUnsupported: .dimensionUnsupported
            case .inputCountOutOfRange: .inputCountOutOfRange
            case .inputEmpty: .inputEmpty
            case .inputTooLong: .inputTooLong
            case .tooManyInputTokens: .tooManyInputTokens
            case .tokenUnknown: .tokenUnknown
            case .documentNotFound: .documentNotFound
            case .documentPathInvalid: .documentPathInvalid
            case .documentExists: .documentExists
            case .quotaExceeded: .quotaExceeded
            case .documentTwice: .documentTwice
            case .tooManyDocuments: .tooManyDocuments
            case .folderNotFound: .folderNotFound
            case .jobNotFound: .jobNotFound
            case .jobNotResumable: .jobNotResumable
            case .jobNotEnded: .jobNotEnded
            case .requestKeyInvalid: .requestKeyInvalid
            case .requestKeyReused: .requestKeyReused
            case .requestInProgress: .requestInProgress
            case .documentTooLarge: .bodyTooLarge
            case .documentNotText: .documentNotText
            case .documentMismatched: .documentMismatched
            case .documentEncrypted: .documentEncrypted
            case .documentDamaged: .documentDamaged
            case .documentOverLimit: .documentOverLimit
            case .documentWithoutText: .documentWithoutText
            case .rendererStopped: .documentUnreadable
            case .mediaTypeUnsupported: .mediaTypeUnsupported
            case .tooManyChunks: .tooManyChunks
            case .tooManyLines: .tooManyLines
            case .passageRefused: .passageRefused
            case .documentContended: .documentContended
            case .preconditionFailed: .preconditionFailed
            case .cancelled: .stopping
            case .storeBusy: .storeBusy
            case .diskFull: .diskFull
            case .embedderFailed(let isRetriable): isRetriable ? .embedderUnavailable : .embedderFailed
            case .dataDamaged: .dataDamaged
            case .embeddingShape, .storageFailed, .unexpected: .internalError
            // Of sources on the server's own disk, and of migrations, which no request names.
            case .pathNotFound, .unsupportedType, .tooManyFiles, .migrationRefused: .internalError
            case .source(let fault): ProblemCode(fault)
            case .search(let fault): ProblemCode(fault)
            }
    }

    /// Of how a search was asked for.
    private init(_ fault: SearchFault) {
        self =
            switch fault {
            case .outOfRange, .weightsZero: .searchParameterOutOfRange
            case .languageInvalid: .languageInvalid
            case .snapshotUnknown, .momentOutside: .snapshotUnknown
            case .snapshotExpired, .snapshotTooFar: .snapshotExpired
            case .cursorInvalid: .cursorInvalid
            case .rerankerMissing: .rerankerMissing
            }
    }

    /// Of where documents come from.
    private init(_ fault: SourceFault) {
        self =
            switch fault {
            case .record: .recordInvalid
            case .archive: .archiveInvalid
            case .tooManyDocuments: .tooManyDocuments
            case .page(let fault): ProblemCode(fault)
            // Of folders on the server's own disk.
            case .patternEmpty, .patternTooLong, .ignoreFileTooLarge, .tooManyPatterns, .folderTooDeep,
                .emptied,
                .tooManyDeletions:
                .internalError
            }
    }

    private init(_ fault: PageFault) {
        self =
            switch fault {
            case .addressInvalid, .schemeUnsupported, .portForbidden: .pageAddressInvalid
            case .addressForbidden, .forbiddenByRobots, .notOffered: .pageForbidden
            case .status, .timedOut, .unreachable: fault.isRetriable ? .pageUnavailable : .pageFailed
            case .hostUnknown, .tooManyRedirects, .tooLarge: .pageFailed
            }
    }

    /// The door's own errors.
    init(_ error: ServerError) {
        self =
            switch error {
            case .malformedRequest: .malformedRequest
            case .headersTooLarge: .headersTooLarge
            case .targetTooLong: .targetTooLong
            case .methodUnknown: .methodUnknown
            case .methodNotAllowed: .methodNotAllowed
            case .routeNotFound: .routeNotFound
            case .keyMissing: .keyMissing
            case .originForbidden: .originForbidden
            case .parameterUnknown: .parameterUnknown
            case .parameterInvalid: .parameterInvalid
            case .headerInvalid: .headerInvalid
            case .cursorInvalid: .cursorInvalid
            case .bodyTooLarge: .bodyTooLarge
            case .bodyIncomplete: .bodyIncomplete
            case .bodyTooSlow: .bodyTooSlow
            case .mediaTypeUnsupported: .mediaTypeUnsupported
            case .encodingUnsupported: .encodingUnsupported
            case .multipartInvalid: .multipartInvalid
            case .jsonInvalid: .jsonInvalid
            case .fieldUnknown: .fieldUnknown
            case .fieldInvalid: .fieldInvalid
            case .message(let fault): fault.code
            case .overloaded: .overloaded
            }
    }
}
