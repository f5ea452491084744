import Embedding
import Foundation

/// How one kind of provider is asked, and how its answers are read. Pure: bytes in, bytes out.
protocol EmbeddingWire: Sendable {
    /// The whole URL of the route.
    var url: String { get }

    /// Ways of writing a vector, best first. Where a provider refuses one, the next is asked for.
    var encodings: [VectorEncoding] { get }

    /// The header that carries the key.
    func keyHeader(_ key: String) -> (name: String, value: String)

    /// The body of a request.
    func body(for texts: [String], as role: EmbeddingRole, in encoding: VectorEncoding) throws -> Data

    /// - Throws: `DecodingError` where the body is not what the route answers with.
    func answer(in body: Data, with decoder: JSONDecoder) throws -> WireAnswer
}

extension EmbeddingWire {
    func keyHeader(_ key: String) -> (name: String, value: String) { ("authorization", "Bearer \(key)") }
}

/// How a provider is told to write a vector. Whatever it then does is read: not all do as they are told.
enum VectorEncoding: String, Sendable {
    /// Little-endian Float32 in base64: a third of the bytes of `float`, and a hundredth of the time to read.
    case base64
    case float

    /// The field is left out: some providers refuse it whatever it says.
    case unstated
}

/// What an answer says, before a number of it is believed.
struct WireAnswer {
    struct Entry {
        /// The input that the vector belongs to; nil where the answer does not say.
        var index: Int?
        var vector: WireVector
    }

    /// Nil where the answer holds no list of vectors.
    var entries: [Entry]?

    /// Tokens that are charged for the call, where the answer says so.
    var tokenCount: Int?

    /// What the provider says went wrong, some even under status 200.
    var failure: ProviderFailure?
}
