import Engine
import Foundation
import HTTPTypes

/// A refusal in the words of the wire: a code, and what was found and what is allowed.
struct Refusal: Error, Sendable, Equatable {
    let code: ProblemCode
    let detail: String

    /// Where in the request, if one place is to blame: a JSON pointer, or a parameter's name.
    var pointer: String?

    /// For the log only, on the server's own faults; holds nothing of documents, questions or keys.
    var fault: String?

    /// Methods that are allowed, for `Allow`.
    var allowedMethods: [String] = []

    /// A version of MCP that is not spoken here.
    var versionRequested: String?

    /// What was asked in vain, where messages have ids.
    var messageID: RPCID?

    /// In place of the code's own.
    var status: HTTPResponse.Status?

    /// Any error that a request can end with.
    init(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let error as ServerError: self.init(error)
        default: self.init(EngineError(translating: error))
        }
    }
}

// MARK: The product's errors

extension Refusal {
    init(_ error: EngineError) {
        code = ProblemCode(error)
        detail =
            Self.workspaceDetail(error) ?? Self.keyDetail(error) ?? Self.queryDetail(error)
            ?? Self.jobDetail(error) ?? Self.inputDetail(error) ?? Self.documentDetail(error)
            ?? Self.faultDetail(error)
        pointer = Self.pointer(to: error)
        fault = Self.fault(error)
    }

    private static func workspaceDetail(_ error: EngineError) -> String? {
        switch error {
        case .workspaceNotFound(let name): "The key opens no workspace '\(name.prefix(64))'."
        case .workspaceNameInvalid(let found):
            """
            Found '\(found.prefix(80))'; a name is 1 to 63 of a-z, 0-9, '.', '_', '-', begins with a letter or a \
            digit, and has not the form of an id.
            """
        case .workspaceExists(let name): "There is a workspace '\(name)' already."
        case .spaceMismatch(_, let expected, let found):
            "The workspace's vectors were made by \(expected.text); this server "
                + (found.map { "embeds with \($0.text)." } ?? "has not this model.")
        default: nil
        }
    }

    private static func keyDetail(_ error: EngineError) -> String? {
        switch error {
        case .keyUnknown: "No key is like the one that was shown."
        case .keyExpired(let end): "The key expired at \(WireDate.text(end))."
        case .keyRevoked: "The key was revoked."
        case .permissionTooLow(let found, let needed):
            "The key allows \(found.rawValue); this needs \(needed.rawValue)."
        case .operatorOnly: "The key is bound to a workspace; this needs the operator's key."
        case .keyNotFound: "The workspace has no such key."
        case .keyNameInvalid(let found, let most): "The name has \(found) bytes; 1 to \(most) are allowed."
        case .keyNameHoldsControl(let scalar):
            "The name holds the control character U+" + String(format: "%04X", scalar) + "."
        case .keyLifetimeOutOfRange(let found, let allowed):
            "Found \(found) seconds; \(allowed.lowerBound) to \(allowed.upperBound) are allowed."
        case .tooManyKeys(let most): "The workspace has \(most) keys that are alive; revoke some."
        default: nil
        }
    }

    private static func queryDetail(_ error: EngineError) -> String? {
        switch error {
        case .emptyQuery: "The query has no visible character."
        case .queryTooLong(let found, let most): "The query has \(found) bytes; up to \(most) are allowed."
        case .queryTokensOutOfRange(let found, let most):
            "The query has \(found) tokens; the model reads up to \(most)."
        case .limitOutOfRange(let found, let allowed), .nprobeOutOfRange(let found, let allowed):
            "Found \(found); \(allowed.lowerBound) to \(allowed.upperBound) are allowed."
        case .filterInvalid(let fault): words(fault)
        case .filterTooBroad(let most):
            "More than \(most) entries of indexes would be read; ask for something that fewer documents have."
        case .recallTargetOutOfRange(let found): "Found \(found); above 0 and at most 1 is allowed."
        case .search(let fault): fault.words
        default: nil
        }
    }

    private static func jobDetail(_ error: EngineError) -> String? {
        switch error {
        case .documentExists(let path):
            "There is a document at '\(path.prefix(80))' already, or it is the same place."
        case .quotaExceeded(let ofDocuments, let found, let most):
            "It may hold \(most) \(ofDocuments ? "documents" : "bytes of originals"); with this it would be \(found)."
        case .documentTwice(let path):
            "'\(path.prefix(80))' is there twice; each document has a path of its own."
        case .tooManyDocuments(let most): "Up to \(most) documents are allowed at once."
        case .folderNotFound(let path): "No document lies under '\(path.prefix(80))'."
        case .jobNotFound: "The workspace has no such job; jobs that ended are kept for a week."
        case .jobNotResumable(_, let kind):
            "It is a job of the kind \(kind), whose documents the server does not hold: send them again."
        case .jobNotEnded: "Wait until it has ended, or cancel it."
        case .requestKeyInvalid(let found, let most):
            "The key has \(found) bytes; 1 to \(most) of printable ASCII without blanks are allowed."
        case .requestKeyReused: "The key came with another request before; give each request its own."
        case .requestInProgress: "It came before, and is being done; ask again in a moment."
        default: nil
        }
    }

    private static func inputDetail(_ error: EngineError) -> String? {
        switch error {
        case .modelNotFound(let found, let served):
            "Found '\(found.prefix(64))'; served: \(served.isEmpty ? "none" : served.joined(separator: ", "))."
        case .dimensionUnsupported(let found, let expected):
            "Found \(found); the model's vectors have \(expected), and are not cut."
        case .inputCountOutOfRange(let found, let allowed):
            "Found \(found); \(allowed.lowerBound) to \(allowed.upperBound) are allowed."
        case .inputEmpty(let index): "Input \(index) holds nothing."
        case .inputTooLong(let index, let found, let most):
            // The first words are those that clients look for.
            "The model's maximum context length is \(most) tokens; input \(index) has \(found)."
        case .tooManyInputTokens(let found, let most):
            "Found \(found) tokens; up to \(most) are allowed in one request."
        case .tokenUnknown(let index, _, let found, let count):
            "Input \(index) holds token \(found); the model's are 0 to \(count - 1)."
        default: nil
        }
    }

    private static func documentDetail(_ error: EngineError) -> String? {
        switch error {
        case .documentNotFound: "The workspace has no such document."
        case .documentPathInvalid(let rule): words(rule)
        case .attributesInvalid(let fault): words(fault)
        case .documentTooLarge(let found, let most):
            "The document has \(found) bytes; up to \(most) are allowed."
        case .documentNotText(let defect): words(defect)
        case .mediaTypeUnsupported(let found, let allowed): typeDetail(found, allowed)
        case .documentMismatched, .documentEncrypted, .documentDamaged, .documentOverLimit,
            .documentWithoutText,
            .rendererStopped:
            formatDetail(error)
        case .tooManyLines(let found, let most): "It has \(found) lines; up to \(most) are allowed."
        case .tooManyChunks(let found, let most):
            "It falls into \(found) passages; up to \(most) are allowed."
        case .passageRefused(let lines, let refused, let all, _):
            // The embedder's reason stays here: it may quote the passage, or tell of the operator's account.
            "The passage at lines \(lines.lowerBound) to \(lines.upperBound) is refused "
                + "(\(refused) of \(all) passages are); the document was not changed."
        case .preconditionFailed(let revision?):
            "The document's ETag is now \(EntityTag.document(revision).text); get it, and decide anew."
        case .preconditionFailed(nil): "There is no such document."
        case .documentContended: "Others changed the same document at the same moment; try again."
        case .source(let fault): words(fault)
        default: nil
        }
    }

    private static func formatDetail(_ error: EngineError) -> String? {
        switch error {
        case .documentMismatched(let named, let found): "It is called \(named) and holds \(found)."
        case .documentEncrypted(let format): "The \(format) document wants a password; take it away first."
        case .documentDamaged(let format, let part):
            "The \(format) document is damaged or cut off: \(part.prefix(100))."
        case .documentOverLimit(let what, let found, let most):
            "It has \(found.map { "\($0)" } ?? "more") \(what); up to \(most) are allowed."
        case .documentWithoutText(let count): "No text on its \(count) pages; are they scanned?"
        case .rendererStopped(let stop): words(stop)
        default: nil
        }
    }

    private static func words(_ stop: RendererStop) -> String {
        switch stop {
        case .timeout(let seconds): "Its parser was stopped after \(seconds) s."
        case .memory(let most): "Reading it needs more than \(most) MiB."
        case .crash, .garbled: "Its parser broke down over it."
        case .notStarted: "No process could be started to read it."
        }
    }

    private static func faultDetail(_ error: EngineError) -> String {
        switch error {
        case .cancelled: "The server is stopping; nothing of this was changed."
        case .storeBusy: "Another process holds the database; try again."
        case .diskFull: "The server's disk is full; what was acknowledged is safe."
        case .embedderFailed(isRetriable: true):
            "The embeddings API does not answer as it should; try again."
        case .embedderFailed(isRetriable: false):
            "The embeddings API refuses the server; its operator must look."
        case .dataDamaged: "Stored data is damaged; the operator's `carrel admin verify` tells which."
        default: "The server's log tells more under the request's id."
        }
    }

    private static func pointer(to error: EngineError) -> String? {
        switch error {
        case .workspaceNameInvalid, .workspaceExists, .keyNameInvalid, .keyNameHoldsControl: "/name"
        case .keyLifetimeOutOfRange: "/expires_in_seconds"
        case .emptyQuery, .queryTooLong, .queryTokensOutOfRange: "/query"
        case .limitOutOfRange: "/limit"
        case .recallTargetOutOfRange: "/recall_target"
        case .nprobeOutOfRange: "/nprobe"
        case .search(let fault): fault.pointer
        case .filterInvalid(let fault): pointer(to: fault)
        case .filterTooBroad: "/filter"
        case .attributesInvalid: "/attributes"
        case .modelNotFound: "/model"
        case .dimensionUnsupported: "/dimensions"
        case .inputCountOutOfRange, .tooManyInputTokens: "/input"
        case .inputEmpty(let index), .inputTooLong(let index, _, _): "/input/\(index)"
        case .tokenUnknown(let index, let position, _, _): "/input/\(index)/\(position)"
        default: nil
        }
    }

    private static func fault(_ error: EngineError) -> String? {
        switch error {
        case .dataDamaged(let detail), .storageFailed(let detail), .unexpected(let detail): detail.text
        case .embeddingShape(let expected, let found): "embeddings of \(found), expected \(expected)"
        case .embedderFailed(let isRetriable): isRetriable ? "the embedder failed" : "the embedder refused"
        default: nil
        }
    }

    static func words(_ rule: DocumentPathRule) -> String {
        switch rule {
        case .empty: "The path is empty."
        case .tooLong(let found, let most): "The path has \(found) bytes; up to \(most) are allowed."
        case .emptyName: "The path begins or ends with '/', or has two in a row."
        case .dotName: "A name in the path is '.' or '..'."
        case .controlCharacter(let scalar):
            "The path holds the control character U+" + String(format: "%04X", scalar) + "."
        case .looksLikeID: "No document has this id, and a path must not have the form of an id."
        }
    }

    private static func words(_ defect: TextDefect) -> String {
        switch defect {
        case .encoding(let found): "The text is \(found); UTF-8 is read."
        case .signature(let format): "The bytes begin like a \(format) file."
        case .nulBytes(let count, let all): "\(count) of the \(all) bytes are NUL."
        case .invalidUTF8(let count, let all): "\(count) of the \(all) bytes are no UTF-8."
        }
    }
}

// MARK: The door's own errors

extension Refusal {
    init(_ error: ServerError) {
        code = ProblemCode(error)
        detail = Self.detail(error)
        pointer = Self.pointer(to: error)
        if case .methodNotAllowed(_, let allowed) = error { allowedMethods = allowed }
        if case .message(.versionUnsupported(let requested)) = error { versionRequested = requested }
    }

    private static func detail(_ error: ServerError) -> String {
        switch error {
        case .malformedRequest(let reason): "Found \(reason)."
        case .headersTooLarge(let most): "Up to \(most) bytes of header fields are allowed."
        case .targetTooLong(let found, let most):
            "The address has \(found) bytes; up to \(most) are allowed."
        case .methodUnknown(let found): "Found \(found.prefix(32))."
        case .methodNotAllowed(let found, let allowed):
            "Found \(found); allowed here: \(allowed.joined(separator: ", "))."
        case .routeNotFound: "No route has this address; /openapi.json lists them all."
        case .keyMissing: "Send the header 'Authorization: Bearer crl_…'."
        case .originForbidden(let found):
            "Found Origin: \(found.prefix(64)); pages of this machine may ask, and those that http.origins names."
        case .parameterUnknown(let name, let allowed): unknown("parameter", name, allowed)
        case .parameterInvalid(let name, let found, let expected):
            "Found \(name)=\(found.prefix(64)); expected \(expected)."
        case .headerInvalid(let name, let expected): "\(name): expected \(expected)."
        case .cursorInvalid: "Take the cursor from next_cursor of this list's last page."
        case .bodyTooLarge(let most): "Up to \(most) bytes are allowed here."
        case .bodyIncomplete: "The body ended early, or its framing is broken. Nothing was changed."
        case .bodyTooSlow(let most): "The body must arrive within \(most) seconds. Nothing was changed."
        case .mediaTypeUnsupported(let found, let allowed): typeDetail(found, allowed)
        case .encodingUnsupported(let found): "Found \(found.prefix(64)); send the bytes as they are."
        case .jsonInvalid(let reason), .multipartInvalid(let reason): reason
        case .fieldUnknown(let pointer, let allowed): unknown("field", String(pointer.dropFirst()), allowed)
        case .fieldInvalid(let pointer, let expected):
            "\(pointer.isEmpty ? "The body" : pointer): expected \(expected)."
        case .message(let fault): fault.words
        case .overloaded(let most): "\(most) are served at once already; try again in a moment."
        }
    }

    private static func pointer(to error: ServerError) -> String? {
        switch error {
        case .parameterUnknown(let name, _), .parameterInvalid(let name, _, _): name
        case .headerInvalid(let name, _): name
        case .cursorInvalid: "cursor"
        case .fieldUnknown(let pointer, _), .fieldInvalid(let pointer, _): pointer
        default: nil
        }
    }

    private static func typeDetail(_ found: String, _ allowed: [String]) -> String {
        "Found \(found.prefix(100)); these are read: \(allowed.joined(separator: ", "))."
    }

    private static func unknown(_ kind: String, _ name: String, _ allowed: [String]) -> String {
        let names = allowed.isEmpty ? "none" : allowed.joined(separator: ", ")
        return "Found the \(kind) '\(name.prefix(64))'; allowed: \(names)."
    }
}
