/// Makes words of a query out of the pieces of its text, by the rules that texts are indexed by.
struct QueryWords {
    private let makers: [(language: Language, maker: TermMaker)]
    private let functionWords: Set<String>

    init(languages: [Language]) {
        let all = languages.isEmpty ? [.unknown] : languages
        makers = all.map { ($0, TermMaker(language: $0)) }
        functionWords = FunctionWords.words(of: all[0])
    }

    /// Wholes, words and parts: whatever of them a text has speaks for it, an exact name three times.
    func scored(_ text: String, isPrefix: Bool) -> (content: [TextQuery.Word], function: [TextQuery.Word]) {
        let bytes = text.utf8Span.span
        let pieces = Self.pieces(of: bytes)
        if isPrefix, let word = prefixWord(bytes, pieces) { return ([word], []) }
        var content: [TextQuery.Word] = []
        var function: [TextQuery.Word] = []
        for index in pieces.indices {
            guard let word = word(bytes, pieces, index, isLast: true) else { continue }
            // Part of a compound is no function word: `in-vivo`, `to_string`. An acronym is none either: `IT`, `WHO`.
            let isAlone = pieces.count == 1 && pieces[index].kind == .word
            if isAlone, functionWords.contains(word.text.lowercased()), !Self.isAcronym(word.text) {
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
    func sequence(_ text: String) -> [TextQuery.Word] {
        let bytes = text.utf8Span.span
        let pieces = Self.pieces(of: bytes)
        let last = pieces.lastIndex { !$0.isPart } ?? -1
        return pieces.indices.compactMap { index in
            pieces[index].isPart ? nil : word(bytes, pieces, index, isLast: index == last)
        }
    }

    /// A name is excluded as a whole: what has only its words is not meant.
    func excluded(_ item: QueryItem) -> [TextQuery.Word] {
        let bytes = item.text.utf8Span.span
        let pieces = Self.pieces(of: bytes)
        if item.isPrefix, let word = prefixWord(bytes, pieces) { return [word] }
        if !item.isQuoted, let whole = pieces.first, whole.kind == .whole,
            pieces.allSatisfy({ whole.range.contains($0.range.lowerBound) })
        {
            return [TextQuery.Word(text: text(bytes, whole.range), terms: terms(bytes, whole))]
        }
        return sequence(item.text)
    }

    private static func pieces(of bytes: Span<UInt8>) -> [Piece] {
        var scanner = WordScanner()
        scanner.scan(bytes)
        return scanner.pieces
    }

    private static func isAcronym(_ text: String) -> Bool {
        text.unicodeScalars.count > 1 && text.unicodeScalars.allSatisfy { $0.properties.isUppercase }
    }

    /// Nil for the last character of a run in a script without spaces where its pair says all.
    private func word(_ bytes: Span<UInt8>, _ pieces: [Piece], _ index: Int, isLast: Bool) -> TextQuery.Word?
    {
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

    private func name(_ bytes: Span<UInt8>, _ piece: Piece, besides word: TextQuery.Word) -> TextQuery.Word? {
        let names = distinct(makers.map { $0.maker.foldedTerm(of: bytes, piece.range) })
        guard !word.terms.contains(where: names.contains) else { return nil }
        return TextQuery.Word(text: word.text, terms: names)
    }

    /// The beginning as typed, and its stem, since words are indexed by theirs: `computation*` finds `computations`.
    private func prefixWord(_ bytes: Span<UInt8>, _ pieces: [Piece]) -> TextQuery.Word? {
        guard let piece = pieces.first, pieces.allSatisfy({ piece.range.contains($0.range.lowerBound) })
        else { return nil }
        let folded = makers.map { $0.maker.foldedTerm(of: bytes, piece.range) }
        let stems = terms(bytes, piece).filter { stem in
            stem.utf8.count >= 3 && !folded.contains { stem.hasPrefix($0) }
        }
        return TextQuery.Word(text: text(bytes, piece.range), terms: distinct(folded + stems), isPrefix: true)
    }

    private func terms(_ bytes: Span<UInt8>, _ piece: Piece) -> [String] {
        var terms: [String] = []
        for (language, maker) in makers {
            terms.append(maker.term(of: bytes, piece))
            guard language == .german, piece.kind == .word || piece.kind == .mixed || piece.kind == .part
            else { continue }
            guard let other = GermanSpelling.other(of: text(bytes, piece.range)) else { continue }
            let letters = other.utf8Span.span
            terms.append(maker.term(of: letters, Piece(kind: .word, position: 0, range: 0..<letters.count)))
        }
        return distinct(terms)
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
