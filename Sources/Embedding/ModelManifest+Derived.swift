package import Foundation

extension ModelManifest {
    /// What nobody can read from a model's files, said by whoever puts the model there. Nil: as the files say, or as is
    /// usual.
    package struct Choices: Sendable {
        package var id: String?
        package var task: ModelTask?
        package var pooling: Pooling?
        package var windowTokens: Int?
        package var queryPrefix: String?
        package var passagePrefix: String?
        package var licence: String?
        package var upstream: String?

        package init() {}
    }

    /// The `model.json` of a directory that has none, from the files that Hugging Face and sentence-transformers
    /// write: `config.json`, `model.safetensors`, `tokenizer.json` or `vocab.txt`, and if they are there
    /// `1_Pooling/config.json`, `sentence_bert_config.json` and `config_sentence_transformers.json`.
    ///
    /// Without a word about it pooling is the mean, as in sentence-transformers, the window all positions, and no
    /// prefix is put before a text. A `BertForSequenceClassification` is for reranking.
    ///
    /// - Parameter sha256: the digest of a file, 64 hexadecimal digits.
    /// - Throws: what `LocalEmbedder` does for files that are missing or of another kind, and what `sha256` does.
    package static func derived(
        from directory: URL, choices: Choices = Choices(), sha256: (URL) throws -> String
    ) throws -> ModelManifest {
        let configuration = try Checkpoint.configuration(in: directory)
        let task = try choices.task ?? statedTask(in: directory)
        let prompts = try task == .embed ? prompts(in: directory) : [:]
        let window = try choices.windowTokens ?? statedWindow(in: directory) ?? configuration.positionCount
        return ModelManifest(
            id: choices.id ?? directory.standardizedFileURL.lastPathComponent, task: task,
            architecture: "bert", format: .safetensors, dimension: configuration.hiddenSize,
            windowTokens: min(window, configuration.positionCount),
            pooling: try task == .rerank
                ? .cls : choices.pooling ?? statedPooling(in: directory) ?? .mean,
            normalized: task == .embed,
            prefixes: Prefixes(
                query: choices.queryPrefix ?? prompts["query"] ?? "",
                passage: choices.passagePrefix ?? prompts["passage"] ?? prompts["document"] ?? ""),
            precisions: task == .embed && configuration.dividesIntoBytes ? Precision.allCases : [.float32],
            languages: nil, cosines: nil, licence: choices.licence, upstream: choices.upstream, source: nil,
            files: try filesPresent(in: directory).map { name in
                let url = directory.appending(path: name)
                let file = try MappedFile(path: url.path, name: name)
                return File(name: name, byteCount: file.byteCount, sha256: try sha256(url))
            })
    }

    /// Whether there is something that a manifest could be derived from.
    package static func isDerivable(from directory: URL) -> Bool {
        ModelFile.exists(ModelFile.configuration, in: directory)
            && ModelFile.exists(ModelFile.weights, in: directory)
    }

    private static func filesPresent(in directory: URL) throws(EmbeddingError) -> [String] {
        let vocabularies = [[ModelFile.tokenizer], [ModelFile.vocabulary, ModelFile.tokenizerSettings]]
        guard
            let vocabulary = vocabularies.first(where: { ModelFile.exists($0[0], in: directory) })
        else { throw .fileMissing(name: "\(ModelFile.tokenizer) or \(ModelFile.vocabulary)") }
        let optional = vocabulary.dropFirst().filter { ModelFile.exists($0, in: directory) }
        return [ModelFile.weights, vocabulary[0]] + optional + [ModelFile.configuration]
    }

    private struct ArchitectureFile: Decodable {
        let architectures: [String]?
    }

    /// A BERT with a head that classifies is one that scores pairs: `PairHead` refuses those of several classes.
    private static func statedTask(in directory: URL) throws(EmbeddingError) -> ModelTask {
        let file: ArchitectureFile? = try decoded(ModelFile.configuration, in: directory)
        return file?.architectures?.contains("BertForSequenceClassification") == true ? .rerank : .embed
    }

    /// The modes that are switched on, without the words they all begin with: `cls_token`, `mean_tokens`.
    private struct PoolingFile: Decodable {
        let modes: [String]

        private static let prefix = "pooling_mode_"

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            modes = try fields.allKeys.filter { $0.stringValue.hasPrefix(Self.prefix) }
                .filter { try fields.decode(Bool.self, forKey: $0) }
                .map { String($0.stringValue.dropFirst(Self.prefix.count)) }.sorted()
        }
    }

    /// - Throws: `unsupportedModel` for other poolings, and for several at once.
    private static func statedPooling(in directory: URL) throws(EmbeddingError) -> Pooling? {
        guard let file: PoolingFile = try decoded(ModelFile.pooling, in: directory) else { return nil }
        switch file.modes {
        case ["cls_token"]: return .cls
        case ["mean_tokens"]: return .mean
        default:
            throw .unsupportedModel(
                file: ModelFile.pooling, field: "pooling_mode", found: file.modes.joined(separator: ", "),
                expected: "cls_token or mean_tokens")
        }
    }

    private struct WindowFile: Decodable {
        let tokensMax: Int?

        enum CodingKeys: String, CodingKey {
            case tokensMax = "max_seq_length"
        }
    }

    private static func statedWindow(in directory: URL) throws(EmbeddingError) -> Int? {
        let file: WindowFile? = try decoded(ModelFile.window, in: directory)
        return file?.tokensMax
    }

    private struct PromptsFile: Decodable {
        let prompts: [String: String]?
    }

    private static func prompts(in directory: URL) throws(EmbeddingError) -> [String: String] {
        let file: PromptsFile? = try decoded(ModelFile.prompts, in: directory)
        return file?.prompts ?? [:]
    }

    /// Nil if there is no such file.
    private static func decoded<Value: Decodable>(
        _ name: String, in directory: URL
    ) throws(EmbeddingError) -> Value? {
        guard ModelFile.exists(name, in: directory) else { return nil }
        let bytes = try ModelFile.load(name, from: directory)
        do {
            return try JSONDecoder().decode(Value.self, from: bytes)
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
    }
}
