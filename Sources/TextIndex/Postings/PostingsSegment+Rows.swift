import Columnar
import Foundation

/// A segment and which of its rows are dead. A value: later deletions make another one.
struct SealedPostings: Sendable {
    private(set) var segment: PostingsSegment
    var dead: Tombstones

    init(_ segment: PostingsSegment) {
        self.segment = segment
        dead = Tombstones(rowCount: segment.rowCount)
    }

    fileprivate func reading(_ segment: PostingsSegment) -> SealedPostings {
        var sealed = self
        sealed.segment = segment
        return sealed
    }
}

extension [SealedPostings] {
    /// The same rows for who reads them once through: by mappings of their own, of which few pages are held.
    ///
    /// A file that cannot be opened any more, because another process has replaced it, is read as it is open.
    func readOnce(in directory: URL, settings: String) -> [SealedPostings] {
        let residentBytesMax = PageShare.bytes(files: count)
        return map { sealed in
            let anew = try? PostingsSegment(
                opening: sealed.segment.description, in: directory, settings: settings,
                residentBytesMax: residentBytesMax)
            return anew.map { sealed.reading($0) } ?? sealed
        }
    }
}

extension SealedPostings: PostingsSource {
    func isDead(_ position: Int) -> Bool { dead.contains(position) }

    var rowCount: Int { segment.rowCount }

    func column(_ column: RowColumn) throws(TextIndexError) -> [Int64] {
        switch column {
        case .row: try segment.integers(PostingsFormat.row)
        case .document: try segment.integers(PostingsFormat.document)
        case .bornSequence: try segment.integers(PostingsFormat.bornSequence)
        }
    }

    func traits() throws(TextIndexError) -> RowTraits {
        let traits = RowTraits(
            lengthCodes: try segment.bytes(PostingsFormat.length),
            languages: try segment.bytes(PostingsFormat.language), names: segment.languages.map(\.language))
        guard traits.languages.allSatisfy({ Int($0) < traits.names.count }) else {
            throw segment.damage(PostingsFormat.language, "below \(traits.names.count)", "more")
        }
        return traits
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
        let rows = try integers(PostingsFormat.row)
        let unordered = rows.indices.dropFirst().first { rows[$0 - 1] >= rows[$0] }
        if let unordered {
            throw .segmentMismatch(
                number: description.number, field: .rowOrder, expected: "ascending",
                found: "not at \(unordered)")
        }
        let births = try integers(PostingsFormat.bornSequence)
        if let outside = births.firstIndex(where: { !description.sequences.contains($0) }) {
            throw .segmentMismatch(
                number: description.number, field: .sequences, expected: "\(description.sequences)",
                found: "a birth outside at \(outside)")
        }
        _ = try SealedPostings(self).traits()
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
