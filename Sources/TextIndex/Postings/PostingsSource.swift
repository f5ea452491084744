/// What a merge knows of the rows of one source: columns, by position.
struct RowFacts {
    var rows: [Int64] = []
    var documents: [Int64] = []
    var bornSequences: [Int64] = []
    var lengthCodes: [UInt8] = []

    /// Places in `names`.
    var languages: [UInt8] = []
    var names: [Language] = []

    /// Rows of each language, counted.
    var languageRows: [Language: Int] {
        var counts = [Int](repeating: 0, count: names.count)
        for place in languages { counts[Int(place)] += 1 }
        return Dictionary(zip(names, counts), uniquingKeysWith: +)
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
    func facts() throws(TextIndexError) -> RowFacts
    func isDead(_ position: Int) -> Bool
    func makeStream() throws(TextIndexError) -> any TermStream
}
