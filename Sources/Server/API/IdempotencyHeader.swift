import Engine
import HTTPTypes

/// `Idempotency-Key`: the same request, sent again because its answer was lost, is done once.
enum IdempotencyHeader {
    static let field = Field(
        "Idempotency-Key",
        .string(
            "A name for this request, kept for a week: sent again with it, the request is done once.",
            characters: 1...IdempotencyKey.byteCountMax), isRequired: false)

    static let problems: [ProblemCode] = [.requestKeyInvalid, .requestKeyReused, .requestInProgress]
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")
    static let lastEventID = HTTPField.Name("Last-Event-ID")
}

extension Call {
    /// The request's key, if it has one.
    ///
    /// - Parameters:
    ///   - parts: all that makes the request what it is, its body aside.
    /// - Throws: `EngineError.requestKeyInvalid`.
    func idempotencyKey(of parts: [String], body: [UInt8] = []) throws(EngineError) -> IdempotencyKey? {
        guard let text = header(.idempotencyKey) else { return nil }
        return try IdempotencyKey(text, of: parts, body: body)
    }

    /// The event that a stream goes on after; 0 for a new one.
    ///
    /// - Throws: `ServerError.headerInvalid`.
    func lastEventID() throws(ServerError) -> Int64 {
        guard let text = header(.lastEventID) else { return 0 }
        guard let id = Int64(text), id >= 0 else {
            throw .headerInvalid(name: "Last-Event-ID", expected: "the id of an event of this job")
        }
        return id
    }
}
