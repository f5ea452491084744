import Columnar

/// Text to terms, for one language.
///
/// Thread safe. Cheap to make; one that is kept remembers the words it met, which is what makes long texts fast.
package struct Analyzer: Sendable {
    package let language: Language
    private let makers: WorkerPool<TermMaker>

    /// Terms are cut there: longer words are hashes, keys and blobs, which nobody types and which would swell the
    /// dictionary. The name of a long word still finds it, since its hash is part of the term.
    package static let termBytesMax = 64

    /// Idle makers of terms that one analyzer keeps, for as many threads at once.
    private static let idleMakersMax = 8

    package init(language: Language) {
        self.language = language
        makers = WorkerPool(idleMax: Self.idleMakersMax) { TermMaker(language: language) }
    }

    /// The text's terms in the order of their places. Linear in time; a text without letters and digits has none.
    package func tokens(of text: String) -> [Token] {
        var text = text
        text.makeContiguousUTF8()
        let bytes = text.utf8Span.span
        return makers.withWorker { maker in
            var scanner = WordScanner()
            var tokens: [Token] = []
            tokens.reserveCapacity(bytes.count / Self.bytesPerToken)
            while scanner.advance(bytes) {
                for piece in scanner.pieces { Self.add(piece, bytes, &maker, to: &tokens) }
            }
            return tokens
        }
    }

    /// Somewhat fewer than English has, so that the list seldom grows.
    private static let bytesPerToken = 5

    private static func add(
        _ piece: Piece, _ bytes: Span<UInt8>, _ maker: inout TermMaker, to tokens: inout [Token]
    ) {
        let term = maker.term(of: bytes, piece)
        tokens.append(
            Token(term: term, position: piece.position, byteRange: piece.range, isPart: piece.isPart))
        guard piece.kind == .mixed else { return }
        // A name in mixed case is indexed as it is written, too.
        let name = maker.foldedTerm(of: bytes, piece.range)
        if name != term {
            tokens.append(Token(term: name, position: piece.position, byteRange: piece.range, isPart: true))
        }
    }

    /// The term if it is within the bound; else its beginning and the hash of all of it.
    static func bounded(_ letters: [UInt8]) -> String {
        guard letters.count > termBytesMax else { return String(decoding: letters, as: UTF8.self) }
        var end = termBytesMax - 18
        while end > 0, letters[end] & 0xC0 == 0x80 { end -= 1 }
        let hash = String(XXH64.checksum(letters.span), radix: 16)
        return String(decoding: letters[..<end], as: UTF8.self) + "~" + hash
    }
}

extension Analyzer {
    /// Names the rules and the stemmers: an index whose fingerprint is another was made by other rules, and is
    /// made anew.
    ///
    /// libstemmer does not tell its version. What it makes of a few words in each language does.
    package static let fingerprint: String = {
        var stems = ""
        for name in Stemmer.algorithms() {
            guard let stemmer = Stemmer(algorithm: name) else { continue }
            stems += name
            for word in probes {
                var letters = Array(word.utf8)
                stemmer.stem(&letters)
                stems += " " + String(decoding: letters, as: UTF8.self)
            }
            stems += "\n"
        }
        return "analysis-\(rulesVersion)-" + String(XXH64.checksum(Array(stems.utf8).span), radix: 16)
    }()

    /// Counted up with every change of what a text's terms are.
    private static let rulesVersion = 1

    private static let probes = [
        "generations", "skis", "dying", "news", "organizing", "oversights", "l'histoire", "maisons",
        "quelques",
        "aufeinanderfolge", "häuser", "gebäuden", "corriéndolo", "canciones", "felicità", "andando",
        "coração",
        "ändringarna", "løbende", "taloissa", "házakban", "maşinilor", "evlerimizden", "красивая", "домами",
        "αυτοκινήτων", "كتابهم", "लड़कियों", "sofrimento", "wissenschaftlicher", "gelegenheid", "namai",
    ]
}
