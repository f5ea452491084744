import Embedding
import Foundation

/// `POST /v1/embeddings` as OpenAI defined it (OpenAPI document of 2026-08) and OpenRouter, Ollama, vLLM, TEI,
/// llama.cpp, LiteLLM and many others copy it.
///
/// Texts are sent as text, never as token numbers: only OpenAI itself has OpenAI's tokenizer.
struct OpenAIWire: EmbeddingWire {
    let url: String
    let model: String

    /// Sent as `dimensions` where it is set.
    let dimensions: Int?

    let encodings: [VectorEncoding] = [.base64, .float, .unstated]

    func body(for texts: [String], as role: EmbeddingRole, in encoding: VectorEncoding) throws -> Data {
        try JSONEncoder().encode(
            Request(
                model: model, input: texts, dimensions: dimensions,
                encodingFormat: encoding == .unstated ? nil : encoding.rawValue))
    }

    func answer(in body: Data, with decoder: JSONDecoder) throws -> WireAnswer {
        let answer = try decoder.decode(ListedAnswer.self, from: body)
        return WireAnswer(
            entries: answer.entries, tokenCount: answer.tokenCount, failure: answer.failure)
    }

    private struct Request: Encodable {
        var model: String
        var input: [String]
        var dimensions: Int?
        var encodingFormat: String?

        enum CodingKeys: String, CodingKey {
            case model, input, dimensions
            case encodingFormat = "encoding_format"
        }
    }
}

/// `{"data": [{"index", "embedding"}], "usage": {"total_tokens"}}`: OpenAI's form, which Voyage has too.
struct ListedAnswer: Decodable {
    var entries: [WireAnswer.Entry]?
    var tokenCount: Int?
    var failure: ProviderFailure?

    private enum Key: String, CodingKey {
        case data, usage
    }

    private struct Entry: Decodable {
        var index: Int?
        var embedding: WireVector?
    }

    private struct Usage: Decodable {
        var total: Int?
        var prompt: Int?

        enum CodingKeys: String, CodingKey {
            case total = "total_tokens"
            case prompt = "prompt_tokens"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        entries = try container.decodeIfPresent([Entry].self, forKey: .data)?.map {
            WireAnswer.Entry(index: $0.index, vector: $0.embedding ?? .missing)
        }
        // A bill that cannot be read does not spoil the goods.
        let usage = try? container.decode(Usage.self, forKey: .usage)
        tokenCount = usage?.total ?? usage?.prompt
        failure = try? ProviderFailure(from: decoder)
    }
}
