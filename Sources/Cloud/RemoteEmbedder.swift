package import Embedding
import Foundation

/// An embedder behind an OpenAI-compatible `/v1/embeddings`: one call a batch, one deadline, one more try.
///
/// Every answer is checked before a number of it is used: the count, that each index occurs once, the
/// dimension, that all values are finite and that the norm is not zero. Rows are scaled to unit length,
/// whatever the provider sends.
package struct RemoteEmbedder: Embedder {
    /// Which provider, which model, and how long to wait for it.
    package struct Configuration: Sendable {
        /// The whole URL of the embeddings route, `https` or `http`.
        package var endpoint: String
        package var model: String
        package var dimension: Int
        package var windowTokens: Int
        package var apiKey: String?

        /// Sent as `dimensions` only if set: many providers refuse the field.
        package var requestsDimension: Bool
        package var deadline: Duration

        package init(
            endpoint: String, model: String, dimension: Int, windowTokens: Int = 8_192, apiKey: String? = nil,
            requestsDimension: Bool = false, deadline: Duration = .seconds(30)
        ) {
            self.endpoint = endpoint
            self.model = model
            self.dimension = dimension
            self.windowTokens = windowTokens
            self.apiKey = apiKey
            self.requestsDimension = requestsDimension
            self.deadline = deadline
        }
    }

    package let space: EmbeddingSpace
    package let windowTokens: Int
    package let specialTokenCount = 0
    private let configuration: Configuration
    private let transport: any EmbeddingTransport

    /// OpenAI's limit of inputs a call, which no compatible provider is known to exceed.
    package static let textsMax = 2_048

    /// Dimensions beyond this are no embedding model's; it bounds the size of an answer.
    package static let dimensionMax = 16_384

    package init(configuration: Configuration, transport: any EmbeddingTransport) throws {
        guard let url = URL(string: configuration.endpoint), ["http", "https"].contains(url.scheme ?? ""),
            url.host() != nil
        else {
            throw CloudError.invalidEndpoint(
                found: configuration.endpoint, expected: "an http or https URL of an embeddings route")
        }
        guard (1...Self.dimensionMax).contains(configuration.dimension) else {
            throw CloudError.invalidEndpoint(
                found: "dimension \(configuration.dimension)", expected: "1 to \(Self.dimensionMax)")
        }
        self.configuration = configuration
        self.transport = transport
        windowTokens = configuration.windowTokens
        space = EmbeddingSpace(
            model: configuration.model, revision: "remote", precision: "float32",
            dimension: configuration.dimension)
    }

    /// An estimate, as the provider's tokenizer is not known here: four UTF-8 bytes a token, and at least one
    /// a word.
    package func tokenCount(of text: String) -> Int {
        max((text.utf8.count + 3) / 4, text.split(whereSeparator: \.isWhitespace).count)
    }

    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        guard texts.count <= Self.textsMax else {
            throw CloudError.tooManyTexts(found: texts.count, max: Self.textsMax)
        }
        guard !texts.isEmpty else {
            return EmbeddingMatrix(rowCount: 0, dimension: space.dimension, values: [])
        }
        do {
            return try await call(texts)
        } catch let error as CloudError where error.isRetriable {
            return try await call(texts)
        }
    }

    private func call(_ texts: [String]) async throws -> EmbeddingMatrix {
        let body = EmbeddingsRequest(
            model: configuration.model, input: texts,
            dimensions: configuration.requestsDimension ? configuration.dimension : nil)
        let answer = try await transport.post(
            TransportRequest(
                url: configuration.endpoint, bearerToken: configuration.apiKey,
                body: try JSONEncoder().encode(body), deadline: configuration.deadline,
                // A number takes up to 24 characters in JSON; the frame around a row and the whole is small.
                answerBytesMax: texts.count * (space.dimension * 26 + 256) + 65_536))
        guard answer.status == 200 else {
            throw CloudError.refused(status: answer.status, message: Self.message(in: answer.body))
        }
        return try matrix(from: answer.body, count: texts.count)
    }

    private func matrix(from body: Data, count: Int) throws(CloudError) -> EmbeddingMatrix {
        guard let answer = try? JSONDecoder().decode(EmbeddingsAnswer.self, from: body) else {
            throw .wrongAnswer(
                found: "\(body.count) bytes that do not decode", expected: "a list of embeddings")
        }
        guard let entries = answer.data else {
            throw .wrongAnswer(found: answer.error?.message ?? "no data", expected: "a list of embeddings")
        }
        guard entries.count == count else {
            throw .wrongAnswer(found: "\(entries.count) embeddings", expected: "\(count)")
        }
        var values = [Float](repeating: 0, count: count * space.dimension)
        var seen = Set<Int>()
        for entry in entries {
            guard (0..<count).contains(entry.index), seen.insert(entry.index).inserted else {
                throw .wrongAnswer(found: "index \(entry.index)", expected: "each of 0 to \(count - 1) once")
            }
            let row = try unitLength(entry.embedding, index: entry.index)
            let start = entry.index * space.dimension
            values.replaceSubrange(start..<start + space.dimension, with: row)
        }
        return EmbeddingMatrix(rowCount: count, dimension: space.dimension, values: values)
    }

    private func unitLength(_ row: [Float], index: Int) throws(CloudError) -> [Float] {
        guard row.count == space.dimension else {
            throw .wrongAnswer(
                found: "dimension \(row.count) at index \(index)", expected: "dimension \(space.dimension)")
        }
        let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm.isFinite, norm > 0 else {
            throw .wrongAnswer(found: "norm \(norm) at index \(index)", expected: "a finite norm above 0")
        }
        return row.map { Float(Double($0) / norm) }
    }

    /// What the provider said, cut to a length that a log line bears.
    private static func message(in body: Data) -> String {
        let decoded = try? JSONDecoder().decode(EmbeddingsAnswer.self, from: body)
        let message = decoded?.error?.message ?? String(decoding: body.prefix(512), as: UTF8.self)
        return String(message.prefix(256))
    }
}
