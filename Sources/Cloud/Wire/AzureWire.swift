import Embedding
import Foundation

/// OpenAI's embeddings as Azure serves them: the deployment stands in the URL, and the key in a header of its own.
struct AzureWire: EmbeddingWire {
    private let openAI: OpenAIWire

    init(url: String, deployment: String, dimensions: Int?) {
        openAI = OpenAIWire(url: url, model: deployment, dimensions: dimensions)
    }

    var url: String { openAI.url }
    var encodings: [VectorEncoding] { openAI.encodings }

    func keyHeader(_ key: String) -> (name: String, value: String) { ("api-key", key) }

    func body(for texts: [String], as role: EmbeddingRole, in encoding: VectorEncoding) throws -> Data {
        try openAI.body(for: texts, as: role, in: encoding)
    }

    func answer(in body: Data, with decoder: JSONDecoder) throws -> WireAnswer {
        try openAI.answer(in: body, with: decoder)
    }
}
