import Foundation

/// A BERT that scores pairs of texts, loaded: token ids to numbers.
struct BertPairModel: Sendable {
    let configuration: BertConfiguration
    private let weights: BertWeights
    private let head: PairHead
    private let buffers = BertBufferPool()

    /// Two texts as the model reads them: `[CLS] first [SEP] second [SEP]`.
    struct Pair: Sendable {
        var ids: [Int32]

        /// The first token after the middle `[SEP]`, from which on tokens are of the second type.
        var secondStart: Int
    }

    /// - Parameter packedFile: where the maps may lie packed, and are put if they do not; nil for nowhere.
    /// - Throws: the cases of `EmbeddingError` about files, configuration and tensors.
    init(directory: URL, packedFile: PackedFile.Place?) throws(EmbeddingError) {
        configuration = try Checkpoint.configuration(in: directory)
        let file = try SafetensorsFile(directory.appending(path: ModelFile.weights))
        let tensors = try BertTensors(file)
        head = try PairHead(file, tensors, width: configuration.hiddenSize)
        weights = try BertWeights(
            tensors, configuration, precision: .float32, calibration: nil, packedFile: packedFile)
        guard weights.secondType != nil else {
            throw .unsupportedModel(
                file: ModelFile.configuration, field: "type_vocab_size",
                found: "\(configuration.typeCount)", expected: "2 or more, for pairs")
        }
    }

    /// The score of each pair. Runs on the calling thread and takes memory as `BertModel.embed` does.
    ///
    /// - Parameter pairs: each with 1 to `positionCount` token ids below `vocabularyCount`.
    func scores(of pairs: [Pair]) -> [Double] {
        var pass = BertPass(
            pairs.map(\.ids), secondStarts: pairs.map(\.secondStart), configuration: configuration,
            weights: weights, buffers: buffers.take())
        defer { buffers.giveBack(pass.buffers) }
        return head.scores(of: pass.runFirstRows())
    }
}
