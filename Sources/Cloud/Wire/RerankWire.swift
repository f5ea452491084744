import Foundation

/// How a reranking API is asked, and how its answers are read. Pure: bytes in, bytes out.
///
/// - Cohere, `POST /v2/rerank`: `{model, query, documents, top_n}`.
/// - Jina, `POST /v1/rerank`: the same, and `return_documents`, which would send all texts back.
/// - TEI (Hugging Face's text-embeddings-inference), `POST /rerank`: `{query, texts, truncate}`; what is beyond its
///   model's window is cut, as the others do unasked.
///
/// The first two answer `{"results": [{"index", "relevance_score"}]}`, and TEI `[{"index", "score"}]`, sorted by score.
struct RerankWire: Sendable {
    let shape: RerankShape

    /// The whole URL of the route.
    let url: String
    let model: String

    func body(for passages: [String], query: String) throws -> Data {
        let encoder = JSONEncoder()
        switch shape {
        case .cohere, .jina:
            return try encoder.encode(
                Request(
                    model: model, query: query, documents: passages, topCount: passages.count,
                    returnsDocuments: shape == .jina ? false : nil))
        case .tei:
            return try encoder.encode(TextsRequest(query: query, texts: passages, truncate: true))
        }
    }

    private struct Request: Encodable {
        var model: String
        var query: String
        var documents: [String]
        var topCount: Int
        var returnsDocuments: Bool?

        enum CodingKeys: String, CodingKey {
            case model, query, documents
            case topCount = "top_n"
            case returnsDocuments = "return_documents"
        }
    }

    private struct TextsRequest: Encodable {
        var query: String
        var texts: [String]
        var truncate: Bool
    }
}

/// What an answer says, before a number of it is believed. Each form is read, whoever was asked.
struct RerankAnswer: Decodable {
    struct Entry: Decodable {
        var index: Int?
        var score: Double?

        private enum Key: String, CodingKey {
            case index, score
            case relevance = "relevance_score"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            index = try container.decodeIfPresent(Int.self, forKey: .index)
            score =
                try container.decodeIfPresent(Double.self, forKey: .relevance)
                ?? container.decodeIfPresent(Double.self, forKey: .score)
        }
    }

    private enum Key: String, CodingKey {
        case results, error
    }

    /// Nil where the answer holds no list of scores.
    var entries: [Entry]?

    /// What the provider says went wrong, some even under status 200.
    var failure: ProviderFailure?

    /// Whether it is an error whatever else is there: some write a `message` under what is right.
    var isError = false

    /// - Throws: `DecodingError` where the body is not what the route answers with.
    init(from decoder: any Decoder) throws {
        if let list = try? decoder.singleValueContainer().decode([Entry].self) {
            entries = list
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        entries = try container.decodeIfPresent([Entry].self, forKey: .results)
        failure = try? ProviderFailure(from: decoder)
        isError = container.contains(.error) && (try? container.decodeNil(forKey: .error)) == false
    }
}
