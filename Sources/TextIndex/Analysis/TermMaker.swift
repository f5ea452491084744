/// Makes terms of pieces for one language. One thread at a time.
final class TermMaker {
    private let language: Language
    private let stemmer: Stemmer?
    private var memory = TermMemory()
    private var letters: [UInt8] = []

    init(language: Language) {
        self.language = language
        stemmer = language.stemmingAlgorithm.flatMap { Stemmer(algorithm: $0) }
    }

    func term(of bytes: Span<UInt8>, _ piece: Piece) -> String {
        switch piece.kind {
        case .word, .mixed, .part:
            guard let key = TermMemory.key(of: bytes, piece.range) else {
                return stemmedTerm(of: bytes, piece.range)
            }
            if let term = memory.term(of: key) { return term }
            let term = stemmedTerm(of: bytes, piece.range)
            memory.remember(term, of: key)
            return term
        case .whole, .pair, .runEnd: return foldedTerm(of: bytes, piece.range)
        }
    }

    /// The term of the bytes as they stand: not stemmed.
    func foldedTerm(of bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        lower(bytes, range)
        return finished(bytes, range)
    }

    private func stemmedTerm(of bytes: Span<UInt8>, _ range: Range<Int>) -> String {
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
    private func lower(_ bytes: Span<UInt8>, _ range: Range<Int>) {
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
        letters = Array(lowered.replacing("\u{2019}", with: "'").utf8)
    }

    /// `letters` without accents, apostrophes and the separators of thousands, and within the bound.
    private func finished(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
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
