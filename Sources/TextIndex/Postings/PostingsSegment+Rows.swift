import Columnar

/// A segment and which of its rows are dead. A value: later deletions make another one.
struct SealedPostings: Sendable {
    let segment: PostingsSegment
    var dead: Tombstones

    init(_ segment: PostingsSegment) {
        self.segment = segment
        dead = Tombstones(rowCount: segment.rowCount)
    }
}

extension SealedPostings: PostingsSource {
    func isDead(_ position: Int) -> Bool { dead.contains(position) }

    func facts() throws(TextIndexError) -> RowFacts {
        var facts = RowFacts()
        facts.rows = try segment.integers(PostingsFormat.row)
        facts.documents = try segment.integers(PostingsFormat.document)
        facts.bornSequences = try segment.integers(PostingsFormat.bornSequence)
        facts.lengthCodes = try segment.bytes(PostingsFormat.length)
        facts.languages = try segment.bytes(PostingsFormat.language)
        facts.names = segment.languages.map(\.language)
        guard facts.languages.allSatisfy({ Int($0) < facts.names.count }) else {
            throw segment.damage(PostingsFormat.language, "below \(facts.names.count)", "more")
        }
        return facts
    }

    func makeStream() throws(TextIndexError) -> any TermStream {
        try SegmentTermStream(segment)
    }
}

/// The terms of a segment in order, a block of the dictionary at a time.
private final class SegmentTermStream: TermStream {
    private let segment: PostingsSegment
    private var block = 0
    private var terms: [[UInt8]] = []
    private var index = 0
    private(set) var term: [UInt8]?

    init(_ segment: PostingsSegment) throws(TextIndexError) {
        self.segment = segment
        try loadBlock()
    }

    func advance() throws(TextIndexError) {
        index += 1
        if index < terms.count {
            term = terms[index]
        } else {
            block += 1
            try loadBlock()
        }
    }

    private func loadBlock() throws(TextIndexError) {
        let before = terms.last
        terms.removeAll(keepingCapacity: true)
        index = 0
        if block < segment.dictionaryBlockCount {
            try TermDictionary(segment: segment).forEachTerm(inBlock: block) { _, term in
                terms.append(term)
                return true
            }
        }
        // A merge that met a term out of order would write it twice.
        var previous = before
        for term in terms {
            if let previous, TermBytes.order(previous.span, term.span) >= 0 {
                throw segment.damage(PostingsFormat.dictionary, "terms that ascend", "not in block \(block)")
            }
            previous = term
        }
        term = terms.first
    }

    func append(to postings: inout TermPostings, places: [UInt32]) throws(TextIndexError) {
        let ordinal = block * PostingsFormat.dictionaryBlockTerms + index
        var cursor = try TermCursor(segment, try segment.entry(ordinal))
        let first = postings.count
        for block in 0..<cursor.blockCount {
            try cursor.load(block)
            try cursor.loadFrequencies()
            try cursor.append(to: &postings, places: places)
        }
        // A row that came twice would make a difference of nothing.
        for index in (first + 1)..<max(first + 1, postings.count)
        where postings.positions[index - 1] >= postings.positions[index] {
            throw segment.damage(PostingsFormat.posting, "rows that ascend", "\(postings.positions[index])")
        }
    }
}

extension PostingsSegment {
    /// Checks every block, that rows and terms ascend, that births lie in the sequences covered, and that all postings
    /// are what the dictionary says they are.
    func verify() throws(TextIndexError) {
        try verifyChecksums()
        let facts = try SealedPostings(self).facts()
        let unordered = facts.rows.indices.dropFirst().first { facts.rows[$0 - 1] >= facts.rows[$0] }
        if let unordered {
            throw .segmentMismatch(
                number: description.number, field: .rowOrder, expected: "ascending",
                found: "not at \(unordered)")
        }
        if let outside = facts.bornSequences.firstIndex(where: { !description.sequences.contains($0) }) {
            throw .segmentMismatch(
                number: description.number, field: .sequences, expected: "\(description.sequences)",
                found: "a birth outside at \(outside)")
        }
        let stream = try SealedPostings(self).makeStream()
        let places = (0..<UInt32(rowCount)).map { $0 }
        var postings = TermPostings()
        while stream.term != nil {
            postings.removeAll()
            try stream.append(to: &postings, places: places)
            try stream.advance()
        }
    }
}
