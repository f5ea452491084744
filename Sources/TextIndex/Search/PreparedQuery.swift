/// A query over one snapshot, its words looked up once for all that is asked of it.
package struct PreparedQuery: Sendable {
    let snapshot: TextSnapshot
    let plan: QueryPlan

    /// As `TextSnapshot.search`.
    ///
    /// - Throws: `.kOutOfRange`, `.segmentDamaged`.
    package func search(k: Int, filter: TextFilter? = nil) throws(TextIndexError) -> [TextMatch] {
        let bounds = TextSnapshot.kBounds
        guard bounds.contains(k) else { throw .kOutOfRange(found: k, allowed: bounds) }
        return try snapshot.matches(plan, k: k, filter: filter)
    }

    /// What a row scores that has every word of the query endlessly often: the sum of idf × (k1 + 1). Words that no row
    /// has count as the rarest of all, so a share of it says how much of the question a row answers.
    package var scoreMax: Double {
        plan.words.prefix(plan.scoredCount).reduce(0) {
            $0 + $1.inverseRowFrequency * (snapshot.configuration.k1 + 1)
        }
    }
}

extension TextSnapshot {
    /// Looks the query's words up.
    ///
    /// - Throws: `.tooManyWords`, `.segmentDamaged`.
    package func prepare(_ query: TextQuery) throws(TextIndexError) -> PreparedQuery {
        PreparedQuery(snapshot: self, plan: try QueryPlan(query, state, configuration))
    }
}
