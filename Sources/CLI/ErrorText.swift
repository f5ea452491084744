import ArgumentParser
import Cloud
import Documents
import Embedding
import Engine
import Evaluation
import Foundation
import Server
import Store
import VectorIndex

/// What goes wrong in the command itself.
enum CommandError: Error {
    case modelNotFound(searched: [String])

    /// No model of this name is in any of the folders of models.
    case modelUnknown(name: String, searched: [String])

    /// A remote embedder wants its URL, its model and its dimension.
    case embedderIncomplete(missing: Setting)

    /// A reranking API wants its URL and, unless it serves one only, its model.
    case rerankerIncomplete(missing: Setting)

    /// The file that should hold an API's key, which a setting names. What it holds is not shown.
    case keyFileUnreadable(Setting, path: String, reason: String)

    /// What is to be spent at most is money, and nobody says what a token costs.
    case priceUnknown

    /// A file that should be a report of a benchmark is none.
    case noReport(path: String)

    /// A file that is to be written later cannot be.
    case fileNotWritable(path: String)

    /// Passages are asked for that the model would not read to their end.
    case passagesTooLong(tokens: Int, tokensMax: Int)

    /// Runs a command. An error is put into words on standard error, and ends the process with code 2.
    static func reported(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch {
            if Terminal.errorIsTerminal { Terminal.redraw("") }
            Terminal.printError("carrel: \(ErrorText.describe(error))")
            throw ExitCode(2)
        }
    }
}

/// Errors in words: what was found, what is allowed, and the way out. The only place where they become text.
enum ErrorText {
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as CommandError: command(error)
        case let error as ModelError: error.text
        case let error as SettingFault: setting(error)
        case let error as ServerFailure: server(error)
        case let error as EngineError: engine(error)
        case let error as DocumentError: document(error)
        case let error as StoreError: store(error)
        case let error as EmbeddingError: embedding(error)
        case let error as CloudError: CloudErrorText(of: .embedder).describe(error)
        case let error as RerankerFailure: CloudErrorText(of: .reranker).describe(error.cause)
        case let error as DatasetError: EvalErrorText.dataset(error)
        case let error as VectorFileError: BenchErrorText.vectorFile(error)
        case let error as BenchmarkError: BenchErrorText.benchmark(error)
        case let error as VectorIndexError: index(error)
        case is CancellationError: "cancelled"
        case let error as CocoaError: error.localizedDescription
        default: String(describing: error)
        }
    }

    private static func command(_ error: CommandError) -> String {
        switch error {
        case .modelNotFound(let searched):
            """
            the local model was not found. Fetch it with 'carrel models fetch \(ModelLibrary.defaultID)' or \
            script/bootstrap, or name another with --model. Looked in \
            \(searched.prefix(4).joined(separator: ", "))
            """
        case .modelUnknown(let name, let searched):
            "there is no model '\(name)'. Looked in \(searched.prefix(4).joined(separator: ", "))"
        case .embedderIncomplete(let missing):
            "the embeddings API needs embedder.url, embedder.model and embedder.dimension; "
                + "\(missing.rawValue) is missing"
        case .rerankerIncomplete(let missing):
            "the reranking API needs reranker.url and reranker.model; \(missing.rawValue) is missing"
        case .keyFileUnreadable(let setting, let path, let reason):
            "the key of the \(setting == .rerankerKeyFile ? "reranking" : "embeddings") API cannot be read "
                + "from \(path): \(reason)"
        case .priceUnknown:
            "--max-cost wants to know what a million tokens cost: set embedder.price"
        case .noReport(let path): "'\(path)' is no report of 'carrel bench --json', or one of other keys"
        case .fileNotWritable(let path):
            "'\(path)' cannot be written: it is a folder, its folder is not there, or may not be changed"
        case .passagesTooLong(let tokens, let most):
            "passages of \(tokens) tokens are asked for; the model reads up to \(most)"
        }
    }

    private static func setting(_ fault: SettingFault) -> String {
        switch fault {
        case .invalid(let setting, let found, let source, let expected):
            if case .secret = setting.kind {
                "\(setting.rawValue) (\(source)): expected \(expected)"
            } else {
                "\(setting.rawValue) (\(source)): found '\(setting.shown(found))', expected \(expected)"
            }
        case .unknown(let name, let source, let nearest):
            "\(source) sets '\(name)', which is no setting; did you mean '\(nearest)'?"
        case .fileUnreadable(let path, let reason):
            "the configuration \(path) cannot be read: \(reason)"
        }
    }

    private static func server(_ failure: ServerFailure) -> String {
        switch failure {
        case .cannotListen(let address, let reason):
            "cannot listen on \(address.host), port \(address.port): \(reason)"
        }
    }

    private static func engine(_ error: EngineError) -> String {
        switch error {
        case .workspaceNotFound(let name):
            "there is no workspace '\(name)'. See 'carrel admin list', or make it: carrel admin create \(name)"
        case .spaceMismatch(let workspace, let expected, let found?):
            """
            workspace '\(workspace)' has vectors of \(model(expected)), which cannot be compared with those of \
            \(model(found)). Name no embedder, and it is used with its own; or move it: \
            carrel admin migrate --workspace \(workspace) \(target(found))
            """
        case .spaceMismatch(let workspace, let expected, nil):
            """
            workspace '\(workspace)' has vectors of \(model(expected)), which is not here. Put it beside the other \
            models, or name its API with --embedder-url, --embedder-model and --embedder-dimension; or move the \
            workspace: carrel admin migrate --workspace \(workspace) --to MODEL
            """
        case .migrationRefused(let refusal): migration(refusal)
        case .source(let fault): SourceErrorText.describe(fault)
        case .documentPathInvalid(let rule): SourceErrorText.path(rule)
        case .mediaTypeUnsupported(let found, let allowed):
            "it is \(found); these are read: \(allowed.joined(separator: ", "))"
        case .emptyQuery: "the query is empty"
        case .queryTooLong(let found, let most): "the query has \(found) bytes; up to \(most) are allowed"
        case .queryTokensOutOfRange(let found, let most):
            "the query has \(found) tokens; the model reads up to \(most). Ask in fewer words"
        case .limitOutOfRange(let found, let allowed):
            "the limit is \(found); \(allowed.lowerBound) to \(allowed.upperBound) are allowed"
        case .recallTargetOutOfRange(let found):
            "the recall target is \(found); above 0 and at most 1 is allowed"
        case .nprobeOutOfRange(let found, let allowed):
            "nprobe is \(found); \(allowed.lowerBound) to \(allowed.upperBound) are allowed"
        case .search(let fault): SearchErrorText.describe(fault)
        case .filterInvalid, .filterTooBroad, .attributesInvalid: filter(error)
        case .pathNotFound(let path): "there is no file or folder '\(path)'"
        case .unsupportedType(let path, let allowed):
            "'\(path)' is not of a type that is read; these are: \(allowed.joined(separator: " "))"
        case .tooManyFiles(let path, let most):
            "'\(path)' holds more than \(most) files; ingest its folders one by one"
        case .tooManyChunks(let found, let most):
            "the document falls into \(found) passages; up to \(most) are allowed. Its sections are too small"
        case .passageRefused(let lines, let refused, let all, let reason):
            "the embedder refuses \(refused) of \(all) passages, the first at lines \(lines.lowerBound)-"
                + "\(lines.upperBound): \(reason). The vectors of the others are kept"
        case .rendererStopped(let stop): renderer(stop)
        case .embeddingShape(let expected, let found):
            "the embedder answered with \(found) rows and dimensions, \(expected) were asked for"
        case .keyNotFound(let id): "there is no key '\(id)'. See 'carrel admin key list'"
        case .keyLifetimeOutOfRange(let found, let allowed):
            "the key would live \(found) s; \(allowed.lowerBound) to \(allowed.upperBound) are allowed"
        case .jobNotFound, .jobNotResumable, .jobNotEnded, .documentExists, .documentTwice, .quotaExceeded,
            .tooManyDocuments, .folderNotFound:
            job(error)
        case .requestKeyInvalid, .requestKeyReused, .requestInProgress,
            .workspaceNameInvalid, .workspaceExists, .keyUnknown, .keyExpired, .keyRevoked,
            .permissionTooLow, .operatorOnly, .keyNameInvalid, .keyNameHoldsControl, .tooManyLines,
            .cancelled,
            .tooManyKeys, .documentNotFound,
            .documentTooLarge, .documentMismatched, .documentEncrypted,
            .documentDamaged,
            .documentOverLimit, .documentWithoutText, .documentNotText,
            .preconditionFailed, .documentContended, .storeBusy, .diskFull, .embedderFailed, .dataDamaged,
            .storageFailed, .modelNotFound, .dimensionUnsupported, .inputCountOutOfRange, .inputEmpty,
            .inputTooLong, .tooManyInputTokens, .tokenUnknown,
            .unexpected:
            // Said over HTTP only: here the layers' own errors arrive, and are put into words below.
            "\(error)"
        }
    }

    private static func filter(_ error: EngineError) -> String {
        switch error {
        case .filterInvalid(let fault):
            "\(fault.place.isEmpty ? "the filter" : fault.place): found \(fault.found), expected \(fault.expected)"
        case .filterTooBroad(let most):
            "the filter would read more than \(most) entries of indexes; ask for what fewer documents have"
        case .attributesInvalid(let fault): SourceErrorText.attributes(fault)
        default: "\(error)"
        }
    }

    /// What is said of jobs, and of documents and folders that are moved.
    private static func job(_ error: EngineError) -> String {
        switch error {
        case .jobNotFound(let id):
            "there is no job '\(id)'. See 'carrel jobs list'; ended ones are kept for a week"
        case .jobNotResumable(let id, let kind):
            "job '\(id)' is of the kind \(kind), whose documents are not held here: run the ingest again"
        case .jobNotEnded(let id): "job '\(id)' has not ended; wait for it, or cancel it"
        case .documentExists(let path): "there is a document at '\(path)' already, or it is the same place"
        case .quotaExceeded(let ofDocuments, let found, let most):
            "the workspace may hold \(most) \(ofDocuments ? "documents" : "bytes of originals"); with this it would be "
                + "\(found). See 'carrel admin quota'"
        case .documentTwice(let path): "'\(path)' is there twice"
        case .tooManyDocuments(let most): "up to \(most) documents are allowed at once"
        case .folderNotFound(let path): "no document lies under '\(path)'"
        default: "\(error)"
        }
    }

    /// A space in words: its model, and what else must agree.
    static func model(_ space: EmbeddingSpace) -> String {
        "\(space.model) (\(space.precision), revision \(space.revision), \(space.dimension) dimensions)"
    }

    /// The flags by which a migration to a space is asked for.
    private static func target(_ space: EmbeddingSpace) -> String {
        // What rounding is fitted to is the model's, and is not asked for.
        let precision = space.precision.prefix { $0 != "-" }
        return space.revision == "remote"
            ? "with the flags of the embeddings API" : "--to \(space.model):\(precision)"
    }

    private static func migration(_ refusal: MigrationRefusal) -> String {
        switch refusal {
        case .running:
            "another process is migrating this workspace, or removing vectors of it; wait for its end"
        case .building(let space):
            """
            a migration to \(model(space)) was begun. Finish it (\(target(space))), or give it up with --cancel
            """
        case .kept(let space):
            """
            the vectors of \(model(space)) are still kept. Go back to them with --rollback, or remove them with --drop \
            first
            """
        case .nothingKept: "no old vectors are kept"
        case .nothingBuilding: "no migration was begun"
        }
    }

    private static func document(_ error: DocumentError) -> String {
        switch error {
        case .tooLarge(let found, let most):
            "the file has \(Figure.bytes(found)) (\(found) bytes); up to \(Figure.bytes(most)) are allowed"
        case .tooManyLines(let found, let most): "the text has \(found) lines; up to \(most) are allowed"
        case .unsupportedEncoding(let found): "the text is \(found.rawValue); save it as UTF-8"
        case .contentMismatch(let named, let found): "it is named as \(named.formatName), and holds \(found)"
        case .encrypted(let type): "the \(type.formatName) document wants a password; save it without"
        case .damaged(let type, let part):
            "the \(type.formatName) document is damaged or cut off (\(Terminal.harmless(part)))"
        case .overLimit(_, .memory, _, let most): "reading it needs more than \(Figure.bytes(most)) of memory"
        case .overLimit(_, let limit, let found, let most):
            "it has \(found.map { "\($0)" } ?? "too many") \(limit.words); up to \(most) are allowed"
        case .noText(let count): "there is no text on its \(Figure.count(count, "page")); scanned pages?"
        case .notText(.signature(let format)): "this is no text: it begins like a \(format) file"
        case .notText(.nulBytes(let count, let all)): "this is no text: \(count) of its \(all) bytes are NUL"
        case .notText(.invalidUTF8(let count, let all)):
            "this is no UTF-8 text: \(count) of its \(all) bytes cannot be read"
        }
    }

    private static func renderer(_ stop: RendererStop) -> String {
        switch stop {
        case .timeout(let seconds): "its parser was stopped after \(seconds) s"
        case .memory(let most): "reading it needs more than \(most) MiB of memory"
        case .crash(let signal): "its parser broke down" + (signal.map { " (signal \($0))" } ?? "")
        case .garbled: "its parser broke down (its answer was garbled)"
        case .notStarted(let code): "no process could be started to read it: \(reason(code))"
        }
    }

    private static func store(_ error: StoreError) -> String {
        switch error {
        case .workspaceNameInvalid(let found, let violation):
            "'\(found)' cannot be a workspace's name: \(name(violation))"
        case .workspaceExists(let name): "there is a workspace '\(name)' already"
        case .workspaceNotFound(let found): "there is no workspace '\(found)'"
        case .workspaceFilesMissing(let path): "the workspace's files are gone: \(path)"
        case .keyNameInvalid(let found, let most):
            "the key's name has \(found) bytes; 1 to \(most) are allowed"
        case .keyNameHoldsControl: "the key's name holds a control character"
        case .tooManyKeys(let most): "the workspace has \(most) keys that are alive; revoke some"
        case .externalIDInvalid(let found, let most):
            "the document's path has \(found) bytes; 1 to \(most) are allowed"
        case .jobNotFound(let id): job(.jobNotFound(id.rawValue))
        case .quotaExceeded(let kind, let found, let most):
            job(.quotaExceeded(ofDocuments: kind == .documents, found: found, max: most))
        case .busy: "another process has held the database for too long; try again"
        case .diskFull: "the disk is full; what was acknowledged is safe"
        case .schemaTooNew(let path, let found, let newest):
            "\(path) was written by a newer carrel (schema \(found); this one knows \(newest))"
        case .foreignDatabase(let path, _, _): "\(path) is not a database of carrel's"
        case .databaseDamaged(let cause): "the database is damaged: \(storage(cause))"
        case .storageFailed(let cause): storage(cause)
        default: "the store: \(error)"
        }
    }

    private static func index(_ error: VectorIndexError) -> String {
        switch error {
        case .segmentDamaged(let number, _), .segmentMismatch(let number, _, _, _):
            "segment \(number) of the index is damaged; 'carrel admin rebuild' writes it anew"
        case .quantizerDamaged(let number, _), .quantizerMismatch(let number, _, _, _),
            .quantizerUnknown(let number, _):
            "quantizer \(number) of the index is damaged or gone; 'carrel admin rebuild' makes another"
        case .segmentUnreadable(let number, let cause): "segment \(number) cannot be read: \(cause)"
        case .segmentNotWritten(let number, let cause): "segment \(number) cannot be written: \(cause)"
        case .compactionStopped: "the compaction was called off"
        default: "the index: \(error)"
        }
    }

    private static func storage(_ failure: StorageFailure) -> String {
        switch failure {
        case .database(let code, let message, _):
            // SQLite's low byte 8 is READONLY, 14 CANTOPEN: https://www.sqlite.org/rescode.html
            [8, 14].contains(code & 0xff)
                ? "the data directory cannot be written, which searching needs too: \(message)"
                : "the database failed: \(message) (SQLite \(code))"
        case .file(let failure):
            "\(failure.path) (\(failure.operation.rawValue)): \(reason(failure.code))"
        }
    }

    /// What the system calls an error of its own.
    static func reason(_ code: Int32) -> String {
        NSError(domain: NSPOSIXErrorDomain, code: Int(code)).localizedDescription
    }

    private static func name(_ violation: WorkspaceNameViolation) -> String {
        let rule = "1 to \(Catalog.nameCharactersMax) of a-z, 0-9, '.', '_', '-', first a letter or a digit"
        return switch violation {
        case .empty: "it is empty; allowed are \(rule)"
        case .tooLong(let found, _): "it has \(found) characters; allowed are \(rule)"
        case .firstCharacter(let found): "it begins with '\(found)'; allowed are \(rule)"
        case .looksLikeID: "it has the form of a workspace's id"
        case .character(let found): "it holds '\(found)'; allowed are \(rule)"
        }
    }

    private static func embedding(_ error: EmbeddingError) -> String {
        switch error {
        case .fileMissing(let name):
            "the model's \(name) is missing; fetch the model with 'carrel models fetch', see 'carrel models list'"
        case .byteCountMismatch(let file, let found, let expected):
            "the model's \(file) has \(found) bytes, expected \(expected); fetch it with 'carrel models fetch'"
        case .unsupportedModel(let file, let field, let found, let expected):
            "the model's \(file): \(field) is \(Terminal.harmless(found)), expected \(expected)"
        case .malformedField(let file, let offset, let found, let expected):
            "the model's \(file), byte \(offset): found \(found), expected \(expected)"
        default: "the model: \(error)"
        }
    }
}
