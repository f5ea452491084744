import Foundation

/// What a provider says went wrong, in whichever of the usual shapes it says it.
///
/// OpenAI and most others: `{"error": {"message", "code", "type"}}`; Ollama and TEI: `{"error": "…"}`; Cohere and
/// older vLLM: `{"message": "…"}`; Voyage, FastAPI: `{"detail": "…"}` or `{"detail": [{"msg": "…"}]}`.
struct ProviderFailure: Decodable, Equatable {
    var message: String

    /// As the provider names the failure, for example `insufficient_quota`.
    var code: String?

    /// The status that the body states, where it states one: gateways pass errors on under 200.
    var status: Int?

    /// Waiting does not bring money.
    var isExhaustedQuota: Bool { code == "insufficient_quota" || code == "billing_hard_limit_reached" }

    private enum Key: String, CodingKey {
        case error, message, detail, code, type, msg
    }

    /// - Throws: `DecodingError` where the body says nothing of a failure.
    init(from decoder: any Decoder) throws {
        let whole = try decoder.container(keyedBy: Key.self)
        if let text = try? whole.decode(String.self, forKey: .error) {
            self.init(text, in: whole)
        } else if let inner = try? whole.nestedContainer(keyedBy: Key.self, forKey: .error) {
            let text = (try? inner.decode(String.self, forKey: .message)) ?? "an error without a message"
            self.init(text, in: inner)
        } else if let text = try? whole.decode(String.self, forKey: .message) {
            self.init(text, in: whole)
        } else if let text = try? whole.decode(String.self, forKey: .detail) {
            self.init(text, in: whole)
        } else {
            let details = try whole.decode([Detail].self, forKey: .detail)
            self.init(details.map(\.msg).joined(separator: "; "), in: whole)
        }
    }

    private struct Detail: Decodable {
        var msg: String
    }

    private init(_ message: String, in container: KeyedDecodingContainer<Key>) {
        self.message = message
        let number = try? container.decode(Int.self, forKey: .code)
        code =
            (try? container.decode(String.self, forKey: .code))
            ?? (try? container.decode(String.self, forKey: .type))
        status = (number ?? code.flatMap { Int($0) }).flatMap { (400...599).contains($0) ? $0 : nil }
    }
}

extension Redaction {
    /// Bytes of a body that says nothing in any of the usual shapes, which are looked at.
    private static let bytesRead = 8_192

    /// What a refusal says, fit to be shown: the failure's message, or how the body begins.
    func message(of failure: ProviderFailure?, in body: Data) -> String {
        clean(failure?.message ?? String(decoding: body.prefix(Self.bytesRead), as: UTF8.self))
    }
}
