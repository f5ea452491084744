/// Why a document is not in an answer, or where in it it is.
package struct Explanation: Sendable {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// It is in the answer.
        case found

        /// The workspace has no such document.
        case notIngested = "not_ingested"

        /// It was there and was deleted.
        case deleted

        /// The last try to ingest it failed.
        case failed

        /// It is being ingested, or waits for it.
        case pending

        /// It came after the moment that was searched.
        case later

        /// It has no passages.
        case empty

        /// The filter does not let it pass.
        case filtered

        /// A word that must not be there is in every passage, or a phrase that must be there in none.
        case ruledOut = "ruled_out"

        /// It has none of the question's words, and nothing else is looked at.
        case noWord = "no_word"

        /// Its nearest passage would be near enough, but stands in an inverted list that was not looked through.
        case listNotProbed = "list_not_probed"

        /// Its best passage is less relevant than the request asks for.
        case belowMinScore = "below_min_score"

        /// A better passage says nearly the same.
        case duplicate

        /// It repeats what better ones say, and difference was asked for.
        case repeated

        /// There are better ones.
        case outranked
    }

    package var reason: Reason

    /// The document's id, where there is one.
    package var documentID: String?
    package var path: String?

    /// Its best passage's place: in the answer, among the candidates, or among all passages.
    package var rank: Int?

    /// How many passages the answer has room for.
    package var limit: Int

    /// Its best passage, as a hit would show it.
    package var best: SearchHit?

    /// What a failed ingest says; what a filter or a threshold compares.
    package var detail: String?

    /// The hit that it is a duplicate of.
    package var duplicateOf: Citation?

    /// What was searched.
    package var snapshotSequence: Int64
}
