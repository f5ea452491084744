import Columnar

/// Rows in memory and their postings, which never change; shared by all tails that contain them.
final class InvertedRows: Sendable {
    /// Columns of the rows, by ascending row.
    let facts: RowFacts

    /// The terms' bytes one after the other, ascending; term i is `termBytes[termStarts[i] ..< termStarts[i + 1]]`.
    private let termBytes: [UInt8]
    private let termStarts: [UInt32]

    /// The postings of term i are those at `postingStarts[i] ..< postingStarts[i + 1]`.
    private let postingStarts: [UInt32]
    let postings: TermPostings

    /// The sum of all rows' lengths.
    let lengthSum: Int

    /// Rows of each language.
    let languageRows: [Language: Int]

    /// - Parameter merge: at most some thousand rows.
    init(_ merge: PostingsMerge) throws(TextIndexError) {
        facts = try merge.facts()
        languageRows = merge.traits.languageRows
        lengthSum = merge.traits.lengthSum
        var builder = Columns()
        try merge.forEachTerm { term, postings throws(TextIndexError) in builder.append(term, postings) }
        termBytes = builder.termBytes
        termStarts = builder.termStarts
        postingStarts = builder.postingStarts
        postings = builder.postings
    }

    init(facts: RowFacts, _ columns: Columns) {
        self.facts = facts
        languageRows = facts.traits.languageRows
        lengthSum = facts.traits.lengthSum
        termBytes = columns.termBytes
        termStarts = columns.termStarts
        postingStarts = columns.postingStarts
        postings = columns.postings
    }

    var rowCount: Int { facts.rows.count }
    var termCount: Int { termStarts.count - 1 }

    /// Position of a row, by binary search.
    func position(of row: Int64) -> Int? {
        guard let first = facts.rows.first, let last = facts.rows.last, row >= first, row <= last else {
            return nil
        }
        return facts.rows.firstPosition(of: row)
    }

    func term(_ ordinal: Int) -> [UInt8] {
        Array(termBytes[Int(termStarts[ordinal])..<Int(termStarts[ordinal + 1])])
    }

    /// The places of a term's postings; empty if no row has it.
    func postings(of ordinal: Int) -> Range<Int> {
        Int(postingStarts[ordinal])..<Int(postingStarts[ordinal + 1])
    }

    func ordinal(of term: [UInt8]) -> Int? {
        let ordinal = firstOrdinal(notBefore: term)
        return ordinal < termCount && order(ordinal, term) == 0 ? ordinal : nil
    }

    /// The first term that does not come before `term`.
    func firstOrdinal(notBefore term: [UInt8]) -> Int {
        var (low, high) = (0, termCount)
        while low < high {
            let middle = low + (high - low) / 2
            if order(middle, term) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func order(_ ordinal: Int, _ term: [UInt8]) -> Int {
        // A span is of a variable's array, not of an object's.
        let all = termBytes
        let bytes = all.span.extracting(Int(termStarts[ordinal])..<Int(termStarts[ordinal + 1]))
        return TermBytes.order(bytes, term.span)
    }

    /// Gives the terms that start with `prefix`, and the number of their rows.
    func forEachTerm(withPrefix prefix: [UInt8], _ body: (_ term: [UInt8], _ rowCount: Int) -> Void) {
        for ordinal in firstOrdinal(notBefore: prefix)..<termCount {
            let term = term(ordinal)
            guard TermBytes.hasPrefix(term.span, prefix.span) else { return }
            body(term, postings(of: ordinal).count)
        }
    }

    /// The posting of a row among those of a term.
    func posting(at position: Int, among range: Range<Int>) -> Int? {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if postings.positions[middle] < UInt32(position) { low = middle + 1 } else { high = middle }
        }
        return low < range.upperBound && postings.positions[low] == UInt32(position) ? low : nil
    }

    /// Terms and postings on their way here.
    struct Columns {
        private(set) var termBytes: [UInt8] = []
        private(set) var termStarts: [UInt32] = [0]
        private(set) var postingStarts: [UInt32] = [0]
        var postings = TermPostings()

        mutating func append(_ term: [UInt8], _ added: TermPostings) {
            let offset = UInt32(postings.occurrences.count)
            postings.positions += added.positions
            postings.frequencies += added.frequencies
            postings.occurrences += added.occurrences
            for start in added.starts.dropFirst() { postings.starts.append(offset + start) }
            finish(term)
        }

        /// Ends a term all of whose postings were added.
        mutating func finish(_ term: [UInt8]) {
            termBytes += term
            termStarts.append(UInt32(termBytes.count))
            postingStarts.append(UInt32(postings.positions.count))
        }
    }
}

/// Rows of the tail and which of them are dead.
struct InvertedRowsSource: PostingsSource {
    let block: InvertedRows
    let isLeftOut: @Sendable (_ position: Int) -> Bool

    var rowCount: Int { block.rowCount }
    func column(_ column: RowColumn) -> [Int64] { block.facts.column(column) }
    func traits() -> RowTraits { block.facts.traits }
    func isDead(_ position: Int) -> Bool { isLeftOut(position) }
    func makeStream() -> any TermStream { InvertedTermStream(block) }
}

private final class InvertedTermStream: TermStream {
    private let block: InvertedRows
    private var ordinal = 0
    private(set) var term: [UInt8]?

    init(_ block: InvertedRows) {
        self.block = block
        term = block.termCount > 0 ? block.term(0) : nil
    }

    func advance() {
        ordinal += 1
        term = ordinal < block.termCount ? block.term(ordinal) : nil
    }

    func append(to postings: inout TermPostings, places: [UInt32]) {
        let source = block.postings
        for index in block.postings(of: ordinal) {
            let place = places[Int(source.positions[index])]
            guard place != PostingsMerge.dropped else { continue }
            postings.positions.append(place)
            postings.frequencies.append(source.frequencies[index])
            postings.occurrences +=
                source.occurrences[Int(source.starts[index])..<Int(source.starts[index + 1])]
            postings.starts.append(UInt32(postings.occurrences.count))
        }
    }
}
