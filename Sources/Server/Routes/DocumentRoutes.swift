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
            headers: [EntityTags.ifMatch, EntityTags.ifNoneMatchAny, IdempotencyHeader.field],
            body: .document,
            answers: [
                (.created, "It is new.", .json(.reference(PutObject.self))),
                (.ok, "It replaced what was there, or was there already.", .json(.reference(PutObject.self))),
            ],
            problems: [
                .documentPathInvalid, .documentNotText, .documentMismatched, .documentEncrypted,
                .documentDamaged,
                .documentOverLimit, .documentWithoutText, .documentUnreadable, .documentNotFound,
                .tooManyChunks, .tooManyLines,
                .passageRefused, .documentContended, .preconditionFailed, .spaceMismatch, .quotaExceeded,
                .embedderUnavailable, .embedderFailed,
            ] + IdempotencyHeader.problems,
            door: .workspace(.write, put)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/documents", operation: "uploadDocuments",
            summary:
                "Takes documents over, to be read and found some time after: the job tells when. A later write of "
                + "the same document takes the place of one that was not done yet.",
            headers: [IdempotencyHeader.field], body: .form,
            answers: [
                (.accepted, "They are safe, and are being taken in.", .json(.reference(JobObject.self)))
            ],
            problems: [
                .multipartInvalid, .documentPathInvalid, .documentTwice, .tooManyDocuments,
                .attributesInvalid,
            ]
                + IdempotencyHeader.problems,
            door: .workspace(.write, upload)),
        Route(
            method: .patch, path: "/v1/workspaces/{workspace}/documents/{document...}",
            operation: "changeDocument",
            summary:
                "Moves a document, changes its attributes, or both. Its id and its passages stay, and nothing "
                + "is embedded. A new version of the document brings its own attributes.",
            headers: [EntityTags.ifMatch, IdempotencyHeader.field], body: .json(DocumentChangeObject.self),
            answers: [(.ok, "It is so now.", .json(.reference(DocumentObject.self)))],
            problems: [
                .documentNotFound, .documentPathInvalid, .documentExists, .documentContended,
                .preconditionFailed, .attributesInvalid,
            ] + IdempotencyHeader.problems,
            door: .workspace(.write, change)),
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
            summary: "Deletes a document: no search finds it from now on.",
            headers: [EntityTags.ifMatch, IdempotencyHeader.field],
            answers: [(.noContent, "It is gone.", .nothing)],
            problems: [.documentNotFound, .documentPathInvalid, .documentContended, .preconditionFailed]
                + IdempotencyHeader.problems,
            door: .workspace(.write, delete)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/originals/{document...}",
            operation: "getOriginal",
            summary:
                "A document's bytes, as they were put. A citation without rendition is a range of these.",
            headers: [EntityTags.ifNoneMatch],
            answers: [
                (.ok, "The bytes.", .bytes(mediaTypes: IngestItem.mediaTypes)),
                (.notModified, "They are as the client has them.", .nothing),
            ],
            problems: [.documentNotFound, .documentPathInvalid], door: .workspace(.read, original)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/renditions/{document...}",
            operation: "getRendition",
            summary:
                "The text that passages were cut from: what a PDF was turned into, or the bytes where they are text.",
            headers: [EntityTags.ifNoneMatch],
            answers: [
                (.ok, "The text, of which citations are ranges.", .bytes(mediaTypes: IngestItem.mediaTypes)),
                (.notModified, "It is as the client has it.", .nothing),
            ],
            problems: [.documentNotFound, .documentPathInvalid], door: .workspace(.read, rendition)),
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
            let key = try call.idempotencyKey(of: ["put", path.text, declared ?? ""], body: bytes)
            let outcome = try await call.engine.put(item, key: key, in: scope)
            return try await answer(outcome, at: path, call, scope)
        }
    }

    /// What became of a document that was put.
    static func answer(
        _ outcome: PutOutcome, at path: DocumentPath, _ call: Call, _ scope: WorkspaceScope
    ) async throws -> Answer {
        do {
            let document = try await call.engine.withLibrary { try $0.document(.path(path), in: scope) }
            return try answer(outcome, document)
        } catch EngineError.documentNotFound {
            // Done long ago, by a request that is sent again: it was deleted since, or moved.
            if outcome.version == nil, outcome.job != nil { throw EngineError.documentNotFound(path.text) }
            // Committed, and deleted by somebody else before it could be looked at.
            throw EngineError.documentContended
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

    private static func answer(_ outcome: PutOutcome, _ document: DocumentSummary) throws -> Answer {
        let word: PutObject.Outcome =
            switch outcome.word {
            case .created: .created
            case .replaced: .replaced
            case .unchanged: .unchanged
            }
        let notices = outcome.version?.noticeTexts ?? []
        return try .json(
            PutObject(outcome: word, document: DocumentObject(document), notices: notices),
            status: word == .created ? .created : .ok,
            headers: [.eTag: EntityTag.document(document.revision).text])
    }

    @Sendable private static func upload(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try await call.uploads.run(for: scope.id) {
            let form = try DocumentForm(try await call.multipart(upTo: ServerLimits.formBytesMax))
            let key = try call.idempotencyKey(of: ["upload"] + form.description)
            let job = try await call.engine.submit(form.items, source: form.source, key: key, in: scope)
            return try .json(
                JobObject(job), status: .accepted,
                headers: [.location: "/v1/workspaces/\(scope.name)/jobs/\(job.id)"])
        }
    }

    @Sendable private static func change(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let reference = try DocumentReference(call.parameter("document"))
        let precondition = try EntityTags.condition(of: call)
        let wanted = try await call.json(DocumentChangeObject.self)
        let path = try wanted.path.map { try DocumentPath($0) }
        guard path != nil || wanted.attributes?.isEmpty == false else {
            throw ServerError.fieldInvalid(pointer: "", expected: "path, attributes, or both")
        }
        let attributes = wanted.attributes ?? [:]
        let key = try call.idempotencyKey(
            of: ["change", call.parameter("document"), path?.text ?? ""],
            body: [UInt8](try JSONBody.data(of: attributes)))
        let document = try await call.engine.withLibrary { library in
            guard let path, attributes.isEmpty else {
                return try library.change(
                    reference, to: DocumentChange(path: path, attributes: attributes), if: precondition,
                    key: key, in: scope)
            }
            return try library.moveDocument(reference, to: path, if: precondition, key: key, in: scope)
        }
        return try .json(
            DocumentObject(document), headers: [.eTag: EntityTag.document(document.revision).text])
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
        let key = try call.idempotencyKey(of: ["delete", call.parameter("document")])
        try await call.engine.withLibrary {
            try $0.deleteDocument(reference, if: precondition, key: key, in: scope)
        }
        return .nothing(.noContent)
    }

    @Sendable private static func rendition(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let reference = try DocumentReference(call.parameter("document"))
        let known = try call.tags(.ifNoneMatch)
        let (document, bytes, mediaType) = try await call.engine.withLibrary {
            try $0.rendition(of: reference, in: scope)
        }
        let tag = EntityTag.content(document.renditionSHA256 ?? document.sha256)
        if known?.include(tag) == true { return .notModified(tag) }
        return .bytes(bytes, mediaType: mediaType, headers: [.eTag: tag.text])
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
