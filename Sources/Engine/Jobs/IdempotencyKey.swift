import Store

/// A name that a sender gives a request, so that it can be sent again when its answer was lost, and be done once.
package struct IdempotencyKey: Sendable, Hashable {
    /// Bytes of a key.
    package static let byteCountMax = 255

    let request: RequestKey

    /// - Parameters:
    ///   - text: 1 to 255 bytes of printable ASCII.
    ///   - parts: all that makes the request what it is, its body aside.
    ///   - body: its body, or as much as tells it from others.
    /// - Throws: `EngineError.requestKeyInvalid`.
    package init(_ text: String, of parts: [String], body: [UInt8] = []) throws(EngineError) {
        let byteCount = text.utf8.count
        guard (1...Self.byteCountMax).contains(byteCount),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .requestKeyInvalid(byteCount: byteCount, byteCountMax: Self.byteCountMax) }
        // Each part with its length before it: no two lists of parts are one text.
        let head = parts.map { "\($0.utf8.count) \($0)" }.joined(separator: "\n")
        let whole = ContentDigest(of: head + "\n" + ContentDigest(of: body).hex)
        request = RequestKey(key: text, request: whole)
    }

    /// Tells a part's bytes from others.
    package static func digest(of bytes: ArraySlice<UInt8>) -> String {
        ContentDigest(of: bytes).hex
    }
}
