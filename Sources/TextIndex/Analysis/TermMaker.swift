/// Makes terms of pieces for one language. One thread at a time.
struct TermMaker {
    private let language: Language
    private let stemmer: Stemmer?
    private var memory = TermMemory()
    private var letters: [UInt8] = []

    init(language: Language) {
        self.language = language
        stemmer = language.stemmingAlgorithm.flatMap { Stemmer(algorithm: $0) }
    }

    /// What is met often is remembered, whatever its kind: no word's bytes are those of a whole or of a pair.
    mutating func term(of bytes: Span<UInt8>, _ piece: Piece) -> String {
        guard let key = TermMemory.key(of: bytes, piece.range) else { return made(of: bytes, piece) }
        if let term = memory.term(of: key) { return term }
        let term = made(of: bytes, piece)
        memory.remember(term, of: key)
        return term
    }

    private mutating func made(of bytes: Span<UInt8>, _ piece: Piece) -> String {
        switch piece.kind {
        case .word, .mixed, .part: stemmedTerm(of: bytes, piece.range)
        case .whole: foldedTerm(of: bytes, piece.range)
        case .pair, .runEnd: pairTerm(of: bytes, piece.range)
        }
    }

    /// Most Chinese characters and syllables of Hangul are what they are folded to.
    private mutating func pairTerm(of bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        guard range.count <= 6, range.count.isMultiple(of: 3) else { return foldedTerm(of: bytes, range) }
        letters.removeAll(keepingCapacity: true)
        var place = range.lowerBound
        while place < range.upperBound {
            // U+4E00 to U+9FFF, and U+AC00 to U+CFFF, begin with these bytes.
            guard (0xE5...0xE9).contains(bytes[place]) || (0xEB...0xEC).contains(bytes[place]) else {
                return foldedTerm(of: bytes, range)
            }
            for next in place..<(place + 3) { letters.append(bytes[next]) }
            place += 3
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The term of the bytes as they stand: not stemmed.
    mutating func foldedTerm(of bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        lower(bytes, range)
        return finished(bytes, range)
    }

    private mutating func stemmedTerm(of bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        lower(bytes, range)
        if let stemmer, letters.count <= Analyzer.termBytesMax, !letters.contains(where: ASCII.isDigit) {
            if language == .turkish, let apostrophe = letters.firstIndex(of: UInt8(ascii: "'")) {
                // What follows it in Turkish is the ending of a name.
                letters.removeSubrange(apostrophe...)
            }
            stemmer.stem(&letters)
        }
        return finished(bytes, range)
    }

    /// `letters` become the bytes of the range in lower case, by NFKC.
    private mutating func lower(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        letters.removeAll(keepingCapacity: true)
        var isPlain = true
        for place in range {
            let byte = bytes[place]
            letters.append(ASCII.lower(byte))
            isPlain = isPlain && byte < 0x80 && (byte != UInt8(ascii: "I") || language != .turkish)
        }
        guard !isPlain else { return }
        letters = (range).map { bytes[$0] }
        let lowered = Folding.lowered(String(decoding: letters, as: UTF8.self), language: language)
        letters = Array(lowered.utf8)
    }

    /// `letters` without accents, apostrophes and the separators of thousands, and within the bound.
    private mutating func finished(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        Number.dropSeparators(of: &letters)
        letters.removeAll { $0 == UInt8(ascii: "'") }
        if letters.contains(where: { $0 >= 0x80 }) {
            letters = Array(Folding.folded(String(decoding: letters, as: UTF8.self)).utf8)
        }
        if letters.isEmpty { letters = range.map { bytes[$0] } }
        return Analyzer.bounded(letters)
    }
}

/// Numbers with separators of thousands.
enum Number {
    /// `1,000,000` and `1.000.000` become 1000000. A single dot stays: 1.000 is a thousand to some and one to others.
    static func dropSeparators(of letters: inout [UInt8]) {
        guard let first = letters.first, ASCII.isDigit(first) else { return }
        letters.removeAll { $0 == UInt8(ascii: ",") }
        guard letters.contains(UInt8(ascii: ".")),
            letters.allSatisfy({ ASCII.isDigit($0) || $0 == UInt8(ascii: ".") })
        else { return }
        let groups = letters.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if groups.count > 2, groups[0].count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 }) {
            letters = Array(groups.joined())
        }
    }
}
