/// A question to one workspace.
package struct SearchRequest: Sendable, Hashable {
    package var query: String

    /// Passages wanted: 1 to `limitMax`.
    package var limit: Int

    package static let limitDefault = 5

    /// More passages than any reader, human or model, takes in; it bounds the memory of one answer.
    package static let limitMax = 1_000

    /// Longer queries are refused rather than cut: what a model's window cannot hold would be lost in
    /// silence.
    package static let queryBytesMax = 32_768

    package init(query: String, limit: Int = limitDefault) {
        self.query = query
        self.limit = limit
    }

    /// - Throws: `EngineError.emptyQuery`, `.queryTooLong` or `.limitOutOfRange`; fix the request.
    func validate() throws(EngineError) {
        guard query.contains(where: { !$0.isWhitespace }) else { throw .emptyQuery }
        guard query.utf8.count <= Self.queryBytesMax else {
            throw .queryTooLong(byteCount: query.utf8.count, byteCountMax: Self.queryBytesMax)
        }
        guard (1...Self.limitMax).contains(limit) else {
            throw .limitOutOfRange(found: limit, allowed: 1...Self.limitMax)
        }
    }
}
