import Documents
import Embedding
import Engine
import Foundation
import Kernels
import TestSupport

/// An engine over a folder of its own, with an embedder that needs no model.
struct TestEngine: Sendable {
    let folder: TemporaryFolder
    let embedder: WordHashEmbedder
    let engine: Engine
    let scope: WorkspaceScope

    init(
        folder: TemporaryFolder? = nil, embedder: WordHashEmbedder = WordHashEmbedder(),
        tailRowsMax: Int = 16_384, tailRowsSealedAtClose: Int = 1_024
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        self.embedder = embedder
        engine = try Engine(
            configuration: EngineConfiguration(
                dataDirectory: self.folder.url.appending(path: "data", directoryHint: .isDirectory),
                tailRowsMax: tailRowsMax, tailRowsSealedAtClose: tailRowsSealedAtClose),
            embedder: embedder, pool: ComputePool(threadCount: 2))
        if try !engine.library.hasWorkspace(named: "notes") {
            try engine.library.createWorkspace(named: "notes")
        }
        scope = try engine.library.operatorScope(forWorkspace: "notes")
    }

    @discardableResult
    func ingest(_ documents: [String: String]) async throws -> IngestProgress {
        let items = documents.sorted { $0.key < $1.key }.map { path, text in
            Self.item(path, bytes: Array(text.utf8))
        }
        return try await engine.ingest(items, in: scope)
    }

    static func item(_ path: String, bytes: [UInt8]) -> IngestItem {
        IngestItem(
            path: path, mediaType: MediaType.inferred(fromFileName: path) ?? .plainText,
            byteCount: bytes.count, load: { bytes })
    }

    func search(_ query: String, limit: Int = 10) async throws -> SearchResponse {
        try await engine.search(SearchRequest(query: query, limit: limit), in: scope)
    }

    /// The files of the workspace's sealed segments.
    func segmentFiles() throws -> [URL] {
        let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "vectors" }
    }
}

/// Documents about nothing, the same for the same seed: each has words of its own, and shares some with
/// others.
enum Texts {
    static func documents(count: Int, paragraphs: Int, seed: UInt64) -> [String: String] {
        var generator = SplitMix64(seed: seed)
        var documents: [String: String] = [:]
        for number in 0..<count {
            let body = (0..<paragraphs).map { paragraph in
                let words = (0..<40).map { _ in "w\(UInt32.random(in: 0..<2_000, using: &generator))" }
                return "own\(number)x\(paragraph) " + words.joined(separator: " ") + "."
            }
            documents["d\(number).md"] = "# Document \(number)\n\n" + body.joined(separator: "\n\n") + "\n"
        }
        return documents
    }
}
