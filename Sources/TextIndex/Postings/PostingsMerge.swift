/// Several sources as one: their rows in ascending order without the dead ones, their terms in ascending order.
///
/// Memory: 6 bytes for each row of the sources, 8 more for one column at a time (24 where the sources' rows lie among
/// each other), and the postings of one term.
struct PostingsMerge {
    static let dropped = UInt32.max

    /// Of the rows that are kept, by new position.
    private(set) var traits = RowTraits()

    private let sources: [any PostingsSource]

    /// For each source the new position of each of its rows.
    private var places: [[UInt32]] = []

    /// Whether each source's rows come before the next one's, so that postings need no sorting.
    private var isInOrder = true

    /// - Throws: `.tooManyLanguages`; `.segmentDamaged` if a source cannot be read.
    init(_ sources: [any PostingsSource]) throws(TextIndexError) {
        self.sources = sources
        places = sources.map { [UInt32](repeating: Self.dropped, count: $0.rowCount) }
        var (count, last) = (0, Int64.min)
        for (index, source) in sources.enumerated() {
            for (position, row) in try source.column(.row).enumerated() where !source.isDead(position) {
                if last > row { isInOrder = false }
                last = row
                places[index][position] = UInt32(count)
                count += 1
            }
        }
        if !isInOrder { try sortPlaces(count) }
        try gatherTraits(count)
    }

    /// Gives each row its place among those of all sources.
    private mutating func sortPlaces(_ count: Int) throws(TextIndexError) {
        var kept: [(row: Int64, source: UInt32, position: UInt32)] = []
        kept.reserveCapacity(count)
        for (index, source) in sources.enumerated() {
            for (position, row) in try source.column(.row).enumerated()
            where places[index][position] != Self.dropped {
                kept.append((row, UInt32(index), UInt32(position)))
            }
        }
        kept.sort { $0.row < $1.row }
        for (place, entry) in kept.enumerated() {
            places[Int(entry.source)][Int(entry.position)] = UInt32(place)
        }
    }

    private mutating func gatherTraits(_ count: Int) throws(TextIndexError) {
        traits.lengthCodes = [UInt8](repeating: 0, count: count)
        traits.languages = [UInt8](repeating: 0, count: count)
        var languages: [Language: UInt8] = [:]
        for (index, source) in sources.enumerated() {
            let own = try source.traits()
            for (position, place) in places[index].enumerated() where place != Self.dropped {
                traits.lengthCodes[Int(place)] = own.lengthCodes[position]
                traits.languages[Int(place)] = try Self.place(
                    of: own.names[Int(own.languages[position])], in: &languages, &traits.names)
            }
        }
    }

    var rowCount: Int { traits.lengthCodes.count }

    /// A column of the rows that are kept, by new position.
    func column(_ column: RowColumn) throws(TextIndexError) -> [Int64] {
        var merged = [Int64](repeating: 0, count: rowCount)
        for (index, source) in sources.enumerated() {
            let own = try source.column(column)
            for (position, place) in places[index].enumerated() where place != Self.dropped {
                merged[Int(place)] = own[position]
            }
        }
        return merged
    }

    /// All columns at once, for the few rows of a tail.
    func facts() throws(TextIndexError) -> RowFacts {
        RowFacts(
            rows: try column(.row), documents: try column(.document),
            bornSequences: try column(.bornSequence),
            traits: traits)
    }

    private static func place(
        of language: Language, in places: inout [Language: UInt8], _ names: inout [Language]
    ) throws(TextIndexError) -> UInt8 {
        if let place = places[language] { return place }
        guard names.count < PostingsFormat.languagesMax else {
            throw .tooManyLanguages(found: names.count + 1, allowed: PostingsFormat.languagesMax)
        }
        let place = UInt8(names.count)
        places[language] = place
        names.append(language)
        return place
    }

    /// Gives each term that a kept row has, and its postings.
    func forEachTerm(
        _ body: (_ term: [UInt8], _ postings: TermPostings) throws(TextIndexError) -> Void
    ) throws(TextIndexError) {
        var streams: [any TermStream] = []
        for source in sources { streams.append(try source.makeStream()) }
        var heads = TermHeads(streams)
        var postings = TermPostings()
        while let term = heads.findLeast() {
            postings.removeAll()
            for index in heads.least {
                try streams[index].append(to: &postings, places: places[index])
                try streams[index].advance()
                heads.set(index, streams[index].term)
            }
            guard postings.count > 0 else { continue }
            try body(term, isInOrder || heads.least.count == 1 ? postings : postings.sorted())
        }
    }
}

/// The terms that several streams are at.
private struct TermHeads {
    private var terms: [[UInt8]?] = []

    /// The first eight bytes of each, which decide most comparisons.
    private var keys: [UInt64] = []

    /// The streams that are at the least term.
    private(set) var least: [Int] = []

    init(_ streams: [any TermStream]) {
        terms = streams.map(\.term)
        keys = terms.map { $0.map(TermBytes.key) ?? 0 }
    }

    mutating func set(_ index: Int, _ term: [UInt8]?) {
        terms[index] = term
        keys[index] = term.map(TermBytes.key) ?? 0
    }

    mutating func findLeast() -> [UInt8]? {
        least.removeAll(keepingCapacity: true)
        for index in terms.indices where terms[index] != nil {
            let order = least.first.map { self.order(index, $0) } ?? -1
            if order < 0 { least.removeAll(keepingCapacity: true) }
            if order <= 0 { least.append(index) }
        }
        return least.first.flatMap { terms[$0] }
    }

    private func order(_ left: Int, _ right: Int) -> Int {
        guard keys[left] == keys[right] else { return keys[left] < keys[right] ? -1 : 1 }
        guard let left = terms[left], let right = terms[right] else { return 0 }
        return TermBytes.order(left, right)
    }
}
