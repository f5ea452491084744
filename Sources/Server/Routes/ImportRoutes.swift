import Engine
import Foundation
import HTTPTypes

/// Many documents in one request, and documents that the server gets itself.
enum ImportRoutes {
    private static let streamTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
    private static let archiveTypes = [
        "application/x-tar", "application/gzip", "application/x-gzip", "application/zip",
    ]

    private static let problems: [ProblemCode] = [
        .documentPathInvalid, .spaceMismatch, .embedderUnavailable, .embedderFailed,
    ]

    static let routes: [Route] = [
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/imports/ndjson", operation: "importStream",
            summary: "Puts the documents of a stream, one a line. A line that is none fails alone.",
            body: .documents(
                mediaTypes: streamTypes,
                description: """
                    A JSON object a line: `id`, one of `text`, `markdown` and `html`, and if wanted `folder`, `title` \
                    and `attributes`. Up to \(ServerLimits.importDocumentsMax) lines.
                    """),
            answers: [(.ok, "What became of each.", .json(.reference(ImportObject.self)))],
            problems: problems + [.recordInvalid, .tooManyDocuments], door: .workspace(.write, stream)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/imports/archive", operation: "importArchive",
            summary: "Puts the documents in a tar, tar.gz or zip archive.", query: [folder],
            body: .documents(
                mediaTypes: archiveTypes,
                description: """
                    The archive. Links and devices in it are skipped; paths with `..` fail alone. Of one that is \
                    encrypted or broken, what stands before is put. Up to \(ServerLimits.importDocumentsMax) files.
                    """),
            answers: [(.ok, "What became of each.", .json(.reference(ImportObject.self)))],
            problems: problems + [.archiveInvalid, .tooManyDocuments], door: .workspace(.write, archive)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/imports/page", operation: "importPage",
            summary: "Fetches a page of the web, as its robots.txt allows, and puts it.",
            body: .json(PageObject.self),
            answers: [
                (.created, "It is new.", .json(.reference(PutObject.self))),
                (.ok, "It replaced what was there, or was there already.", .json(.reference(PutObject.self))),
            ],
            problems: problems + [
                .pageAddressInvalid, .pageForbidden, .pageFailed, .pageUnavailable, .documentNotText,
                .mediaTypeUnsupported, .tooManyChunks, .tooManyLines, .passageRefused, .documentContended,
                .documentNotFound, .bodyTooLarge, .attributesInvalid,
            ],
            door: .workspace(.write, page)),
    ]

    private static let folder = Field(
        "folder", .string("What every document's path begins with; none if absent."), isRequired: false)

    @Sendable private static func stream(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        try await call.uploads.run(for: scope.id) {
            let file = try await call.file(upTo: ServerLimits.importBytesMax, of: streamTypes)
            return try await ingest(RecordSource(FileParts(file), named: "body"), call, scope)
        }
    }

    @Sendable private static func archive(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let folder = try call.text("folder").map { try DocumentPath($0).text + "/" } ?? ""
        return try await call.uploads.run(for: scope.id) {
            let file = try await call.file(upTo: ServerLimits.importBytesMax, of: archiveTypes)
            let source = try await call.engine.inBackground {
                try ArchiveSource(file, named: "archive", prefix: folder)
            }
            return try await ingest(source, call, scope)
        }
    }

    private static func ingest(
        _ source: any IngestSource, _ call: Call, _ scope: WorkspaceScope
    ) async throws -> Answer {
        let documents = ImportedDocuments()
        let progress = try await call.engine.ingest(
            from: BoundedSource(source, countMax: ServerLimits.importDocumentsMax), named: "import",
            in: scope,
            report: documents.note)
        // Where nothing at all could be read, there is nothing to tell but why.
        if let error = progress.interruption, documents.all.isEmpty { throw error }
        return try .json(ImportObject(progress, documents: documents.all))
    }

    @Sendable private static func page(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let wanted = try await call.json(PageObject.self)
        let path = try wanted.path.map { try DocumentPath($0) }
        let given = try GivenAttributes(json: wanted.attributes ?? [:])
        guard let fetcher = call.pages else { throw EngineError.source(.page(.notOffered)) }
        return try await call.uploads.run(for: scope.id) {
            let (path, outcome) = try await call.engine.put(
                pageAt: wanted.url, path: path, given: given, by: fetcher, in: scope)
            return try await DocumentRoutes.answer(outcome, at: path, call, scope)
        }
    }
}
