package import Foundation

/// A BERT encoder, loaded: token ids to vectors.
package struct BertModel: Sendable {
    package let configuration: BertConfiguration
    private let weights: BertWeights

    /// Loads `config.json` and `model.safetensors`.
    ///
    /// - Throws: the cases of `EmbeddingError` about files, configuration and tensors.
    package init(directory: URL) throws(EmbeddingError) {
        let file = try ModelFile.load(ModelFile.configuration, from: directory)
        configuration = try BertConfiguration.parse(file)
        weights = try BertWeights(
            SafetensorsFile(directory.appending(path: ModelFile.weights)), configuration)
    }

    /// The mean over each text's tokens, special ones included, scaled to unit length: `texts.count ×
    /// hiddenSize`, row-major. Runs on the calling thread and takes about 16 kB a token with MiniLM.
    ///
    /// - Parameter texts: token ids below `vocabularyCount`; each text with 1 to `positionCount` of them.
    package func embed(_ texts: [[Int32]]) -> [Float] {
        var pass = BertPass(texts, configuration: configuration, weights: weights)
        return pass.run()
    }
}
