import VectorIndex

/// A question to one workspace.
package struct SearchRequest: Sendable, Hashable {
    package var query: String

    /// Passages wanted: 1 to `limitMax`.
    package var limit: Int

    /// Share of the passages that are truly nearest which the search is to find on average: above 0, at most 1. At
    /// 1 every passage is compared.
    package var recallTarget: Double

    /// Inverted lists to look through in place of what `recallTarget` asks for; nil to let the index choose.
    package var nprobe: Int?

    package static let limitDefault = 5
    package static let recallTargetDefault = SearchOptions.recallTargetDefault

    /// As many lists as an index can have.
    package static let nprobeBounds = 1...65_536

    /// More passages than any reader, human or model, takes in; it bounds the memory of one answer.
    package static let limitMax = 1_000

    /// Longer queries are refused rather than cut: what a model's window cannot hold would be lost in
    /// silence.
    package static let queryBytesMax = 32_768

    package init(
        query: String, limit: Int = limitDefault, recallTarget: Double = recallTargetDefault,
        nprobe: Int? = nil
    ) {
        self.query = query
        self.limit = limit
        self.recallTarget = recallTarget
        self.nprobe = nprobe
    }

    /// - Throws: `EngineError.emptyQuery`, `.queryTooLong`, `.limitOutOfRange`, `.recallTargetOutOfRange` or
    ///   `.nprobeOutOfRange`; fix the request.
    func validate() throws(EngineError) {
        guard query.contains(where: { !$0.isWhitespace }) else { throw .emptyQuery }
        guard query.utf8.count <= Self.queryBytesMax else {
            throw .queryTooLong(byteCount: query.utf8.count, byteCountMax: Self.queryBytesMax)
        }
        guard (1...Self.limitMax).contains(limit) else {
            throw .limitOutOfRange(found: limit, allowed: 1...Self.limitMax)
        }
        // Written so that NaN fails it.
        guard recallTarget > 0, recallTarget <= 1 else { throw .recallTargetOutOfRange(found: recallTarget) }
        if let nprobe, !Self.nprobeBounds.contains(nprobe) {
            throw .nprobeOutOfRange(found: nprobe, allowed: Self.nprobeBounds)
        }
    }
}
