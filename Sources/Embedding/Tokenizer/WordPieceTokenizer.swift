package import Foundation

/// Texts to token ids by WordPiece, exactly as `tokenizers` does with the same `tokenizer.json`.
///
/// A call allocates its result and one word's worth of space. Truncation and padding written in `tokenizer.json` are
/// ignored: they are the embedder's decision.
package struct WordPieceTokenizer: Tokenizer {
    /// `[CLS]`, which begins every sequence.
    package let classID: Int32

    /// `[SEP]`, which ends every sequence.
    package let separatorID: Int32

    private let unknownID: Int32
    private let wordScalarsMax: Int
    private let trie: PieceTrie
    private let words: WholeWords
    private let casing: Casing
    private let specialTokens: [SpecialToken]

    private struct SpecialToken: Sendable {
        let utf8: [UInt8]
        let id: Int32
    }

    /// - Parameters:
    ///   - file: the bytes of a `tokenizer.json`.
    ///   - vocabularyCount: how many rows the model's word embeddings have.
    /// - Throws: `EmbeddingError.malformedJSON`, `.unsupportedModel`, `.vocabularyMismatch`.
    package init(_ file: Data, vocabularyCount: Int) throws(EmbeddingError) {
        self.init(try TokenizerFile.parse(file, rowCount: vocabularyCount))
    }

    /// - Parameters:
    ///   - lines: the bytes of a `vocab.txt`.
    ///   - settings: the bytes of the `tokenizer_config.json` beside it, if there is one.
    ///   - vocabularyCount: how many rows the model's word embeddings have.
    /// - Throws: `EmbeddingError.malformedJSON`, `.unsupportedModel`, `.vocabularyMismatch`.
    package init(lines: Data, settings: Data?, vocabularyCount: Int) throws(EmbeddingError) {
        self.init(try WordPieceVocabulary.parse(lines: lines, settings: settings, rowCount: vocabularyCount))
    }

    private init(_ vocabulary: WordPieceVocabulary) {
        let prefix = Array(vocabulary.continuationPrefix.utf8)
        let pieces = vocabulary.pieces.map { piece in
            let isContinuing = piece.utf8.starts(with: prefix)
            return (
                utf8: isContinuing ? piece.utf8[prefix.count...] : piece.utf8[...],
                isContinuing: isContinuing, id: piece.id
            )
        }
        (trie, words) = (PieceTrie(pieces), WholeWords(pieces))
        // A word longer than the scanner keeps must be unknown, or it would be cut.
        wordScalarsMax = min(vocabulary.wordScalarsMax, WordScanner.wordScalarsKept)
        casing = vocabulary.casing
        unknownID = vocabulary.unknownID
        classID = vocabulary.classID
        separatorID = vocabulary.separatorID
        specialTokens = vocabulary.specialTokens.map { SpecialToken(utf8: Array($0.text.utf8), id: $0.id) }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The ids of `text` between `[CLS]` and `[SEP]`.
    ///
    /// - Parameters:
    ///   - parsesSpecialTokens: whether a literal `[SEP]` in the text becomes the special token, as it does
    ///     in the reference by default. Off for every text of a user, who could otherwise inject them.
    ///   - tokensMax: at most so many ids, at least 2; what is beyond is cut off before `[SEP]`, and not
    ///     looked at.
    package func encode(_ text: String, parsesSpecialTokens: Bool = false, tokensMax: Int = .max) -> [Int32] {
        precondition(tokensMax >= 2, "no room for [CLS] and [SEP] in \(tokensMax) tokens")
        var sink = PieceSink(matcher: matcher, tokens: IDSink(idsMax: tokensMax - 1, ids: [classID]))
        scan(text, parsesSpecialTokens: parsesSpecialTokens, into: &sink)
        return sink.tokens.ids + [separatorID]
    }

    /// How many tokens `text` has, without `[CLS]` and `[SEP]`, special tokens not parsed.
    package func tokenCount(of text: String) -> Int {
        var sink = PieceSink(matcher: matcher, tokens: CountSink())
        scan(text, parsesSpecialTokens: false, into: &sink)
        return sink.tokens.count
    }

    private var matcher: PieceMatcher {
        PieceMatcher(trie: trie, words: words, unknownID: unknownID, wordScalarsMax: wordScalarsMax)
    }

    private func scan<Tokens: TokenSink>(
        _ text: String, parsesSpecialTokens: Bool, into sink: inout PieceSink<Tokens>
    ) {
        var text = text
        text.makeContiguousUTF8()
        let bytes = text.utf8.span
        var scanner = WordScanner(casing)
        guard parsesSpecialTokens else {
            _ = scanner.scan(bytes, 0..<bytes.count, into: &sink)
            return
        }
        var start = 0
        while let (range, id) = nextSpecialToken(in: bytes, from: start) {
            guard scanner.scan(bytes, start..<range.lowerBound, into: &sink), sink.tokens.take(id) else {
                return
            }
            start = range.upperBound
        }
        _ = scanner.scan(bytes, start..<bytes.count, into: &sink)
    }

    /// The leftmost special token at or after `start`; the longest where two begin together.
    private func nextSpecialToken(in text: Span<UInt8>, from start: Int) -> (Range<Int>, Int32)? {
        for index in start..<text.count {
            for token in specialTokens where Self.matches(token.utf8, text, at: index) {
                return (index..<index + token.utf8.count, token.id)
            }
        }
        return nil
    }

    private static func matches(_ token: [UInt8], _ text: Span<UInt8>, at index: Int) -> Bool {
        guard token.count <= text.count - index else { return false }
        return token.indices.allSatisfy { token[$0] == text[index + $0] }
    }
}

/// Receives words, and hands the pieces of each to another sink.
private struct PieceSink<Tokens: TokenSink>: WordSink {
    let matcher: PieceMatcher
    var tokens: Tokens
    private var pieces: [Int32] = []

    init(matcher: PieceMatcher, tokens: Tokens) {
        (self.matcher, self.tokens) = (matcher, tokens)
    }

    @inline(__always)
    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        let whole = matcher.wholePiece(word, scalarCount: scalarCount)
        return whole >= 0 ? tokens.take(whole) : takePieces(word, scalarCount: scalarCount)
    }

    private mutating func takePieces(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        pieces.removeAll(keepingCapacity: true)
        let isKnown = matcher.forEachPiece(of: word, scalarCount: scalarCount) { pieces.append($0) }
        guard isKnown else { return tokens.take(matcher.unknownID) }
        for piece in pieces where !tokens.take(piece) { return false }
        return true
    }
}

/// Cuts a word into the longest pieces, from the left (M. Schuster, K. Nakajima, 2012, "Japanese and Korean
/// voice search", as BERT uses it).
private struct PieceMatcher {
    let trie: PieceTrie
    let words: WholeWords
    let unknownID: Int32
    let wordScalarsMax: Int

    /// The word as one piece, which is then the longest it begins with; below 0 if it is none.
    @inline(__always)
    func wholePiece(_ word: Span<UInt8>, scalarCount: Int) -> Int32 {
        scalarCount <= wordScalarsMax ? words.piece(word) : -1
    }

    /// False if the word is unknown: too long, or some part of it is no piece. `body` may have been called by
    /// then.
    @inline(__always)
    func forEachPiece(of word: Span<UInt8>, scalarCount: Int, _ body: (Int32) -> Void) -> Bool {
        guard scalarCount <= wordScalarsMax else { return false }
        var start = 0
        while start < word.count {
            guard let piece = trie.longestPiece(of: word, from: start) else { return false }
            body(piece.id)
            start = piece.end
        }
        return true
    }
}
