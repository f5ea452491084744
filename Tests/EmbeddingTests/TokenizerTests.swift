import Embedding
import Foundation
import Testing

/// Goldens come from Hugging Face `tokenizers`; each file and its script name the version.
@Suite struct TokenizerTests {
    private static let loading = Result {
        try WordPieceTokenizer(
            Data(contentsOf: Fixtures.model("tokenizer.json")), vocabularyCount: vocabularyCount)
    }
    private static let vocabularyCount = 30_522

    private let tokenizer: WordPieceTokenizer

    init() throws {
        tokenizer = try Self.loading.get()
    }

    @Test(
        .enabled(
            if: Fixtures.shared("data/minilm/minilm_tokenizer_golden.jsonl") != nil,
            "the reference data is neither at ../shared nor where CARREL_SHARED says"))
    func `every case of the reference data has the reference's ids`() throws {
        struct Case: Decodable {
            let text: String
            let ids: [Int32]
        }
        let file = try #require(Fixtures.shared("data/minilm/minilm_tokenizer_golden.jsonl"))
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2_992)
        for line in lines {
            let golden = try JSONDecoder().decode(Case.self, from: line)
            let ids = tokenizer.encode(golden.text, parsesSpecialTokens: true)
            #expect(ids == golden.ids, "\(golden.text.debugDescription)")
        }
    }

    @Test func `ids are the reference's with special tokens parsed and without`() throws {
        for item in try Golden.load() {
            #expect(tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
            #expect(
                tokenizer.encode(item.text, parsesSpecialTokens: true) == item.idsWithSpecialTokensParsed,
                "\(item.text.debugDescription)")
        }
    }

    @Test func `a word that stands in the text as it is cut is cut as one that has to be put together`() {
        // Of letters that stay as they are, and of such that are lowered, lose an accent or have a control between.
        let words = [
            "water", "unbelievably", "x", "2026", "zzqqj", String(repeating: "long", count: 25),
            String(repeating: "a", count: 101), String(repeating: "b", count: 129),
        ]
        for word in words {
            let pieces = pieces(word)
            #expect(!pieces.isEmpty)
            let (first, rest) = (String(word.prefix(1)), String(word.dropFirst()))
            for other in [word.uppercased(), first + "\u{0}" + rest, word + "\u{7F}", word + "\n"] {
                #expect(self.pieces(other) == pieces, "\(other.prefix(8).debugDescription)")
            }
            if first >= "a" { #expect(self.pieces(first + "\u{301}" + rest) == pieces, "\(first)") }
            let mark = self.pieces("!")
            let marked: [Int32] = mark + pieces + mark
            #expect(self.pieces("!\(word)!") == marked)
        }
    }

    private func pieces(_ text: String) -> [Int32] {
        Array(tokenizer.encode(text).dropFirst().dropLast())
    }

    @Test(arguments: [Casing.uncased, .cased])
    func `every Unicode scalar becomes the words the reference makes of it`(casing: Casing) throws {
        struct Checksums: Decodable {
            let blocks: [String: String]
            let casedBlocks: [String: String]
        }
        let golden = try JSONDecoder().decode(Checksums.self, from: Fixtures.golden("scalar_checksums.json"))
        let blocks = casing == .uncased ? golden.blocks : golden.casedBlocks
        #expect(blocks.count == 0x110)
        for (first, expected) in blocks {
            let first = try #require(UInt32(first, radix: 16))
            var sink = ChecksumSink()
            for scalar in (first..<first + 0x1000).compactMap(Unicode.Scalar.init) {
                words(of: "a\(Character(scalar))b", casing, into: &sink)
            }
            let expectedValue = try #require(UInt64(expected, radix: 16))
            #expect(sink.value == expectedValue, "block \(String(first, radix: 16))")
        }
    }

    /// What the reference makes of marks that keep their place (U+302E: class 224, U+1D165: 216, U+1B44: 9),
    /// with accents that vanish (U+0301: 230) and a vowel sign of class 0 (U+0902) between them.
    @Test(arguments: [
        ("a\u{302E}\u{1D165}\u{1B44}b", "a\u{1B44}\u{1D165}\u{302E}b"),
        ("a\u{302E}\u{301}\u{1B44}b", "a\u{1B44}\u{302E}b"),
        ("a\u{302E}\u{902}\u{1B44}b", "a\u{302E}\u{1B44}b"),
        ("a\u{302E}\u{302F}b", "a\u{302E}\u{302F}b"),
    ])
    func `marks that stay are put in canonical order`(text: String, expected: String) {
        var sink = CollectingSink()
        words(of: text, into: &sink)
        #expect(sink.words == [Array(expected.utf8)])
    }

    @Test func `a text cannot inject special tokens`() {
        let special: Set<Int32> = [0, 101, 102, 103]
        for text in ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "a [SEP] b", "[SEP][SEP]", "[[SEP]]", "x[CLS]y"] {
            let inner = tokenizer.encode(text).dropFirst().dropLast()
            #expect(special.isDisjoint(with: inner), "\(text)")
            let parsed = tokenizer.encode(text, parsesSpecialTokens: true).dropFirst().dropLast()
            #expect(!special.isDisjoint(with: parsed), "\(text)")
        }
    }

    @Test func `the count of a text is that of its ids without the two around them`() throws {
        for item in try Golden.load() {
            #expect(tokenizer.tokenCount(of: item.text) == item.ids.count - 2)
        }
    }

    @Test(arguments: [2, 3, 10, 107, 108, 109, 256])
    func `a cut keeps the first tokens and ends with the separator`(tokensMax: Int) throws {
        for item in try Golden.load() where item.ids.count > tokensMax {
            let ids = tokenizer.encode(item.text, tokensMax: tokensMax)
            #expect(ids == item.ids.prefix(tokensMax - 1) + [102], "\(item.text.debugDescription)")
        }
    }

    @Test(arguments: [1, 7, 99, 2024])
    func `joining texts with a space adds their tokens`(seed: Int) throws {
        let items = try Golden.load()
        let first = items[seed % items.count]
        for second in items {
            let joined = tokenizer.encode(first.text + " " + second.text)
            #expect(joined == first.ids.dropLast() + second.ids.dropFirst())
        }
    }

    @Test func `a word of 10 million characters is one unknown token`() {
        #expect(tokenizer.encode(String(repeating: "z", count: 10_000_000)) == [101, 100, 102])
        #expect(tokenizer.encode("z" + String(repeating: "\u{302E}", count: 1_000_000)) == [101, 100, 102])
    }

    @Test(arguments: [
        (#""type":"WordPiece""#, #""type":"Unigram""#), (#""strip_accents":null"#, #""strip_accents":false"#),
        (#""handle_chinese_chars":true"#, #""handle_chinese_chars":false"#),
        (#""BertPreTokenizer""#, #""Whitespace""#), (#""single_word":false"#, #""single_word":true"#),
        (#""max_input_chars_per_word":100"#, #""max_input_chars_per_word":1000"#),
    ])
    func `a tokenizer of another kind is refused by name`(original: String, changed: String) throws {
        let file = try tinyTokenizer().replacing(original, with: changed)
        #expect(file.contains(changed))
        #expect {
            try WordPieceTokenizer(Data(file.utf8), vocabularyCount: 5)
        } throws: { error in
            if case EmbeddingError.unsupportedModel(file: "tokenizer.json", _, _, _) = error {
                true
            } else {
                false
            }
        }
    }

    @Test func `a vocabulary that does not number its pieces once each is refused`() throws {
        for (changed, found) in [(#""b":3"#, 4), (#""b":7"#, 4), (#""b":-1"#, 4)] {
            let file = try tinyTokenizer().replacing(#""b":4"#, with: changed)
            #expect {
                try WordPieceTokenizer(Data(file.utf8), vocabularyCount: 5)
            } throws: { error in
                if case EmbeddingError.vocabularyMismatch(found, expected: 5) = error { true } else { false }
            }
        }
    }

    @Test func `a file cut anywhere is refused, never a crash`() throws {
        let file = Data(try tinyTokenizer().utf8)
        #expect(try WordPieceTokenizer(file, vocabularyCount: 5).encode("a b ab") == [1, 3, 4, 0, 2])
        for count in 0..<file.count {
            #expect(throws: EmbeddingError.self) {
                try WordPieceTokenizer(file.prefix(count), vocabularyCount: 5)
            }
        }
    }

    @Test func `two pieces that Unicode calls equivalent are two, in either file`() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let pieces = ["[UNK]", "[CLS]", "[SEP]", composed, decomposed, "A"]
        let json = try tinyTokenizer(
            lowercase: false,
            vocabulary: pieces.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ","))
        let fromJSON = try WordPieceTokenizer(Data(json.utf8), vocabularyCount: 6)
        let lines = Data((pieces.joined(separator: "\r\n") + "\r\n").utf8)
        let fromLines = try WordPieceTokenizer(lines: lines, settings: nil, vocabularyCount: 6)
        for tokenizer in [fromJSON, fromLines] {
            #expect(tokenizer.encode("\(composed) \(decomposed) A a") == [1, 3, 4, 5, 0, 2])
        }
    }

    @Test func `escapes in a tokenizer's file are read as JSON has them`() throws {
        let file = try tinyTokenizer().replacing(#""a":3,"b":4"#, with: #""\ud83d\uDC0D":3,"\u0062":4"#)
        #expect(try WordPieceTokenizer(Data(file.utf8), vocabularyCount: 5).encode("🐍 b") == [1, 3, 4, 2])
    }

    @Test(arguments: [
        (nil, "[UNK]\n[CLS]\n[SEP]\na\n", [Int32]([1, 3, 3, 2])),
        (nil, "[UNK]\n[CLS]\n[SEP]\na\nB", [1, 0, 3, 2]),
        (#"{"do_lower_case": false}"#, "[UNK]\n[CLS]\n[SEP]\na\n", [1, 0, 3, 2]),
        (#"{"do_lower_case": true}"#, "[UNK]\n[CLS]\n[SEP]\na\nB\n", [1, 3, 3, 2]),
    ])
    func `a vocabulary's lines are cased as the settings say, or as its pieces are`(
        settings: String?, lines: String, ids: [Int32]
    ) throws {
        let tokenizer = try WordPieceTokenizer(
            lines: Data(lines.utf8), settings: settings.map { Data($0.utf8) }, vocabularyCount: 8)
        #expect(tokenizer.encode("A a") == ids)
    }

    @Test func `more pieces than the model has rows are refused, fewer are not`() throws {
        let file = Data(try tinyTokenizer().utf8)
        #expect(try WordPieceTokenizer(file, vocabularyCount: 9).encode("b") == [1, 4, 2])
        #expect {
            try WordPieceTokenizer(file, vocabularyCount: 4)
        } throws: { error in
            if case EmbeddingError.vocabularyMismatch(found: 5, expected: 4) = error { true } else { false }
        }
    }

    private func tinyTokenizer(
        lowercase: Bool = true, vocabulary: String = #""[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,"b":4"#
    ) throws -> String {
        """
        {"added_tokens":[{"id":2,"content":"[SEP]","special":true,"single_word":false,"lstrip":false,\
        "rstrip":false,"normalized":false}],"normalizer":{"type":"BertNormalizer","clean_text":true,\
        "handle_chinese_chars":true,"strip_accents":null,"lowercase":\(lowercase)},\
        "pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"[UNK]",\
        "continuing_subword_prefix":"##","max_input_chars_per_word":100,\
        "vocab":{\(vocabulary)}}}
        """
    }

    private func words(of text: String, _ casing: Casing = .uncased, into sink: inout some WordSink) {
        var scanner = WordScanner(casing)
        let bytes = text.utf8.span
        #expect(scanner.scan(bytes, 0..<bytes.count, into: &sink))
    }
}

private struct CollectingSink: WordSink {
    var words: [[UInt8]] = []

    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        words.append(word.indices.map { word[$0] })
        return true
    }
}

/// FNV-1a over the words, each followed by a zero byte.
private struct ChecksumSink: WordSink {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool {
        for index in word.indices { add(word[index]) }
        add(0)
        return true
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
