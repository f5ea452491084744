import Store
import Synchronization
import VectorIndex

/// The documents that matched a filter at one moment.
struct MatchedDocuments: Sendable {
    let moment: FilterMoment
    let count: Int

    /// Their rows.
    let rows: RowFilter
}

/// What filters came to that were asked last: the pages of one search, and the searches of one user, ask the same.
struct FilterCache: Sendable {
    /// A filter over a million documents is 125 KB.
    private static let countMax = 16

    private var kept: [(filter: ContentDigest, documents: MatchedDocuments)] = []

    func documents(_ filter: ContentDigest, asOf moment: FilterMoment) -> MatchedDocuments? {
        kept.first { $0.filter == filter && $0.documents.moment == moment }?.documents
    }

    mutating func keep(_ documents: MatchedDocuments, of filter: ContentDigest) {
        kept.removeAll { $0.filter == filter || $0.documents.moment != documents.moment }
        if kept.count >= Self.countMax { kept.removeFirst() }
        kept.append((filter, documents))
    }
}

extension Workspace {
    /// The documents that match, as of `moment` or a later one; nil without a filter.
    ///
    /// - Throws: `StoreError.filterTooBroad`.
    func matchedDocuments(
        _ filter: DocumentFilter?, asOf moment: FilterMoment
    ) throws -> MatchedDocuments? {
        guard let filter else { return nil }
        // Two filters whose texts differ in their bytes only are equal to Swift, and not to the database.
        let digest = ContentDigest(of: String(reflecting: filter))
        if let known = filters.withLock({ $0.documents(digest, asOf: moment) }) { return known }
        let (found, documents) = try filter.documents(in: store)
        let ordinals = documents.ordinals
        let matched = MatchedDocuments(moment: found, count: ordinals.count, rows: .documents(ordinals))
        filters.withLock { $0.keep(matched, of: digest) }
        return matched
    }
}
