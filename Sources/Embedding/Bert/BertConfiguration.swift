package import Foundation
import Kernels

/// The shape of a BERT encoder, from the `config.json` its authors publish.
package struct BertConfiguration: Sendable, Decodable, Equatable {
    package let hiddenSize: Int
    package let layerCount: Int
    package let headCount: Int
    package let intermediateSize: Int
    package let positionCount: Int
    package let vocabularyCount: Int
    package let typeCount: Int
    package let layerNormEpsilon: Float
    private let modelType: String
    private let activation: String
    private let positionKind: String?

    enum CodingKeys: String, CodingKey {
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case positionCount = "max_position_embeddings"
        case vocabularyCount = "vocab_size"
        case typeCount = "type_vocab_size"
        case layerNormEpsilon = "layer_norm_eps"
        case modelType = "model_type"
        case activation = "hidden_act"
        case positionKind = "position_embedding_type"
    }

    /// Components of one head: `hiddenSize / headCount`.
    package var headSize: Int { hiddenSize / headCount }

    /// - Throws: `malformedJSON`, `unsupportedModel`.
    package static func parse(_ bytes: Data) throws(EmbeddingError) -> BertConfiguration {
        let configuration: BertConfiguration
        do {
            configuration = try JSONDecoder().decode(BertConfiguration.self, from: bytes)
        } catch {
            throw .malformedJSON(file: ModelFile.configuration, cause: error)
        }
        try configuration.checkSupported()
        return configuration
    }

    private func checkSupported() throws(EmbeddingError) {
        let kinds: [(field: CodingKeys, found: String, expected: String)] = [
            (.modelType, modelType, "bert"),
            (.activation, activation, "gelu"),
            (.positionKind, positionKind ?? "absolute", "absolute"),
        ]
        for kind in kinds where kind.found != kind.expected {
            throw unsupported(kind.field, kind.found, kind.expected)
        }
        // The bounds are those of the largest published BERT, with room: they keep products of sizes far from
        // Int.max.
        let sizes: [(field: CodingKeys, found: Int, max: Int)] = [
            (.hiddenSize, hiddenSize, 1 << 13), (.layerCount, layerCount, 1 << 7),
            (.headCount, headCount, 1 << 7),
            (.intermediateSize, intermediateSize, 1 << 15), (.positionCount, positionCount, 1 << 13),
            (.vocabularyCount, vocabularyCount, 1 << 20), (.typeCount, typeCount, 1 << 4),
        ]
        for size in sizes where !(1...size.max).contains(size.found) {
            throw unsupported(size.field, "\(size.found)", "1 to \(size.max)")
        }
        guard hiddenSize.isMultiple(of: headCount) else {
            throw unsupported(.headCount, "\(headCount)", "a divisor of \(hiddenSize)")
        }
        guard layerNormEpsilon > 0, layerNormEpsilon < 1 else {
            throw unsupported(.layerNormEpsilon, "\(layerNormEpsilon)", "between 0 and 1")
        }
    }

    /// - Throws: `unsupportedModel`.
    func checkDividesIntoBytes() throws(EmbeddingError) {
        for (field, size) in [(CodingKeys.hiddenSize, hiddenSize), (.intermediateSize, intermediateSize)]
        where !size.isMultiple(of: ByteMap.countUnit) {
            throw unsupported(field, "\(size)", "a multiple of \(ByteMap.countUnit) for int8")
        }
    }

    private func unsupported(_ field: CodingKeys, _ found: String, _ expected: String) -> EmbeddingError {
        .unsupportedModel(
            file: ModelFile.configuration, field: field.rawValue, found: found, expected: expected)
    }
}
