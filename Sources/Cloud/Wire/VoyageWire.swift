import Embedding
import Foundation

/// `POST /v1/embeddings` of Voyage AI: like OpenAI's, but questions and passages are named as such, the dimension
/// has another name, and `encoding_format` knows `base64` only.
struct VoyageWire: EmbeddingWire {
    let url: String
    let model: String

    /// Sent as `output_dimension` where it is set.
    let dimensions: Int?

    let encodings: [VectorEncoding] = [.base64, .unstated]

    func body(for texts: [String], as role: EmbeddingRole, in encoding: VectorEncoding) throws -> Data {
        try JSONEncoder().encode(
            Request(
                model: model, input: texts, inputType: role == .query ? "query" : "document",
                // A text beyond the window is refused and not cut in silence.
                truncation: false, outputDimension: dimensions,
                encodingFormat: encoding == .base64 ? encoding.rawValue : nil))
    }

    func answer(in body: Data, with decoder: JSONDecoder) throws -> WireAnswer {
        let answer = try decoder.decode(ListedAnswer.self, from: body)
        return WireAnswer(
            entries: answer.entries, tokenCount: answer.tokenCount, failure: answer.failure)
    }

    private struct Request: Encodable {
        var model: String
        var input: [String]
        var inputType: String
        var truncation: Bool
        var outputDimension: Int?
        var encodingFormat: String?

        enum CodingKeys: String, CodingKey {
            case model, input, truncation
            case inputType = "input_type"
            case outputDimension = "output_dimension"
            case encodingFormat = "encoding_format"
        }
    }
}
