/// What a question is compared with.
package enum SearchMode: String, Sendable, Hashable, CaseIterable {
    /// Meaning: the passages' vectors.
    case vector

    /// Words: BM25.
    case keyword

    /// Both, fused.
    case hybrid
}
