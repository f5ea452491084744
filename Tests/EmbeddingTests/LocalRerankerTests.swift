import Embedding
import Foundation
import Kernels
import Testing

/// A cross-encoder made by `Goldens/make_tiny_reranker.py`, which says what computed its scores.
@Suite struct LocalRerankerTests {
    private struct Golden: Decodable {
        struct Item: Decodable {
            let query: String
            let passage: String
            let score: Double
        }

        let items: [Item]

        static func load() throws -> [Item] {
            try JSONDecoder().decode(Golden.self, from: Fixtures.golden("tiny_reranker.json")).items
        }
    }

    private static let directory = Fixtures.packageRoot.appending(
        path: "Tests/EmbeddingTests/Goldens/tiny-reranker")

    private static func manifest(
        of directory: URL, _ adjust: (inout ModelManifest.Choices) -> Void = { _ in }
    ) throws -> ModelManifest {
        var choices = ModelManifest.Choices()
        adjust(&choices)
        return try ModelManifest.derived(from: directory, choices: choices) { _ in
            String(repeating: "ab", count: 32)
        }
    }

    private func reranker(threads: Int = 2) throws -> LocalReranker {
        try LocalReranker(
            modelDirectory: Self.directory, manifest: try Self.manifest(of: Self.directory),
            pool: ComputePool(threadCount: threads))
    }

    // MARK: Scores

    @Test func `scores equal those of a float64 implementation, of cut pairs too`() async throws {
        let reranker = try reranker()
        let items = try Golden.load()
        #expect(items.count == 8)
        for item in items {
            let scores = try await reranker.scores(of: [item.passage], for: item.query)
            // Found: 4e-6 at most.
            #expect(
                scores.count == 1 && abs(scores[0] - item.score) < 1e-4,
                "\(item.query), \(item.passage): \(scores), \(item.score)")
        }
    }

    @Test(arguments: [1, 3])
    func `a passage has the same score alone and among others, in the order of the call`(
        threads: Int
    ) async throws {
        let reranker = try reranker(threads: threads)
        let items = try Golden.load().filter { $0.query == "where does the petrel nest?" }
        #expect(items.count == 3)
        // More than one batch holds.
        let many = (0..<RerankerLimits.passagesMax).map { items[$0 * 7 % items.count] }
        let scores = try await reranker.scores(of: many.map(\.passage), for: items[0].query)
        #expect(scores.count == many.count)
        let worst = zip(scores, many).reduce(0) { max($0, abs($1.0 - $1.1.score)) }
        #expect(worst < 1e-4)
    }

    @Test func `what is beyond the window changes nothing`() async throws {
        let reranker = try reranker()
        #expect(reranker.windowTokens == 24)
        let passage = String(repeating: "water ", count: 20)
        let query = String(repeating: "gull ", count: 10)
        let scores = try await reranker.scores(of: [passage, passage + "lamp"], for: query)
        // Of as many pairs: batches of other sizes are summed in another order on some processors.
        let longer = try await reranker.scores(of: [passage, passage], for: query + "and lamps")
        #expect(scores[0] == scores[1] && scores == longer)
    }

    @Test func `packed weights give the same scores, and lie in the folder`() async throws {
        let item = try Golden.load()[0]
        let copy = FileManager.default.temporaryDirectory.appending(path: "reranker-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Self.directory, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        for _ in 0..<2 {
            let reranker = try LocalReranker(
                modelDirectory: copy, manifest: try Self.manifest(of: copy),
                pool: ComputePool(threadCount: 1), keepsPacked: true)
            let scores = try await reranker.scores(of: [item.passage], for: item.query)
            #expect(abs(scores[0] - item.score) < 1e-4)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: copy.path)
        #expect(names.contains { $0.hasPrefix("packed.") }, "\(names)")
    }

    // MARK: Bounds

    @Test func `of no passages there are no scores, and more than are taken are refused with both numbers`()
        async throws
    {
        let reranker = try reranker()
        #expect(try await reranker.scores(of: [], for: "lamp").isEmpty)
        await #expect {
            try await reranker.scores(of: Array(repeating: "lamp", count: 201), for: "lamp")
        } throws: { error in
            if case EmbeddingError.tooManyTexts(201, 200) = error { true } else { false }
        }
    }

    @Test func `a passage larger than any document is refused with its place`() async throws {
        let reranker = try reranker()
        let large = String(repeating: "x", count: LocalReranker.passageBytesMax + 1)
        await #expect {
            try await reranker.scores(of: ["lamp", large], for: "lamp")
        } throws: { error in
            if case EmbeddingError.textTooLong(1, let found, let most) = error {
                found == most + 1
            } else {
                false
            }
        }
    }

    @Test func `a call whose task was cancelled ends with that`() async throws {
        let reranker = try reranker()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await reranker.scores(of: ["lamp"], for: "lamp")
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    // MARK: Manifests

    @Test func `a folder whose head classifies is for reranking, and says so when it is read again`() throws {
        let manifest = try Self.manifest(of: Self.directory)
        #expect(manifest.task == .rerank && manifest.id == "tiny-reranker" && manifest.windowTokens == 24)
        #expect(manifest.precisions == [.float32] && manifest.dimension == 32)
        try Fixtures.withDirectory { directory in
            try JSONEncoder().encode(manifest).write(to: directory.appending(path: "model.json"))
            #expect(try ModelManifest.read(from: directory) == manifest)
        }
    }

    @Test func `a model for reranking need not say what only vectors have, and one for vectors must`() throws
    {
        let stated = """
            {"id": "x", "task": "TASK", "architecture": "bert", "dimension": 32, "windowTokens": 24, "files": [
            {"name": "model.safetensors", "byteCount": 1, "sha256": "ab"},
            {"name": "tokenizer.json", "byteCount": 1, "sha256": "ab"},
            {"name": "config.json", "byteCount": 1, "sha256": "ab"}]}
            """
        func reading(_ task: String) throws -> ModelTask {
            try Fixtures.withDirectory { directory in
                try Data(stated.replacing("TASK", with: task).utf8)
                    .write(to: directory.appending(path: "model.json"))
                return try ModelManifest.read(from: directory).task
            }
        }
        #expect(try reading("rerank") == .rerank)
        #expect {
            try reading("embed")
        } throws: { error in
            if case EmbeddingError.malformedJSON("model.json", _) = error { true } else { false }
        }
        #expect {
            try reading("classify")
        } throws: { error in
            if case EmbeddingError.unsupportedModel("model.json", "task", "classify", "embed, rerank") = error
            {
                true
            } else {
                false
            }
        }
    }

    @Test func `a model is not used for what it is not for`() throws {
        let pool = ComputePool(threadCount: 1)
        #expect {
            try LocalEmbedder(
                modelDirectory: Self.directory, manifest: try Self.manifest(of: Self.directory), pool: pool)
        } throws: { error in
            if case EmbeddingError.unsupportedModel("model.json", "task", "rerank", "embed") = error {
                true
            } else {
                false
            }
        }
        let other = Self.directory.deletingLastPathComponent().appending(path: "tiny-uncased")
        #expect {
            try LocalReranker(modelDirectory: other, manifest: try Self.manifest(of: other), pool: pool)
        } throws: { error in
            if case EmbeddingError.unsupportedModel("model.json", "task", "embed", "rerank") = error {
                true
            } else {
                false
            }
        }
    }

    // MARK: Weights

    /// Why a folder with one file changed is refused; "none" if it is not. Texts are replaced by others of
    /// their length.
    private func loadingError(
        in name: String, replacing old: String, with new: String, window: Int? = nil
    ) throws -> String {
        try Fixtures.withDirectory { directory in
            let copy = directory.appending(path: "tiny")
            try FileManager.default.copyItem(at: Self.directory, to: copy)
            let file = copy.appending(path: name)
            // Latin-1 keeps every byte as it is.
            let text = try #require(String(data: Data(contentsOf: file), encoding: .isoLatin1))
            #expect(text.contains(old))
            try #require(text.replacing(old, with: new).data(using: .isoLatin1)).write(to: file)
            let manifest = try Self.manifest(of: copy) { choices in
                choices.task = .rerank
                choices.windowTokens = window
            }
            do {
                _ = try LocalReranker(
                    modelDirectory: copy, manifest: manifest, pool: ComputePool(threadCount: 1))
                return "none"
            } catch {
                return "\(error)"
            }
        }
    }

    @Test(arguments: [
        ("\"classifier.weight\"", "\"classifier.heavy_\"", "tensorMissing(name: \"classifier.weight\")"),
        (
            "bert.pooler.dense.bias", "bert.pooler.dense.sway",
            "tensorMissing(name: \"bert.pooler.dense.bias\")"
        ),
        (
            "{\"dtype\":\"F32\",\"shape\":[1,32]", "{\"dtype\":\"F32\",\"shape\":[2,16]",
            "tensorShapeMismatch(name: \"classifier.weight\", found: [2, 16], expected: [1, 32])"
        ),
    ])
    func `what a head lacks, or has of another shape, is named`(
        old: String, new: String, error: String
    ) throws {
        #expect(try loadingError(in: "model.safetensors", replacing: old, with: new) == error)
    }

    @Test func `a model that knows one type of token reads no pairs`() throws {
        let error = try loadingError(
            in: "config.json", replacing: "\"type_vocab_size\": 2", with: "\"type_vocab_size\": 0")
        #expect(error.contains("type_vocab_size") && error.contains("2 or more"), "\(error)")
    }

    @Test func `a window without room for both texts is refused with what is allowed`() throws {
        let error = try loadingError(in: "config.json", replacing: "gelu", with: "gelu", window: 7)
        #expect(error.contains("windowTokens") && error.contains("8 to 24"), "\(error)")
    }
}
