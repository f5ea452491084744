package import Foundation
import Kernels

/// The shape of a BERT encoder: absolute positions, a normalisation after each half of a layer.
package struct BertConfiguration: Sendable, Equatable {
    package let hiddenSize: Int
    package let layerCount: Int
    package let headCount: Int
    package let intermediateSize: Int
    package let positionCount: Int
    package let vocabularyCount: Int

    /// Token types; 0 for a model without.
    package let typeCount: Int
    package let layerNormEpsilon: Float
    package let activation: Activation

    /// What the feed-forward part bends its numbers by.
    package enum Activation: Sendable {
        /// The exact GELU.
        case gelu

        /// The GELU by the formula with tanh.
        case tanhGELU
    }

    /// Components of one head: `hiddenSize / headCount`.
    package var headSize: Int { hiddenSize / headCount }

    /// Whether the linear maps can be computed in whole numbers of a byte.
    package var dividesIntoBytes: Bool {
        hiddenSize.isMultiple(of: ByteMap.countUnit) && intermediateSize.isMultiple(of: ByteMap.countUnit)
    }

    /// From the `config.json` that a model's authors publish.
    ///
    /// - Throws: `malformedJSON`, `unsupportedModel`.
    package static func parse(_ bytes: Data) throws(EmbeddingError) -> BertConfiguration {
        let file: ConfigurationFile
        do {
            file = try JSONDecoder().decode(ConfigurationFile.self, from: bytes)
        } catch let error as EmbeddingError {
            throw error
        } catch {
            throw .malformedJSON(file: ModelFile.configuration, cause: error)
        }
        let configuration = BertConfiguration(
            hiddenSize: file.hiddenSize, layerCount: file.layerCount, headCount: file.headCount,
            intermediateSize: file.intermediateSize, positionCount: file.positionCount,
            vocabularyCount: file.vocabularyCount, typeCount: file.typeCount ?? 2,
            layerNormEpsilon: file.layerNormEpsilon ?? 1e-12, activation: try file.checkedActivation())
        try configuration.checkSizes(in: ModelFile.configuration)
        return configuration
    }

    /// - Parameter file: whose sizes these are.
    /// - Throws: `unsupportedModel`, with the field's name in a `config.json`.
    func checkSizes(in file: String) throws(EmbeddingError) {
        // The bounds are those of the largest published BERT, with room: they keep products of sizes far from
        // Int.max.
        let sizes: [(field: ConfigurationFile.CodingKeys, found: Int, allowed: ClosedRange<Int>)] = [
            (.hiddenSize, hiddenSize, 1...1 << 13), (.layerCount, layerCount, 1...1 << 7),
            (.headCount, headCount, 1...1 << 7), (.intermediateSize, intermediateSize, 1...1 << 15),
            (.positionCount, positionCount, 1...1 << 13), (.vocabularyCount, vocabularyCount, 1...1 << 20),
            (.typeCount, typeCount, 0...1 << 4),
        ]
        for size in sizes where !size.allowed.contains(size.found) {
            throw unsupported(
                file, size.field, "\(size.found)", "\(size.allowed.lowerBound) to \(size.allowed.upperBound)")
        }
        guard hiddenSize.isMultiple(of: headCount) else {
            throw unsupported(file, .headCount, "\(headCount)", "a divisor of \(hiddenSize)")
        }
        guard layerNormEpsilon > 0, layerNormEpsilon < 1 else {
            throw unsupported(file, .layerNormEpsilon, "\(layerNormEpsilon)", "between 0 and 1")
        }
    }

    /// - Throws: `unsupportedModel`.
    func checkDividesIntoBytes() throws(EmbeddingError) {
        guard !dividesIntoBytes else { return }
        let isHidden = !hiddenSize.isMultiple(of: ByteMap.countUnit)
        throw unsupported(
            ModelFile.configuration, isHidden ? .hiddenSize : .intermediateSize,
            "\(isHidden ? hiddenSize : intermediateSize)", "a multiple of \(ByteMap.countUnit) for int8")
    }

    private func unsupported(
        _ file: String, _ field: ConfigurationFile.CodingKeys, _ found: String, _ expected: String
    ) -> EmbeddingError {
        .unsupportedModel(file: file, field: field.rawValue, found: found, expected: expected)
    }
}

/// What of a `config.json` decides how a model is computed.
private struct ConfigurationFile: Decodable {
    let hiddenSize: Int
    let layerCount: Int
    let headCount: Int
    let intermediateSize: Int
    let positionCount: Int
    let vocabularyCount: Int
    let typeCount: Int?
    let layerNormEpsilon: Float?
    let activation: String

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case positionKind = "position_embedding_type"
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case positionCount = "max_position_embeddings"
        case vocabularyCount = "vocab_size"
        case typeCount = "type_vocab_size"
        case layerNormEpsilon = "layer_norm_eps"
        case activation = "hidden_act"
    }

    /// The kind comes first: a model of another kind lacks sizes that a BERT has, and says what it is.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let kinds: [(field: CodingKeys, found: String, expected: String)] = [
            (.modelType, try fields.decode(String.self, forKey: .modelType), "bert"),
            (
                .positionKind,
                try fields.decodeIfPresent(String.self, forKey: .positionKind) ?? "absolute", "absolute"
            ),
        ]
        for kind in kinds where kind.found != kind.expected {
            throw EmbeddingError.unsupportedModel(
                file: ModelFile.configuration, field: kind.field.rawValue, found: kind.found,
                expected: kind.expected)
        }
        hiddenSize = try fields.decode(Int.self, forKey: .hiddenSize)
        layerCount = try fields.decode(Int.self, forKey: .layerCount)
        headCount = try fields.decode(Int.self, forKey: .headCount)
        intermediateSize = try fields.decode(Int.self, forKey: .intermediateSize)
        positionCount = try fields.decode(Int.self, forKey: .positionCount)
        vocabularyCount = try fields.decode(Int.self, forKey: .vocabularyCount)
        typeCount = try fields.decodeIfPresent(Int.self, forKey: .typeCount)
        layerNormEpsilon = try fields.decodeIfPresent(Float.self, forKey: .layerNormEpsilon)
        activation = try fields.decode(String.self, forKey: .activation)
    }

    /// The names are those of `transformers`.
    func checkedActivation() throws(EmbeddingError) -> BertConfiguration.Activation {
        switch activation {
        case "gelu", "gelu_python": return .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate": return .tanhGELU
        default:
            throw .unsupportedModel(
                file: ModelFile.configuration, field: CodingKeys.activation.rawValue, found: activation,
                expected: "gelu, gelu_new or gelu_pytorch_tanh")
        }
    }
}
