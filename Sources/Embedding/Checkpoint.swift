import Foundation

/// The form in which a model's weights and vocabulary are stored.
package enum ModelFormat: String, Sendable, Codable, CaseIterable {
    /// `model.safetensors` and `config.json`, with `tokenizer.json` or `vocab.txt`: as Hugging Face stores BERT.
    case safetensors

    /// One file: see `E5File`.
    case e5s1 = "E5S1"
}

/// A model's files, opened: its shape, where its weights lie, and the tokenizer that goes with them.
struct Checkpoint {
    let configuration: BertConfiguration
    let tensors: any TensorSource
    let tokenizer: any Tokenizer

    /// - Throws: the cases of `EmbeddingError` about files, configuration, vocabulary and headers.
    init(_ manifest: ModelManifest, in directory: URL) throws(EmbeddingError) {
        switch manifest.format {
        case .safetensors:
            configuration = try Self.configuration(in: directory)
            tensors = try BertTensors(SafetensorsFile(directory.appending(path: ModelFile.weights)))
            tokenizer = try Self.tokenizer(
                in: directory, files: manifest.files.map(\.name), rowCount: configuration.vocabularyCount)
        case .e5s1:
            let file = try E5File(directory.appending(path: manifest.weightsFile.name))
            (configuration, tensors) = (file.configuration, file)
            tokenizer = file.tokenizer()
        }
    }

    static func configuration(in directory: URL) throws(EmbeddingError) -> BertConfiguration {
        try BertConfiguration.parse(ModelFile.load(ModelFile.configuration, from: directory))
    }

    static func tokenizer(
        in directory: URL, files: [String], rowCount: Int
    ) throws(EmbeddingError) -> any Tokenizer {
        if files.contains(ModelFile.tokenizer) {
            return try WordPieceTokenizer(
                ModelFile.load(ModelFile.tokenizer, from: directory), vocabularyCount: rowCount)
        }
        let settings =
            files.contains(ModelFile.tokenizerSettings)
            ? try ModelFile.load(ModelFile.tokenizerSettings, from: directory) : nil
        return try WordPieceTokenizer(
            lines: ModelFile.load(ModelFile.vocabulary, from: directory), settings: settings,
            vocabularyCount: rowCount)
    }
}
