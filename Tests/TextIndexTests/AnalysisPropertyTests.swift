import Foundation
import TestSupport
import Testing
import TextIndex

struct AnalysisPropertyTests {
    private static let languages = ["en", "de", "fr", "tr", "ru", "zh", "und"].map(Language.init(rawValue:))

    private static let shards = [
        "a", "Z", "word", "Straße", "don't", "l'", "’", "'", ".", ",", "1,000", "3.14", "_", "-", "--", "::",
        "->", "/", "\\",
        "@", "#", "++", "C#", " ", "  ", "\n", "\t", "\0", "\u{301}", "\u{200D}", "\u{200F}", "\u{202E}",
        "\u{FEFF}", "\u{AD}",
        "中", "文", "が", "カ", "한", "ก", "น้ำ", "👩‍👩‍👧", "🇩🇪", "é", "İ", "ı", "ﬁ", "Ǆ", "𝒳", "𠀀", "ß", "Σ", "ς",
        "\u{2010}", "\u{2011}",
        "\"", "“", "”", "*", "(", ")", "٣", "नि", "\u{E0100}", "½", "Ⅳ", "camelCase", "HTTPServer2", "~",
        "\u{FFFD}", "ـ", "ֹ",
    ]

    private static func text(_ generator: inout SplitMix64) -> String {
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in
            shards.randomElement(using: &generator) ?? ""
        }.joined()
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `byte ranges are in order, within the text and on scalar boundaries`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for round in 0..<500 {
            let text = Self.text(&generator)
            let tokens = Analyzer(language: Self.languages[round % Self.languages.count]).tokens(of: text)
            var last = 0
            for token in tokens {
                let range = token.byteRange
                #expect(last <= range.lowerBound && !range.isEmpty && range.upperBound <= text.utf8.count)
                last = range.lowerBound
                for end in [range.lowerBound, range.upperBound] {
                    let index = text.utf8.index(text.startIndex, offsetBy: end)
                    #expect(
                        index.samePosition(in: text.unicodeScalars) != nil,
                        "\(range) of \(text.debugDescription)")
                }
                #expect((1...Analyzer.termBytesMax).contains(token.term.utf8.count))
            }
        }
    }

    @Test(arguments: [5, 6, 7] as [UInt64])
    func `positions have no gaps, and one token of each is no part`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let text = Self.text(&generator)
            let tokens = Analyzer(language: .english).tokens(of: text)
            let counted = tokens.filter { !$0.isPart }.map(\.position)
            #expect(counted == Array(0..<counted.count), "\(text.debugDescription)")
            #expect(tokens.allSatisfy { (0..<counted.count).contains($0.position) })
        }
    }

    @Test(arguments: [8, 9, 10] as [UInt64])
    func `every word of a text finds the text`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for round in 0..<500 {
            let language = Self.languages[round % Self.languages.count]
            let text = Self.text(&generator)
            let terms = Set(Analyzer(language: language).tokens(of: text).map(\.term))
            let typed = text.split { $0.isWhitespace || $0.isNewline }.filter {
                !$0.contains { "\"“”*-".contains($0) }
            }
            for piece in typed {
                let query = TextQuery(parsing: String(piece), languages: [.german, language])
                let isFound = query.words.allSatisfy { word in
                    word.terms.contains { term in
                        word.isPrefix ? terms.contains { $0.hasPrefix(term) } : terms.contains(term)
                    }
                }
                #expect(isFound, "\(piece.debugDescription) of \(text.debugDescription): \(query.words)")
            }
        }
    }

    @Test(arguments: ["en", "de", "fr", "ru", "el", "sv"])
    func `words in capitals have the terms of words that are not`(language: String) {
        let analyzer = Analyzer(language: Language(rawValue: language))
        let text = "where ideas über chansons красивые домами λόγος λόγοι människorna état size"
        #expect(analyzer.tokens(of: text).map(\.term) == analyzer.tokens(of: text.uppercased()).map(\.term))
        #expect(analyzer.tokens(of: text).map(\.term) == analyzer.tokens(of: text.capitalized).map(\.term))
    }

    @Test(arguments: [
        "", " ", "\0\0", "\u{301}\u{302}", "\u{202E}\u{2066}", "👩‍👩‍👧🇩🇪", "-", "\"", "\"\"", "*", "''", "...",
        "-\"", "- -\" *",
    ])
    func `a text without words has no terms and finds nothing`(text: String) {
        #expect(Analyzer(language: .english).tokens(of: text).isEmpty)
        #expect(TextQuery(parsing: text, languages: [.english]).isEmpty)
        #expect(LanguageDetector.detect(text) == .none)
    }

    @Test(arguments: ["a", "中", "é", "a1", "a-", "'a", "1,", "\u{301}"])
    func `a megabyte of one thing is read in linear time`(unit: String) {
        let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count)
        let tokens = Analyzer(language: .english).tokens(of: text)
        #expect(tokens.count <= text.utf8.count)
        let query = TextQuery(parsing: text, languages: [.english])
        #expect(query.isCut && query.words.count <= TextQuery.wordsMax)
        _ = LanguageDetector.detect(text)
    }
}
