import Embedding
import Foundation

/// `POST /v2/embed` of Cohere. Questions and passages are named as such: its models embed them differently.
///
/// Vectors come in the order of the texts. A text beyond the model's window is refused and not cut in silence
/// (`truncate` is `NONE`).
struct CohereWire: EmbeddingWire {
    let url: String
    let model: String

    /// Sent as `output_dimension` where it is set.
    let dimensions: Int?

    let encodings: [VectorEncoding] = [.float]

    func body(for texts: [String], as role: EmbeddingRole, in encoding: VectorEncoding) throws -> Data {
        try JSONEncoder().encode(
            Request(
                model: model, texts: texts,
                inputType: role == .query ? "search_query" : "search_document",
                embeddingTypes: ["float"], outputDimension: dimensions, truncate: "NONE"))
    }

    func answer(in body: Data, with decoder: JSONDecoder) throws -> WireAnswer {
        let answer = try decoder.decode(Answer.self, from: body)
        return WireAnswer(
            entries: answer.embeddings?.float?.map { WireAnswer.Entry(index: nil, vector: $0) },
            tokenCount: answer.tokenCount, failure: answer.failure)
    }

    private struct Request: Encodable {
        var model: String
        var texts: [String]
        var inputType: String
        var embeddingTypes: [String]
        var outputDimension: Int?
        var truncate: String

        enum CodingKeys: String, CodingKey {
            case model, texts, truncate
            case inputType = "input_type"
            case embeddingTypes = "embedding_types"
            case outputDimension = "output_dimension"
        }
    }

    private struct Answer: Decodable {
        struct Embeddings: Decodable {
            var float: [WireVector]?
        }

        private struct Meta: Decodable {
            var billedUnits: BilledUnits?

            enum CodingKeys: String, CodingKey {
                case billedUnits = "billed_units"
            }
        }

        private struct BilledUnits: Decodable {
            var inputTokens: Int?

            enum CodingKeys: String, CodingKey {
                case inputTokens = "input_tokens"
            }
        }

        private enum Key: String, CodingKey {
            case embeddings, meta
        }

        var embeddings: Embeddings?
        var tokenCount: Int?
        var failure: ProviderFailure?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            embeddings = try container.decodeIfPresent(Embeddings.self, forKey: .embeddings)
            let meta = try? container.decode(Meta.self, forKey: .meta)
            tokenCount = meta?.billedUnits?.inputTokens
            failure = try? ProviderFailure(from: decoder)
        }
    }
}
