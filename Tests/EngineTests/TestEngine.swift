import Documents
import Embedding
import Engine
import Foundation
import Kernels
import Store
import TestSupport
import Testing

/// An engine over a folder of its own, with an embedder that needs no model.
struct TestEngine: Sendable {
    let folder: TemporaryFolder
    let embedder: WordHashEmbedder
    let engine: Engine
    let scope: WorkspaceScope

    /// - Parameter others: embedders of workspaces that have another than `embedder`; without any, such workspaces are
    ///   refused.
    init(
        folder: TemporaryFolder? = nil, embedder: WordHashEmbedder = WordHashEmbedder(),
        others: [any Embedder] = [], tailRowsMax: Int = 4_096, tailRowsSealedAtClose: Int = 1_024,
        trainingRowsMin: Int? = nil,
        environment: StoreEnvironment = .system, _ adjust: (inout EngineConfiguration) -> Void = { _ in }
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        self.embedder = embedder
        var configuration = EngineConfiguration(
            dataDirectory: self.folder.url.appending(path: "data", directoryHint: .isDirectory),
            tailRowsMax: tailRowsMax, tailRowsSealedAtClose: tailRowsSealedAtClose,
            trainingRowsMin: trainingRowsMin)
        configuration.wait = { _ in }
        adjust(&configuration)
        let shelf =
            others.isEmpty
            ? EmbedderShelf(only: { embedder })
            : EmbedderShelf(standard: { embedder }) { space in others.first { $0.space == space } }
        engine = try Engine(
            configuration: configuration, embedders: shelf, pool: ComputePool(threadCount: 2),
            environment: environment)
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

    /// - Parameter mode: by vectors where nothing is said: what most tests are about.
    func search(
        _ query: String, limit: Int = 10, recallTarget: Double = SearchRequest.recallTargetDefault,
        nprobe: Int? = nil, mode: SearchMode = .vector, _ adjust: (inout SearchRequest) -> Void = { _ in }
    ) async throws -> SearchResponse {
        var request = SearchRequest(
            query: query, limit: limit, recallTarget: recallTarget, nprobe: nprobe, mode: mode)
        adjust(&request)
        return try await engine.search(request, in: scope)
    }

    /// The files of the workspace's sealed segments, or of its quantizers.
    func segmentFiles(_ type: String = "vectors") throws -> [URL] {
        let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == type }
    }

    /// What `verify` finds wrong.
    func findings() throws -> [String] {
        try engine.library.verify(in: scope).findings
    }

    /// The answers to a few questions with every passage compared, to the last bit.
    func exactAnswers() async throws -> [[Answer]] {
        var answers: [[Answer]] = []
        for query in ["w11 w12 own3x2", "w500", "own7x1 own8x1 own9x1", "w1 w2 w3 w4 w5 w6"] {
            let response = try await search(query, limit: 40, recallTarget: 1)
            #expect(response.searched.isComplete, "\(response.searched)")
            #expect(response.expectedRecall == 1)
            answers.append(
                response.hits.map { Answer(chunk: $0.citation.chunkID, similarity: $0.similarity) })
        }
        return answers
    }

    struct Answer: Equatable {
        var chunk: String
        var similarity: Float?
    }

    /// What a process that is killed now leaves behind.
    static func image(of folder: TemporaryFolder) throws -> TemporaryFolder {
        let image = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: folder.url.appending(path: "data"), to: image.url.appending(path: "data"))
        let files = FileManager.default.enumerator(at: image.url, includingPropertiesForKeys: nil)
        // Memory that processes share: the next one makes it anew.
        for case let file as URL in files?.allObjects ?? [] where file.lastPathComponent.hasSuffix("-shm") {
            try FileManager.default.removeItem(at: file)
        }
        return image
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
