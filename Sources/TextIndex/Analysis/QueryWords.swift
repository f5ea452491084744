/// Makes words of a query out of the pieces of its text, by the rules that texts are indexed by.
struct QueryWords {
    private var makers: [(language: Language, maker: TermMaker)]
    private let language: Language

    init(languages: [Language]) {
        let all = languages.isEmpty ? [.unknown] : languages
        makers = all.map { ($0, TermMaker(language: $0)) }
        language = all[0]
    }

    /// Wholes, words and parts: whatever of them a text has speaks for it, an exact name three times.
    ///
    /// `anti-inflammatory` is scored by its words alone: counted as a name it weighs more than the words beside it
    /// (SciFact's training half: nDCG@10 .698 with wholes of letters and hyphens, .703 without).
    /// `--max-cost` is a name.
    mutating func scored(
        _ text: String, isPrefix: Bool
    ) -> (content: [TextQuery.Word], function: [TextQuery.Word]) {
        let bytes = text.utf8Span.span
        let pieces = WordScanner.pieces(of: bytes)
        if isPrefix, let word = prefixWord(bytes, pieces) { return ([word], []) }
        var content: [TextQuery.Word] = []
        var function: [TextQuery.Word] = []
        for index in pieces.indices where !Self.isHyphenated(bytes, pieces[index]) {
            guard let word = word(bytes, pieces, index, isLast: true) else { continue }
            // Part of a compound is no function word: `in-vivo`, `to_string`. An acronym is none either: `IT`, `WHO`.
            let isAlone = pieces.count == 1 && pieces[index].kind == .word
            if isAlone, FunctionWords.isEmpty(word.text.lowercased(), in: language),
                !Self.isAcronym(word.text)
            {
                function.append(word)
            } else {
                content.append(word)
            }
            if pieces[index].kind == .mixed, let name = name(bytes, pieces[index], besides: word) {
                content.append(name)
            }
        }
        return (content, function)
    }

    /// One word for each position, to be met side by side.
    mutating func sequence(_ text: String) -> [TextQuery.Word] {
        let bytes = text.utf8Span.span
        let pieces = WordScanner.pieces(of: bytes)
        let last = pieces.lastIndex { !$0.isPart } ?? -1
        return pieces.indices.compactMap { index in
            pieces[index].isPart ? nil : word(bytes, pieces, index, isLast: index == last)
        }
    }

    /// A name is excluded as a whole: what has only its words is not meant.
    mutating func excluded(_ item: QueryItem) -> [TextQuery.Word] {
        let bytes = item.text.utf8Span.span
        let pieces = WordScanner.pieces(of: bytes)
        if item.isPrefix, let word = prefixWord(bytes, pieces) { return [word] }
        if !item.isQuoted, let whole = pieces.first, whole.kind == .whole,
            pieces.allSatisfy({ whole.range.contains($0.range.lowerBound) })
        {
            return [TextQuery.Word(text: text(bytes, whole.range), terms: terms(bytes, whole))]
        }
        return sequence(item.text)
    }

    private static func isHyphenated(_ bytes: Span<UInt8>, _ piece: Piece) -> Bool {
        guard piece.kind == .whole, !piece.isAlone else { return false }
        if piece.range.lowerBound > 1, bytes[piece.range.lowerBound - 1] == UInt8(ascii: "-") { return false }
        return piece.range.allSatisfy {
            ASCII.isLetter(bytes[$0]) || bytes[$0] >= 0x80 || bytes[$0] == UInt8(ascii: "-")
        }
    }

    private static func isAcronym(_ text: String) -> Bool {
        text.unicodeScalars.count > 1 && text.unicodeScalars.allSatisfy { $0.properties.isUppercase }
    }

    /// Nil for the last character of a run in a script without spaces where its pair says all.
    private mutating func word(
        _ bytes: Span<UInt8>, _ pieces: [Piece], _ index: Int, isLast: Bool
    ) -> TextQuery.Word? {
        let piece = pieces[index]
        guard piece.kind == .runEnd else {
            return TextQuery.Word(text: text(bytes, piece.range), terms: terms(bytes, piece))
        }
        let hasPair =
            index > 0 && pieces[index - 1].kind == .pair
            && pieces[index - 1].range.upperBound == piece.range.upperBound
        // A text's run may go on where the query's ends; a character alone is the beginning of its pairs.
        if hasPair, isLast { return nil }
        return TextQuery.Word(text: text(bytes, piece.range), terms: terms(bytes, piece), isPrefix: true)
    }

    private mutating func name(
        _ bytes: Span<UInt8>, _ piece: Piece, besides word: TextQuery.Word
    ) -> TextQuery.Word? {
        let names = foldedTerms(bytes, piece)
        guard !word.terms.contains(where: names.contains) else { return nil }
        return TextQuery.Word(text: word.text, terms: names)
    }

    /// The beginning as typed, and its stem, since words are indexed by theirs: `computation*` finds `computations`.
    private mutating func prefixWord(_ bytes: Span<UInt8>, _ pieces: [Piece]) -> TextQuery.Word? {
        guard let piece = pieces.first, pieces.allSatisfy({ piece.range.contains($0.range.lowerBound) })
        else { return nil }
        let folded = foldedTerms(bytes, piece)
        let stems = terms(bytes, piece).filter { stem in
            stem.utf8.count >= 3 && !folded.contains { stem.hasPrefix($0) }
        }
        return TextQuery.Word(text: text(bytes, piece.range), terms: distinct(folded + stems), isPrefix: true)
    }

    private mutating func terms(_ bytes: Span<UInt8>, _ piece: Piece) -> [String] {
        var terms: [String] = []
        for index in makers.indices {
            terms.append(makers[index].maker.term(of: bytes, piece))
            guard makers[index].language == .german,
                piece.kind == .word || piece.kind == .mixed || piece.kind == .part
            else { continue }
            guard let other = GermanSpelling.other(of: text(bytes, piece.range)) else { continue }
            let letters = other.utf8Span.span
            terms.append(
                makers[index].maker.term(
                    of: letters, Piece(kind: .word, position: 0, range: 0..<letters.count)))
        }
        return distinct(terms)
    }

    private mutating func foldedTerms(_ bytes: Span<UInt8>, _ piece: Piece) -> [String] {
        distinct(makers.indices.map { makers[$0].maker.foldedTerm(of: bytes, piece.range) })
    }

    private func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    private func distinct(_ terms: [String]) -> [String] {
        var seen: Set<String> = []
        return terms.filter { seen.insert($0).inserted }
    }
}

/// `Müller` and `Mueller`.
enum GermanSpelling {
    private static let pairs = [("ä", "ae"), ("ö", "oe"), ("ü", "ue")]

    /// The word with umlauts written out, or with what may be written-out ones as umlauts; nil if there are neither.
    static func other(of word: String) -> String? {
        let lower = Folding.lowered(word, language: .german)
        let writtenOut = pairs.reduce(lower) { $0.replacing($1.0, with: $1.1) }
        if writtenOut != lower { return writtenOut }
        let umlauts = pairs.reduce(lower) { $0.replacing($1.1, with: $1.0) }
        return umlauts != lower ? umlauts : nil
    }
}
