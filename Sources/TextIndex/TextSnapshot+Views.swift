import Columnar
import Kernels

/// Which rows a query's marks leave: those with every phrase that must occur, and with nothing that must not.
package struct AllowedRows: Sendable {
    /// Nil where no phrase must occur.
    fileprivate var required: Set<Int64>?
    fileprivate var excluded: Set<Int64> = []

    package func contains(_ row: Int64) -> Bool {
        required?.contains(row) ?? true && !excluded.contains(row)
    }
}

extension TextSnapshot {
    /// What the query's marks leave of all rows, for a search that goes by something else than words.
    ///
    /// Costs the postings of the words excluded, and of the rarest word of each phrase.
    ///
    /// - Throws: `.tooManyWords`, `.segmentDamaged`.
    package func rows(allowedBy query: TextQuery) throws(TextIndexError) -> AllowedRows {
        var allowed = AllowedRows()
        if !query.phrases.isEmpty { allowed.required = try rows(with: query.phrases) }
        for phrase in query.excludedPhrases {
            allowed.excluded.formUnion(try rows(with: [phrase]))
        }
        for word in query.excluded { allowed.excluded.formUnion(try rows(with: [[word]])) }
        return allowed
    }

    /// The rows alive in which all of these occur.
    private func rows(with phrases: [[TextQuery.Word]]) throws(TextIndexError) -> Set<Int64> {
        let plan = try QueryPlan(TextQuery(phrases: phrases), state, configuration)
        // No more rows have all words than have the rarest.
        let rowCount = plan.words.map(\.rowCount).min() ?? 0
        guard rowCount > 0 else { return [] }
        return Set(try matches(plan, k: rowCount, filter: nil).map(\.row))
    }

    /// This snapshot with more rows, for a view of what has been: rows that it holds as dead ones are alive in it
    /// again.
    ///
    /// - Parameter rows: none of which is alive in it.
    package func including(_ rows: [TextRow]) throws(TextIndexError) -> TextSnapshot {
        var next = state
        for block in try RowInverter.blocks(of: rows, weights: configuration.weights) {
            next.tail.add(TextTail.Part(block))
        }
        return TextSnapshot(state: next, configuration: configuration)
    }
}
