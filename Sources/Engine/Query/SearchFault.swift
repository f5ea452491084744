/// What is wrong with how a search was asked for, beyond its question.
package enum SearchFault: Sendable, Hashable {
    case outOfRange(SearchParameter, found: Double, allowed: ClosedRange<Double>)

    /// Both sides of a hybrid search count nothing.
    case weightsZero

    /// No BCP 47 primary subtag: two or three small letters.
    case languageInvalid(String)

    /// The snapshot is one that has not been yet.
    case snapshotUnknown(found: Int64, newest: Int64)

    /// What was taken away since is not all kept any more.
    case snapshotExpired(found: Int64, oldest: Int64)

    /// More passages have died since than are brought back for one search.
    case snapshotTooFar(rowCount: Int, rowCountMax: Int)

    /// The commit log begins after that moment, or the moment is to come.
    case momentOutside

    /// The cursor was made for another question, or is none.
    case cursorInvalid

    /// No reranker is set up.
    case rerankerMissing
}

/// What can be out of its range.
package enum SearchParameter: String, Sendable, Hashable {
    case vectorWeight = "weights.vector"
    case keywordWeight = "weights.keyword"
    case fusionK = "fusion_k"
    case minScore = "min_score"
    case diversity
    case neighbors
    case rerankDepth = "rerank_depth"
    case tokenBudget = "token_budget"
}
