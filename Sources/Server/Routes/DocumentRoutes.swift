import Engine
import HTTPTypes

/// Documents: putting, listing, looking at, reading the original, deleting.
///
/// A document's path stands in the address as it is, slashes and all, as a file's does; its id does too.
enum DocumentRoutes {
    static let routes: [Route] = [
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/documents", operation: "listDocuments",
            summary: "The workspace's documents, in the order in which they were first put.",
            query: PageParameters.fields,
            answers: [
                (.ok, "A page of documents.", .json(Page<DocumentObject>.schema(of: DocumentObject.self)))
            ],
            problems: [.cursorInvalid], door: .workspace(.read, list)),
        Route(
            method: .put, path: "/v1/workspaces/{workspace}/documents/{document...}",
            operation: "putDocument",
            summary:
                "Puts a document, new or in the place of what is there. Answered when it is safe and found.",
            headers: [EntityTags.ifMatch, EntityTags.ifNoneMatchAny], body: .document,
            answers: [
                (.created, "It is new.", .json(.reference(PutObject.self))),
                (.ok, "It replaced what was there, or was there already.", .json(.reference(PutObject.self))),
            ],
            problems: [
                .documentPathInvalid, .documentNotText, .documentNotFound, .tooManyChunks, .tooManyLines,
                .passageRefused, .documentContended, .preconditionFailed, .spaceMismatch,
                .embedderUnavailable, .embedderFailed,
            ],
            door: .workspace(.write, put)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/documents/{document...}",
            operation: "getDocument",
            summary: "What is known of a document.", headers: [EntityTags.ifNoneMatch],
            answers: [
                (.ok, "The document.", .json(.reference(DocumentObject.self))),
                (.notModified, "It is as the client has it.", .nothing),
            ],
            problems: [.documentNotFound, .documentPathInvalid], door: .workspace(.read, get)),
        Route(
            method: .delete, path: "/v1/workspaces/{workspace}/documents/{document...}",
            operation: "deleteDocument",
            summary: "Deletes a document: no search finds it from now on.", headers: [EntityTags.ifMatch],
            answers: [(.noContent, "It is gone.", .nothing)],
            problems: [.documentNotFound, .documentPathInvalid, .documentContended, .preconditionFailed],
            door: .workspace(.write, delete)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/originals/{document...}",
            operation: "getOriginal",
            summary: "A document's bytes, as they were put: a citation's range and sha256 are of these.",
            headers: [EntityTags.ifNoneMatch],
            answers: [
                (.ok, "The bytes.", .bytes(mediaTypes: IngestItem.mediaTypes)),
                (.notModified, "They are as the client has them.", .nothing),
            ],
            problems: [.documentNotFound, .documentPathInvalid], door: .workspace(.read, original)),
    ]

    @Sendable private static func list(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let listName = "documents of \(scope.id)"
        let (limit, after) = try call.page(of: listName)
        guard let ordinal = Int64(after ?? "0") else { throw ServerError.cursorInvalid }
        let found = try await call.engine.withLibrary {
            try $0.documents(in: scope, after: ordinal, limit: limit + 1)
        }
        return try .json(
            Page(found, limit: limit, element: DocumentObject.init) {
                PageCursor(list: listName, after: String($0.ordinal))
            })
    }

    @Sendable private static func put(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let path = try await path(in: call, scope)
        let declared = try call.declaredMediaType()
        let precondition = try EntityTags.condition(of: call)
        // The type is looked at before the body is read, and the body only when there is room for it.
        _ = try IngestItem(path: path, mediaType: declared, bytes: [])
        return try await call.uploads.run(for: scope.id) {
            let bytes = try await call.bytes(upTo: ServerLimits.documentBytesMax)
            var item = try IngestItem(path: path, mediaType: declared, bytes: bytes)
            item.precondition = precondition
            let outcome = try await call.engine.put(item, in: scope)
            let document: DocumentSummary
            do {
                document = try await call.engine.withLibrary { try $0.document(.path(path), in: scope) }
            } catch EngineError.documentNotFound {
                // Committed, and deleted by somebody else before it could be looked at.
                throw EngineError.documentContended
            }
            return try answer(outcome, document)
        }
    }

    /// A document is put by its path; by its id only if it is there already.
    private static func path(in call: Call, _ scope: WorkspaceScope) async throws -> DocumentPath {
        let reference = try DocumentReference(call.parameter("document"))
        switch reference {
        case .path(let path): return path
        case .id:
            let document = try await call.engine.withLibrary { try $0.document(reference, in: scope) }
            return try DocumentPath(document.path)
        }
    }

    private static func answer(_ outcome: DocumentOutcome, _ document: DocumentSummary) throws -> Answer {
        let word: PutObject.Outcome
        switch outcome {
        case .ingested(let version): word = version.isReplacement ? .replaced : .created
        case .unchanged: word = .unchanged
        case .failed(let error): throw error
        }
        return try .json(
            PutObject(outcome: word, document: DocumentObject(document)),
            status: word == .created ? .created : .ok,
            headers: [.eTag: EntityTag.document(document.revision).text])
    }

    @Sendable private static func get(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let reference = try DocumentReference(call.parameter("document"))
        let document = try await call.engine.withLibrary { try $0.document(reference, in: scope) }
        let tag = EntityTag.document(document.revision)
        if try call.tags(.ifNoneMatch)?.include(tag) == true { return .notModified(tag) }
        return try .json(DocumentObject(document), headers: [.eTag: tag.text])
    }

    @Sendable private static func delete(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let reference = try DocumentReference(call.parameter("document"))
        let precondition = try EntityTags.condition(of: call)
        try await call.engine.withLibrary {
            try $0.deleteDocument(reference, if: precondition, in: scope)
        }
        return .nothing(.noContent)
    }

    @Sendable private static func original(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let reference = try DocumentReference(call.parameter("document"))
        if let known = try call.tags(.ifNoneMatch) {
            // The bytes are not read for a client that has them.
            let document = try await call.engine.withLibrary { try $0.document(reference, in: scope) }
            let tag = EntityTag.content(document.sha256)
            if known.include(tag) { return .notModified(tag) }
        }
        let (document, bytes) = try await call.engine.withLibrary {
            try $0.original(of: reference, in: scope)
        }
        return .bytes(
            bytes, mediaType: document.mediaType,
            headers: [.eTag: EntityTag.content(document.sha256).text])
    }
}
