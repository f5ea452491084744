import Store

/// A document as a list shows it.
package struct DocumentSummary: Sendable, Hashable {
    package var id: String
    package var path: String
    package var title: String?
    package var version: Int
    package var byteCount: Int
    package var chunkCount: Int
    package var tokenCount: Int

    /// Of the original bytes, as 64 hexadecimal digits.
    package var sha256: String
}

extension Library {
    private static var documentsPerPage: Int { 256 }

    /// Calls `body` with every document, in the order in which they were first ingested.
    package func forEachDocument(
        in scope: WorkspaceScope, _ body: (DocumentSummary) throws -> Void
    ) throws {
        try forEachRecord(in: scope) { record in
            try body(
                DocumentSummary(
                    id: record.id.rawValue, path: record.externalID, title: record.title,
                    version: Int(record.version.number), byteCount: record.version.byteCount,
                    chunkCount: record.version.rows.count, tokenCount: record.version.tokenCount,
                    sha256: record.version.content.hex))
        }
    }

    /// Calls `body` with the citation of every chunk, document by document, or of a sample.
    ///
    /// - Parameter sample: so many chunks, or all if there are fewer, chosen by a seeded generator: every
    ///   chunk is as likely as every other.
    package func forEachCitation(
        in scope: WorkspaceScope, sample: (count: Int, seed: UInt64)? = nil, _ body: (Citation) throws -> Void
    ) throws {
        let store = try workspace(in: scope).store
        var sampler = try sample.map {
            SelectionSampler(wanted: $0.count, outOf: try store.statistics().chunkCount, seed: $0.seed)
        }
        try forEachRecord(in: scope) { record in
            let chosen = (0..<record.version.rows.count).filter { _ in sampler?.takesNext() ?? true }
            guard let first = chosen.first, let last = chosen.last else { return }
            let wanted = Set(chosen)
            for passage in try store.passages(of: record.version, ordinals: first..<last + 1)
            where wanted.contains(passage.ordinal) {
                try body(Citation(passage))
            }
        }
    }

    private func forEachRecord(in scope: WorkspaceScope, _ body: (DocumentRecord) throws -> Void) throws {
        let store = try workspace(in: scope).store
        var after: Int64 = 0
        while true {
            let page = try store.documents(after: after, limit: Self.documentsPerPage)
            for record in page { try body(record) }
            guard let last = page.last else { return }
            after = last.ordinal
        }
    }
}

/// Chooses k of n in one pass, each subset as likely as every other: algorithm S (Knuth, TAOCP 2, 3.4.2).
struct SelectionSampler: Sendable {
    private var wanted: Int
    private var remaining: Int
    private var state: UInt64

    init(wanted: Int, outOf count: Int, seed: UInt64) {
        self.wanted = min(wanted, count)
        remaining = count
        state = seed
    }

    mutating func takesNext() -> Bool {
        guard remaining > 0 else { return false }
        defer { remaining -= 1 }
        guard Int(next() % UInt64(remaining)) < wanted else { return false }
        wanted -= 1
        return true
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same on every machine.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
