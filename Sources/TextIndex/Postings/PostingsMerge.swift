/// Several sources as one: their rows in ascending order without the dead ones, their terms in ascending order.
///
/// Memory: 60 bytes for each row of the sources, and the postings of one term.
struct PostingsMerge {
    static let dropped = UInt32.max

    /// Rows of all sources that are kept, by new position.
    private(set) var facts = RowFacts()

    private let sources: [any PostingsSource]

    /// For each source the new position of each of its rows.
    private var places: [[UInt32]] = []

    /// Whether each source's rows come before the next one's, so that postings need no sorting.
    private var isInOrder = true

    /// - Throws: `.tooManyLanguages`; `.segmentDamaged` if a source cannot be read.
    init(_ sources: [any PostingsSource]) throws(TextIndexError) {
        self.sources = sources
        var all: [RowFacts] = []
        for source in sources { all.append(try source.facts()) }
        var kept: [(row: Int64, source: Int32, position: UInt32)] = []
        kept.reserveCapacity(all.reduce(0) { $0 + $1.rows.count })
        for (index, source) in sources.enumerated() {
            for (position, row) in all[index].rows.enumerated() where !source.isDead(position) {
                if let last = kept.last, last.row > row { isInOrder = false }
                kept.append((row, Int32(index), UInt32(position)))
            }
        }
        if !isInOrder { kept.sort { $0.row < $1.row } }
        places = all.map { [UInt32](repeating: Self.dropped, count: $0.rows.count) }
        var languages: [Language: UInt8] = [:]
        for (place, entry) in kept.enumerated() {
            let (source, position) = (Int(entry.source), Int(entry.position))
            places[source][position] = UInt32(place)
            let language = all[source].names[Int(all[source].languages[position])]
            facts.append(all[source], position, try Self.place(of: language, in: &languages, &facts.names))
        }
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

extension RowFacts {
    fileprivate mutating func append(_ other: RowFacts, _ position: Int, _ language: UInt8) {
        rows.append(other.rows[position])
        documents.append(other.documents[position])
        bornSequences.append(other.bornSequences[position])
        lengthCodes.append(other.lengthCodes[position])
        languages.append(language)
    }
}
