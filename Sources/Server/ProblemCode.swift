package import HTTPTypes

/// Every way in which a request can be refused or fail. The raw value is the `code` of the problem document: a
/// promise to clients, never renamed.
package enum ProblemCode: String, Sendable, CaseIterable {
    // The message itself.
    case malformedRequest = "malformed_request"
    case headersTooLarge = "headers_too_large"
    case targetTooLong = "target_too_long"
    case methodUnknown = "method_unknown"
    case methodNotAllowed = "method_not_allowed"
    case routeNotFound = "route_not_found"

    // Who asks.
    case keyMissing = "key_missing"
    case keyUnknown = "key_unknown"
    case keyExpired = "key_expired"
    case keyRevoked = "key_revoked"
    case permissionTooLow = "permission_too_low"
    case operatorOnly = "operator_only"
    case originForbidden = "origin_forbidden"

    // Parameters and bodies.
    case parameterUnknown = "parameter_unknown"
    case parameterInvalid = "parameter_invalid"
    case headerInvalid = "header_invalid"
    case cursorInvalid = "cursor_invalid"
    case bodyTooLarge = "body_too_large"
    case bodyIncomplete = "body_incomplete"
    case bodyTooSlow = "body_too_slow"
    case mediaTypeUnsupported = "media_type_unsupported"
    case encodingUnsupported = "encoding_unsupported"
    case multipartInvalid = "multipart_invalid"
    case jsonInvalid = "json_invalid"
    case fieldUnknown = "field_unknown"
    case fieldInvalid = "field_invalid"
    case messageInvalid = "message_invalid"
    case rpcMethodUnknown = "rpc_method_unknown"
    case parametersInvalid = "parameters_invalid"
    case headerMismatch = "header_mismatch"
    case versionUnsupported = "protocol_version_unsupported"

    // What is asked for.
    case workspaceNotFound = "workspace_not_found"
    case workspaceNameInvalid = "workspace_name_invalid"
    case workspaceExists = "workspace_exists"
    case spaceMismatch = "space_mismatch"
    case keyNotFound = "key_not_found"
    case keyNameInvalid = "key_name_invalid"
    case keyLifetimeOutOfRange = "key_lifetime_out_of_range"
    case tooManyKeys = "too_many_keys"
    case queryEmpty = "query_empty"
    case queryTooLong = "query_too_long"
    case limitOutOfRange = "limit_out_of_range"
    case recallTargetOutOfRange = "recall_target_out_of_range"
    case nprobeOutOfRange = "nprobe_out_of_range"
    case searchParameterOutOfRange = "search_parameter_out_of_range"
    case languageInvalid = "language_invalid"
    case snapshotUnknown = "snapshot_unknown"
    case snapshotExpired = "snapshot_expired"
    case rerankerMissing = "reranker_missing"
    case filterInvalid = "filter_invalid"
    case filterTooBroad = "filter_too_broad"
    case attributesInvalid = "attributes_invalid"
    case modelNotFound = "model_not_found"
    case dimensionUnsupported = "dimension_unsupported"
    case inputCountOutOfRange = "input_count_out_of_range"
    case inputEmpty = "input_empty"
    case inputTooLong = "input_too_long"
    case tooManyInputTokens = "too_many_input_tokens"
    case tokenUnknown = "token_unknown"
    case documentNotFound = "document_not_found"
    case documentPathInvalid = "document_path_invalid"
    case documentExists = "document_exists"
    case quotaExceeded = "quota_exceeded"
    case documentTwice = "document_twice"
    case folderNotFound = "folder_not_found"
    case jobNotFound = "job_not_found"
    case jobNotResumable = "job_not_resumable"
    case jobNotEnded = "job_not_ended"
    case requestKeyInvalid = "request_key_invalid"
    case requestKeyReused = "request_key_reused"
    case requestInProgress = "request_in_progress"
    case documentNotText = "document_not_text"
    case documentMismatched = "document_mismatched"
    case documentEncrypted = "document_encrypted"
    case documentDamaged = "document_damaged"
    case documentOverLimit = "document_over_limit"
    case documentWithoutText = "document_without_text"
    case documentUnreadable = "document_unreadable"
    case tooManyChunks = "too_many_chunks"
    case tooManyLines = "too_many_lines"
    case passageRefused = "passage_refused"
    case documentContended = "document_contended"
    case preconditionFailed = "precondition_failed"
    case recordInvalid = "record_invalid"
    case archiveInvalid = "archive_invalid"
    case tooManyDocuments = "too_many_documents"
    case pageAddressInvalid = "page_address_invalid"
    case pageForbidden = "page_forbidden"
    case pageFailed = "page_failed"

    // Not your fault.
    case overloaded = "overloaded"
    case stopping = "stopping"
    case storeBusy = "store_busy"
    case diskFull = "disk_full"
    case embedderUnavailable = "embedder_unavailable"
    case embedderFailed = "embedder_failed"
    case pageUnavailable = "page_unavailable"
    case dataDamaged = "data_damaged"
    case internalError = "internal_error"

    /// The one table of statuses.
    package var status: HTTPResponse.Status {
        switch self {
        case .malformedRequest, .parameterUnknown, .parameterInvalid, .headerInvalid, .cursorInvalid,
            .bodyIncomplete,
            .multipartInvalid, .documentTwice, .requestKeyInvalid,
            .jsonInvalid, .fieldUnknown, .fieldInvalid, .workspaceNameInvalid, .keyNameInvalid,
            .keyLifetimeOutOfRange, .queryEmpty, .queryTooLong, .limitOutOfRange, .recallTargetOutOfRange,
            .nprobeOutOfRange, .searchParameterOutOfRange, .languageInvalid, .snapshotUnknown,
            .rerankerMissing,
            .filterInvalid, .attributesInvalid, .documentPathInvalid,
            .dimensionUnsupported, .inputCountOutOfRange,
            .inputEmpty, .inputTooLong, .tooManyInputTokens, .tokenUnknown, .recordInvalid,
            .pageAddressInvalid, .messageInvalid, .parametersInvalid, .headerMismatch, .versionUnsupported:
            .badRequest
        case .keyMissing, .keyUnknown, .keyExpired, .keyRevoked: .unauthorized
        case .permissionTooLow, .operatorOnly, .originForbidden, .pageForbidden, .quotaExceeded: .forbidden
        case .routeNotFound, .workspaceNotFound, .keyNotFound, .documentNotFound, .modelNotFound,
            .folderNotFound, .jobNotFound, .rpcMethodUnknown:
            .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyTooSlow: .requestTimeout
        case .workspaceExists, .spaceMismatch, .tooManyKeys, .documentContended, .documentExists,
            .jobNotResumable, .jobNotEnded, .requestInProgress:
            .conflict
        case .preconditionFailed: .preconditionFailed
        case .snapshotExpired: .gone
        case .bodyTooLarge, .tooManyDocuments: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .mediaTypeUnsupported, .encodingUnsupported: .unsupportedMediaType
        case .documentNotText, .documentMismatched, .documentEncrypted, .documentDamaged, .documentOverLimit,
            .documentWithoutText, .documentUnreadable, .tooManyChunks, .tooManyLines, .passageRefused,
            .requestKeyReused, .archiveInvalid, .pageFailed, .filterTooBroad:
            .unprocessableContent
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .methodUnknown: .notImplemented
        case .embedderFailed, .pageUnavailable: .badGateway
        case .overloaded, .stopping, .storeBusy, .embedderUnavailable: .serviceUnavailable
        case .diskFull: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .dataDamaged, .internalError: .internalServerError
        }
    }

    /// The same for every problem of the code.
    package var title: String {
        switch self {
        case .malformedRequest: "The request is not well-formed HTTP"
        case .headersTooLarge: "The header fields are too large"
        case .targetTooLong: "The address is too long"
        case .methodUnknown: "The method is not known"
        case .methodNotAllowed: "The method is not allowed here"
        case .routeNotFound: "There is nothing at this address"
        case .keyMissing: "A key is needed"
        case .keyUnknown: "The key is not known"
        case .keyExpired: "The key has expired"
        case .keyRevoked: "The key was revoked"
        case .permissionTooLow: "The key does not allow this"
        case .operatorOnly: "Only the operator's key allows this"
        case .originForbidden: "Pages of this origin may not ask here"
        case .parameterUnknown: "There is no such parameter"
        case .parameterInvalid: "A parameter is wrong"
        case .headerInvalid: "A header field is wrong"
        case .cursorInvalid: "The cursor is not one of this list"
        case .bodyTooLarge: "The body is too large"
        case .bodyIncomplete: "The body did not arrive whole"
        case .bodyTooSlow: "The body took too long"
        case .mediaTypeUnsupported: "The media type is not read here"
        case .encodingUnsupported: "The content encoding is not read here"
        case .multipartInvalid: "The body is not a sound form"
        case .jsonInvalid: "The body is not valid JSON"
        case .fieldUnknown: "There is no such field"
        case .fieldInvalid: "A field is missing or wrong"
        case .messageInvalid: "The message is none of JSON-RPC"
        case .rpcMethodUnknown: "The method is not served"
        case .parametersInvalid: "The method's parameters are not allowed"
        case .headerMismatch: "The header does not say what the message says"
        case .versionUnsupported: "This version of the protocol is not spoken here"
        case .workspaceNotFound: "There is no such workspace"
        case .workspaceNameInvalid: "The workspace's name is not allowed"
        case .workspaceExists: "There is a workspace of this name"
        case .spaceMismatch: "The workspace belongs to another model"
        case .keyNotFound: "There is no such key"
        case .keyNameInvalid: "The key's name is not allowed"
        case .keyLifetimeOutOfRange: "The key's lifetime is out of range"
        case .tooManyKeys: "The workspace has too many keys"
        case .queryEmpty: "The query is empty"
        case .queryTooLong: "The query is too long"
        case .limitOutOfRange: "The limit is out of range"
        case .recallTargetOutOfRange: "The recall target is out of range"
        case .nprobeOutOfRange: "The number of lists is out of range"
        case .searchParameterOutOfRange: "A number that the search is to go by is out of range"
        case .languageInvalid: "The language is none"
        case .snapshotUnknown: "There is no such snapshot"
        case .snapshotExpired: "The snapshot is not kept any more"
        case .rerankerMissing: "There is no reranker"
        case .filterInvalid: "The filter is wrong"
        case .filterTooBroad: "The filter would read too much"
        case .attributesInvalid: "The attributes are not allowed"
        case .modelNotFound: "The model is not served here"
        case .dimensionUnsupported: "The model has vectors of another dimension"
        case .inputCountOutOfRange: "There are too few or too many inputs"
        case .inputEmpty: "An input is empty"
        case .inputTooLong: "An input is too long"
        case .tooManyInputTokens: "The inputs are too long together"
        case .tokenUnknown: "A token is not in the model's vocabulary"
        case .documentNotFound: "There is no such document"
        case .documentPathInvalid: "The document's path is not allowed"
        case .quotaExceeded: "The workspace may not hold more"
        case .documentExists: "There is a document at this path"
        case .documentTwice: "A path is in the upload twice"
        case .folderNotFound: "There is no such folder"
        case .jobNotFound: "There is no such job"
        case .jobNotResumable: "The server cannot do this job again"
        case .jobNotEnded: "The job has not ended"
        case .requestKeyInvalid: "The idempotency key is not allowed"
        case .requestKeyReused: "The idempotency key was another request's"
        case .requestInProgress: "The same request is being done"
        case .documentNotText: "The document is not text that can be read"
        case .documentMismatched: "The document is not what it is called"
        case .documentEncrypted: "The document wants a password"
        case .documentDamaged: "The document is damaged or cut off"
        case .documentOverLimit: "Something in the document is beyond its bound"
        case .documentWithoutText: "The document holds no text"
        case .documentUnreadable: "Reading the document was broken off"
        case .tooManyLines: "The document has too many lines"
        case .passageRefused: "The embedder refuses a passage of the document"
        case .tooManyChunks: "The document falls into too many passages"
        case .preconditionFailed: "The document is not as the request presumes"
        case .documentContended: "Others keep changing the same document"
        case .recordInvalid: "A line of the stream is no document"
        case .archiveInvalid: "The archive cannot be read, or not to its end"
        case .tooManyDocuments: "There are too many documents in one request"
        case .pageAddressInvalid: "The page's address is not one that is fetched"
        case .pageForbidden: "The page must not be fetched"
        case .pageFailed: "The page cannot be had"
        case .pageUnavailable: "The page cannot be had at the moment"
        case .overloaded: "Too much is asked at once"
        case .stopping: "The server is stopping"
        case .storeBusy: "The database is busy"
        case .diskFull: "The disk is full"
        case .embedderUnavailable: "The embedder does not answer"
        case .embedderFailed: "The embedder refuses"
        case .dataDamaged: "Data is damaged"
        case .internalError: "Something went wrong here"
        }
    }

    /// Whether the same request may succeed a moment later, with nothing changed.
    package var isRetriable: Bool {
        switch self {
        case .overloaded, .stopping, .storeBusy, .embedderUnavailable, .documentContended, .requestInProgress,
            .pageUnavailable:
            true
        default: false
        }
    }
}
