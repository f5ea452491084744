import Foundation

/// `POST /v1/embeddings` as OpenAI defined it (OpenAPI 3.1 of 2026-08), as far as it is used.
struct EmbeddingsRequest: Encodable {
    var model: String
    var input: [String]
    var dimensions: Int?
    var encodingFormat = "float"

    enum CodingKeys: String, CodingKey {
        case model, input, dimensions
        case encodingFormat = "encoding_format"
    }
}

/// A list of vectors, each with the index of the input that it belongs to; or an error, some providers' even
/// under 200.
struct EmbeddingsAnswer: Decodable {
    struct Entry: Decodable {
        var index: Int
        var embedding: [Float]
    }

    struct Failure: Decodable {
        var message: String?
    }

    var data: [Entry]?
    var error: Failure?
}
