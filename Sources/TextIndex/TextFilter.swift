import Columnar

/// Which rows a search may return. Applied before the top k are chosen, so a search returns min(k, matches)
/// rows.
package struct TextFilter: Sendable {
    enum Rule: Sendable {
        case list([Int64])
        case closure(@Sendable (_ row: Int64, _ document: Int64) -> Bool)
    }

    let rule: Rule

    /// These rows and no others. For filters that few rows pass: a search looks at these rows only. Costs eight bytes a
    /// row.
    package static func rows(_ rows: [Int64]) -> TextFilter {
        TextFilter(rule: .list(Array(Set(rows)).sorted()))
    }

    /// Rows that `admits` accepts, by row and document ordinal. Called on the searching thread, at most once per row
    /// and query, and only for rows that score enough to matter. Where few rows pass, a list of them is much cheaper.
    package static func rows(
        where admits: @escaping @Sendable (_ row: Int64, _ document: Int64) -> Bool
    ) -> TextFilter {
        TextFilter(rule: .closure(admits))
    }

    /// The rows, ascending, if they are listed.
    var list: [Int64]? {
        guard case .list(let rows) = rule else { return nil }
        return rows
    }

    /// Whether the filter lets a row pass.
    package func admits(row: Int64, document: Int64) -> Bool {
        switch rule {
        case .list(let rows): rows.firstPosition(of: row) != nil
        case .closure(let admits): admits(row, document)
        }
    }
}
