/// Columns of rows that hold whole numbers.
enum RowColumn: CaseIterable {
    case row, document, bornSequence
}

/// How rows count and in which languages they are: what a merge keeps in memory of each.
struct RowTraits {
    /// `LengthCode`s, by position.
    var lengthCodes: [UInt8] = []

    /// Places in `names`, by position.
    var languages: [UInt8] = []
    var names: [Language] = []

    var lengthSum: Int { lengthCodes.reduce(0) { $0 + LengthCode.lengths[Int($1)] } }

    /// Rows of each language.
    var languageRows: [Language: Int] {
        Dictionary(zip(names, languageRowCounts), uniquingKeysWith: +)
    }

    /// The same, by places in `names`.
    var languageRowCounts: [Int] {
        var counts = [Int](repeating: 0, count: names.count)
        for place in languages { counts[Int(place)] += 1 }
        return counts
    }
}

/// All columns of some rows, by position.
struct RowFacts {
    var rows: [Int64] = []
    var documents: [Int64] = []
    var bornSequences: [Int64] = []
    var traits = RowTraits()

    func column(_ column: RowColumn) -> [Int64] {
        switch column {
        case .row: rows
        case .document: documents
        case .bornSequence: bornSequences
        }
    }
}

/// The postings of one term, rows ascending by position.
struct TermPostings {
    var positions: [UInt32] = []
    var frequencies: [UInt32] = []

    /// The places in the row of posting i are `occurrences[starts[i] ..< starts[i + 1]]`, ascending.
    var starts: [UInt32] = [0]
    var occurrences: [UInt32] = []

    var count: Int { positions.count }

    mutating func removeAll() {
        positions.removeAll(keepingCapacity: true)
        frequencies.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        starts.append(0)
        occurrences.removeAll(keepingCapacity: true)
    }

    /// The same in ascending order of positions.
    func sorted() -> TermPostings {
        var sorted = TermPostings()
        for index in positions.indices.sorted(by: { positions[$0] < positions[$1] }) {
            sorted.positions.append(positions[index])
            sorted.frequencies.append(frequencies[index])
            sorted.occurrences += occurrences[Int(starts[index])..<Int(starts[index + 1])]
            sorted.starts.append(UInt32(sorted.occurrences.count))
        }
        return sorted
    }
}

/// The terms of a source in ascending order, once through.
protocol TermStream: AnyObject {
    /// The term at hand; nil past the last.
    var term: [UInt8]? { get }

    func advance() throws(TextIndexError)

    /// Adds the postings of the term at hand.
    ///
    /// - Parameter places: the new position of each row; `PostingsMerge.dropped` for those that are left out.
    func append(to postings: inout TermPostings, places: [UInt32]) throws(TextIndexError)
}

/// Rows and their postings, in memory or on disk.
protocol PostingsSource: Sendable {
    var rowCount: Int { get }

    /// A column of all rows, dead ones included.
    func column(_ column: RowColumn) throws(TextIndexError) -> [Int64]

    func traits() throws(TextIndexError) -> RowTraits
    func isDead(_ position: Int) -> Bool
    func makeStream() throws(TextIndexError) -> any TermStream
}
