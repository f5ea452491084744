import Embedding
import Foundation
import Kernels
import Testing

/// Checkpoints of other shapes than the local model's, made by `Goldens/make_tiny_models.py`, which says what computed
/// their ids and vectors: heads that no kernel takes, halves, prefixes before the names, no manifest.
@Suite struct OtherShapesTests {
    private struct Golden: Decodable {
        struct Item: Decodable {
            let text: String
            let ids: [Int32]
            let vector: [Float]
        }

        let models: [String: [Item]]

        static func load(_ name: String) throws -> [Item] {
            let all = try JSONDecoder().decode(Golden.self, from: Fixtures.golden("tiny_models.json"))
            return try #require(all.models[name])
        }
    }

    private static func directory(_ name: String) -> URL {
        Fixtures.packageRoot.appending(path: "Tests/EmbeddingTests/Goldens/\(name)")
    }

    private static func manifest(
        _ directory: URL, choices: ModelManifest.Choices = .init()
    ) throws -> ModelManifest {
        try ModelManifest.derived(from: directory, choices: choices) { _ in String(repeating: "ab", count: 32)
        }
    }

    private func embedder(_ name: String, _ precision: Precision = .float32) throws -> LocalEmbedder {
        let directory = Self.directory(name)
        return try LocalEmbedder(
            modelDirectory: directory, manifest: try Self.manifest(directory),
            pool: ComputePool(threadCount: 1), precision: precision)
    }

    @Test(arguments: ["tiny-uncased", "tiny-cased"])
    func `vectors of a checkpoint of another shape equal those of a float64 implementation`(
        name: String
    ) async throws {
        let items = try Golden.load(name)
        let embedder = try embedder(name)
        // A question would get the prefix that the cased one's prompts state.
        let vectors = try await embedder.embed(items.map(\.text), as: .passage)
        for (row, item) in items.enumerated() {
            let difference = zip(vectors.row(row), item.vector).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            // Found: 4e-7 at most.
            #expect(
                vectors.dimension == item.vector.count && difference < 1e-5, "\(item.text): \(difference)")
            #expect(embedder.tokenCount(of: item.text) == item.ids.count - 2, "\(item.text)")
        }
    }

    @Test func `a manifest is made of what sentence-transformers writes beside a model`() throws {
        let uncased = try Self.manifest(Self.directory("tiny-uncased"))
        #expect(uncased.id == "tiny-uncased" && uncased.dimension == 48 && uncased.pooling == .cls)
        #expect(uncased.windowTokens == 24 && uncased.precisions == [.float32])
        #expect(uncased.prefixes == .init(query: "", passage: ""))
        #expect(uncased.files.map(\.name) == ["model.safetensors", "tokenizer.json", "config.json"])
        let cased = try Self.manifest(Self.directory("tiny-cased"))
        #expect(cased.pooling == .mean && cased.windowTokens == 16)
        #expect(cased.prefixes == .init(query: "The lamp: ", passage: ""))
        #expect(
            cased.files.map(\.name) == [
                "model.safetensors", "vocab.txt", "tokenizer_config.json", "config.json",
            ])
        #expect(cased.revision == "abababababab" && cased.source == nil)
    }

    @Test func `what is chosen goes before what the files say`() throws {
        var choices = ModelManifest.Choices()
        (choices.id, choices.pooling, choices.windowTokens) = ("other", .mean, 9)
        (choices.queryPrefix, choices.passagePrefix, choices.licence) = ("q: ", "p: ", "MIT")
        let manifest = try Self.manifest(Self.directory("tiny-uncased"), choices: choices)
        #expect(manifest.id == "other" && manifest.pooling == .mean && manifest.windowTokens == 9)
        #expect(manifest.prefixes == .init(query: "q: ", passage: "p: ") && manifest.licence == "MIT")
    }

    @Test func `a manifest that was derived reads as it was written`() throws {
        let manifest = try Self.manifest(Self.directory("tiny-cased"))
        try Fixtures.withDirectory { directory in
            try JSONEncoder().encode(manifest).write(to: directory.appending(path: "model.json"))
            #expect(try ModelManifest.read(from: directory) == manifest)
            #expect(!manifest.isInstalled(in: directory))
            #expect(manifest.isInstalled(in: Self.directory("tiny-cased")))
        }
    }

    @Test func `a prefix stands before texts of its role, and takes its part of the window`() async throws {
        let embedder = try embedder("tiny-cased")
        let prefixed = try await embedder.embed(["the lamp"], as: .query)
        let written = try await embedder.embed(["The lamp: the lamp"], as: .passage)
        let without = try await embedder.embed(["the lamp"], as: .passage)
        #expect(prefixed == written && prefixed != without)
        // The, lamp and an unknown colon.
        #expect(embedder.specialTokenCount == 5)
    }

    @Test func `int8 is refused for a shape that does not divide into bytes, by what the model can`() {
        #expect {
            try embedder("tiny-uncased", .int8)
        } throws: { error in
            if case EmbeddingError.unsupportedModel("model.json", "precisions", "float32", "int8") = error {
                true
            } else {
                false
            }
        }
    }

    /// A copy of the uncased checkpoint with one file changed.
    private func loadingError(changing name: String, _ change: (Data) -> Data?) throws -> String {
        try Fixtures.withDirectory { directory in
            let copy = directory.appending(path: "tiny")
            try FileManager.default.copyItem(at: Self.directory("tiny-uncased"), to: copy)
            let file = copy.appending(path: name)
            if let changed = try change(Data(contentsOf: file)) {
                try changed.write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            do {
                _ = try LocalEmbedder(
                    modelDirectory: copy, manifest: try Self.manifest(copy), pool: ComputePool(threadCount: 1)
                )
                return "none"
            } catch {
                return "\(error)"
            }
        }
    }

    private func replacing(_ old: String, with new: String) -> (Data) -> Data? {
        { data in
            // Latin-1 keeps every byte as it is.
            String(data: data, encoding: .isoLatin1)?.replacing(old, with: new).data(using: .isoLatin1)
        }
    }

    @Test func `what is missing of a checkpoint is named`() throws {
        #expect(
            try loadingError(changing: "tokenizer.json") { _ in nil }
                == "fileMissing(name: \"tokenizer.json or vocab.txt\")")
        #expect(try loadingError(changing: "model.safetensors") { _ in nil }.contains("model.safetensors"))
        let error = try loadingError(
            changing: "model.safetensors",
            replacing(
                "bert.embeddings.word_embeddings.weight", with: "bert.embeddings.word_embeddings.heavy_"))
        #expect(error == "tensorMissing(name: \"embeddings.word_embeddings.weight\")")
        let second = try loadingError(
            changing: "model.safetensors",
            replacing("\"bert.pooler.dense.weight", with: "\"bert.pooler.dense.heavy_"))
        #expect(second == "none")
    }

    @Test func `poolings that are not computed here are refused by name`() throws {
        let error = try loadingError(
            changing: "1_Pooling/config.json",
            replacing("\"pooling_mode_max_tokens\": false", with: "\"pooling_mode_max_tokens\": true"))
        #expect(
            error.contains("1_Pooling/config.json") && error.contains("cls_token, max_tokens"), "\(error)")
    }

    @Test func `an activation that is not computed here is refused by name`() throws {
        let error = try loadingError(
            changing: "config.json", replacing("\"gelu\"", with: "\"swiglu\""))
        #expect(error.contains("hidden_act") && error.contains("swiglu"), "\(error)")
    }
}
