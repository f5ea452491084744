import Engine

/// Where a list of hits goes on: in the snapshot that the first page was of, behind the hits that were shown.
struct SearchCursor: Sendable, Equatable {
    let sequence: Int64
    let offset: Int

    /// Nil where there are no more hits, or no more that are given out.
    init?(after response: SearchResponse, to request: SearchRequest) {
        let shown = request.offset + response.hits.count
        guard response.hasMore, shown < SearchRequest.limitMax else { return nil }
        (sequence, offset) = (response.snapshotSequence, shown)
    }

    /// - Throws: `ServerError.cursorInvalid`.
    init(_ page: PageCursor) throws(ServerError) {
        let numbers = page.after.split(separator: " ").map { Int64($0) }
        guard numbers.count == 2, let sequence = numbers[0],
            let offset = numbers[1].flatMap({ Int(exactly: $0) }),
            sequence >= 0, (0..<SearchRequest.limitMax).contains(offset)
        else { throw .cursorInvalid }
        (self.sequence, self.offset) = (sequence, offset)
    }

    /// The last page ends where hits are not given out any more.
    func apply(to request: inout SearchRequest) {
        request.asOf = .sequence(sequence)
        request.offset = offset
        request.limit = min(request.limit, SearchRequest.limitMax - offset)
    }

    func page(of list: String) -> PageCursor {
        PageCursor(list: list, after: "\(sequence) \(offset)")
    }
}
