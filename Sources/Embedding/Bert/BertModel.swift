package import Foundation

/// A BERT encoder, loaded: token ids to vectors.
package struct BertModel: Sendable {
    package let configuration: BertConfiguration

    /// What the rounding is fitted to; nil with Float32 or without.
    package let calibration: Calibration?
    private let weights: BertWeights
    private let buffers = BertBufferPool()
    private let pooling: Pooling

    /// Loads `config.json`, `model.safetensors` and, for bytes, `calibration.json` if there is one.
    ///
    /// - Throws: the cases of `EmbeddingError` about files, configuration and tensors.
    package init(directory: URL, precision: Precision = .float32) throws(EmbeddingError) {
        let configuration = try Checkpoint.configuration(in: directory)
        try self.init(
            configuration, BertTensors(SafetensorsFile(directory.appending(path: ModelFile.weights))),
            pooling: .mean, directory: directory, precision: precision, packedFile: nil)
    }

    /// - Parameters:
    ///   - directory: where a `calibration.json` may be, for bytes.
    ///   - packedFile: where the maps may lie packed, and are put if they do not; nil for nowhere.
    /// - Throws: the cases of `EmbeddingError` about the calibration and tensors.
    init(
        _ configuration: BertConfiguration, _ tensors: some TensorSource, pooling: Pooling, directory: URL,
        precision: Precision, packedFile: PackedFile.Place?
    ) throws(EmbeddingError) {
        self.configuration = configuration
        self.pooling = pooling
        if precision == .int8 { try configuration.checkDividesIntoBytes() }
        calibration = precision == .int8 ? try Calibration.load(from: directory, for: configuration) : nil
        weights = try BertWeights(
            tensors, configuration, precision: precision, calibration: calibration, packedFile: packedFile)
    }

    /// How large the inputs of the linear maps become in these texts: the greatest magnitude of each
    /// component.
    ///
    /// - Parameter texts: as for `embed`, and not none.
    package func inputMaxima(of texts: [[Int32]]) -> [Calibration.Layer] {
        var pass = BertPass(
            texts, configuration: configuration, weights: weights, buffers: buffers.take())
        defer { buffers.giveBack(pass.buffers) }
        return pass.runMeasuring()
    }

    /// The pooled vector of each text, scaled to unit length: `texts.count × hiddenSize`, row-major. Runs on the
    /// calling thread and takes about 16 kB a token with MiniLM.
    ///
    /// - Parameter texts: token ids below `vocabularyCount`; each text with 1 to `positionCount` of them.
    package func embed(_ texts: [[Int32]]) -> [Float] {
        var pass = BertPass(
            texts, configuration: configuration, weights: weights, buffers: buffers.take())
        defer { buffers.giveBack(pass.buffers) }
        return pass.run(pooling: pooling)
    }
}
