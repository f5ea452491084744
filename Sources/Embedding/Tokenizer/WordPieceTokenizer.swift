package import Foundation

/// Texts to token ids by WordPiece, exactly as `tokenizers` does with the same `tokenizer.json`.
///
/// Immutable and safe to use from any thread; a call allocates its result and one word's worth of space.
/// Truncation and padding written in `tokenizer.json` are ignored: they are the embedder's decision.
package struct WordPieceTokenizer: Sendable {
    /// `[CLS]`, which begins every sequence.
    package let classID: Int32

    /// `[SEP]`, which ends every sequence.
    package let separatorID: Int32

    private let unknownID: Int32
    private let wordScalarsMax: Int
    private let trie: PieceTrie
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
        self.init(try TokenizerFile.parse(file, vocabularyCount: vocabularyCount))
    }

    private init(_ file: TokenizerFile) {
        let prefix = Array(file.model.continuingSubwordPrefix.utf8)
        trie = PieceTrie(
            file.model.vocab.lazy.map { piece, id in
                let utf8 = Array(piece.utf8)
                let isContinuing = utf8.starts(with: prefix)
                return (isContinuing ? Array(utf8[prefix.count...]) : utf8, isContinuing, id)
            })
        // A word longer than the scanner keeps must be unknown, or it would be cut.
        wordScalarsMax = min(file.model.maxInputCharsPerWord, WordScanner.wordScalarsKept)
        unknownID = file.unknownID
        classID = file.classID
        separatorID = file.separatorID
        specialTokens = file.addedTokens.map { SpecialToken(utf8: Array($0.content.utf8), id: $0.id) }
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
        var sink = IDSink(matcher: matcher, idsMax: tokensMax - 1, ids: [classID])
        scan(text, parsesSpecialTokens: parsesSpecialTokens, into: &sink)
        sink.ids.append(separatorID)
        return sink.ids
    }

    /// How many tokens `text` has, without `[CLS]` and `[SEP]`, special tokens not parsed.
    package func tokenCount(of text: String) -> Int {
        var sink = CountSink(matcher: matcher)
        scan(text, parsesSpecialTokens: false, into: &sink)
        return sink.count
    }

    private var matcher: PieceMatcher {
        PieceMatcher(trie: trie, unknownID: unknownID, wordScalarsMax: wordScalarsMax)
    }

    private func scan<Sink: TokenSink>(_ text: String, parsesSpecialTokens: Bool, into sink: inout Sink) {
        var text = text
        text.makeContiguousUTF8()
        let bytes = text.utf8.span
        var scanner = WordScanner()
        guard parsesSpecialTokens else {
            _ = scanner.scan(bytes, 0..<bytes.count, into: &sink)
            return
        }
        var start = 0
        while let (range, id) = nextSpecialToken(in: bytes, from: start) {
            guard scanner.scan(bytes, start..<range.lowerBound, into: &sink), sink.take(id) else { return }
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

/// A word sink that receives the tokens of the words instead.
private protocol TokenSink: WordSink {
    /// False to end the scan.
    mutating func take(_ id: Int32) -> Bool
}

private struct IDSink: TokenSink {
    let matcher: PieceMatcher
    let idsMax: Int
    var ids: [Int32]

    mutating func take(_ id: Int32) -> Bool {
        guard ids.count < idsMax else { return false }
        ids.append(id)
        return true
    }

    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        let start = ids.count
        let isKnown = matcher.forEachPiece(of: word, scalarCount: scalarCount) { ids.append($0) }
        if !isKnown {
            ids.removeSubrange(start...)
            ids.append(matcher.unknownID)
        }
        if ids.count > idsMax { ids.removeSubrange(idsMax...) }
        return ids.count < idsMax
    }
}

private struct CountSink: TokenSink {
    let matcher: PieceMatcher
    var count = 0

    mutating func take(_ id: Int32) -> Bool {
        count += 1
        return true
    }

    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        var pieceCount = 0
        let isKnown = matcher.forEachPiece(of: word, scalarCount: scalarCount) { _ in pieceCount += 1 }
        count += isKnown ? pieceCount : 1
        return true
    }
}

/// Cuts a word into the longest pieces, from the left (M. Schuster, K. Nakajima, 2012, "Japanese and Korean
/// voice search", as BERT uses it).
private struct PieceMatcher {
    let trie: PieceTrie
    let unknownID: Int32
    let wordScalarsMax: Int

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
