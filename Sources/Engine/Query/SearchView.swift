import Store
import TextIndex
import VectorIndex

/// What one search sees: both indexes at one sequence, and which of their rows may be found.
struct SearchView: Sendable {
    /// Nil where the search looks at words only.
    var vectors: IndexSnapshot?

    /// Nil where it looks at vectors only.
    var texts: TextSnapshot?

    /// Passages committed at the moment that is seen.
    var committedCount = 0

    /// The space that the workspace is being moved to.
    var next: SpaceRecord?

    /// Where the filter's documents are taken from.
    var filterMoment = FilterMoment(sequence: .zero, revision: 0)

    /// What the filter let pass; nil without one.
    var matched: MatchedRows?

    /// Rows that may be found; nil for all.
    var admission: RowAdmission?

    /// Rows that may be found by their vectors, where words say so; nil for those of `admission`.
    var vectorAdmission: RowAdmission?

    /// The moment that is seen, where that is an earlier one than the indexes'.
    var moment: Int64?

    /// Rows of the indexes that are of later moments.
    var laterRowCount = 0

    /// The moment that is seen.
    var sequence: Int64 { moment ?? vectors?.sequence ?? texts?.sequence ?? 0 }

    var searched: SearchedRows {
        rows(
            sealed: vectors?.liveSealedRowCount ?? texts?.liveSealedRowCount ?? 0,
            tail: vectors?.liveTailRowCount ?? texts?.liveTailRowCount ?? 0)
    }

    /// Of the passages' words; nil where the search did not look at them.
    var searchedWords: SearchedRows? {
        texts.map { rows(sealed: $0.liveSealedRowCount, tail: $0.liveTailRowCount) }
    }

    /// Rows of later moments are the youngest, and mostly in the tail.
    private func rows(sealed: Int, tail: Int) -> SearchedRows {
        let inTail = min(laterRowCount, tail)
        return SearchedRows(
            committed: committedCount, sealed: sealed - (laterRowCount - inTail), tail: tail - inTail)
    }
}

/// Which rows a search may find, in the words of both indexes.
struct RowAdmission: Sendable {
    private let rules: [@Sendable (_ row: Int64, _ document: Int64) -> Bool]

    /// The documents' own filter where that is all there is: the index has a faster way with it.
    private let documents: RowFilter?

    init() {
        (rules, documents) = ([], nil)
    }

    private init(
        rules: [@Sendable (_ row: Int64, _ document: Int64) -> Bool], documents: RowFilter?
    ) {
        (self.rules, self.documents) = (rules, documents)
    }

    var isEmpty: Bool { rules.isEmpty }

    /// Rows of the filter's documents.
    func and(documents filter: RowFilter) -> RowAdmission {
        RowAdmission(
            rules: rules + [{ filter.admits(row: RowID(rawValue: $0), document: $1) }],
            documents: rules.isEmpty ? filter : nil)
    }

    func and(_ rule: @escaping @Sendable (_ row: Int64, _ document: Int64) -> Bool) -> RowAdmission {
        RowAdmission(rules: rules + [rule], documents: nil)
    }

    func admits(row: Int64, document: Int64) -> Bool {
        rules.allSatisfy { $0(row, document) }
    }

    var forVectors: RowFilter? {
        if let documents { return documents }
        guard !rules.isEmpty else { return nil }
        return .rows { [self] in admits(row: $0.rawValue, document: $1) }
    }

    var forTexts: TextFilter? {
        guard !rules.isEmpty else { return nil }
        return .rows { [self] in admits(row: $0, document: $1) }
    }
}
