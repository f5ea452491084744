import Foundation
import TestSupport
package import TextIndex

/// A directory of its own that is removed with the object.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "text-index-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The bytes of a segment's file.
    func bytes(of segment: PostingsDescription) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: url.appending(path: segment.fileName)))
    }
}

extension TextQuery.Word: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }

    /// A word of one term, or a prefix if it ends with a star.
    init(_ text: String) {
        let isPrefix = text.hasSuffix("*")
        let term = isPrefix ? String(text.dropLast()) : text
        self.init(text: text, terms: [term], isPrefix: isPrefix)
    }
}

extension TextRow {
    /// A row in a language without stems.
    init(
        _ row: Int64, document: Int64 = 1, born: Int64 = 1, title: String = "", headings: [String] = [],
        _ text: String
    ) {
        self.init(
            row: row, document: document, bornSequence: born, language: .made, title: title,
            headings: headings, text: text)
    }
}

extension Language {
    /// No analyzer has stems or stop words for it.
    static let made = Language(rawValue: "x-made")
}

/// Rows of words like "kab3" that no analyzer changes, the frequent ones much more frequent.
struct MadeRows {
    var random: SplitMix64
    let vocabulary: Int

    init(seed: UInt64, vocabulary: Int = 60) {
        random = SplitMix64(seed: seed)
        self.vocabulary = vocabulary
    }

    static let syllables = ["ka", "mo", "ti", "ru", "sel", "zan"]

    static func word(_ index: Int) -> String {
        "\(syllables[index % 6])\(syllables[index / 6 % 6])\(syllables[index / 36 % 6])"
    }

    mutating func word() -> String {
        let share = Double.random(in: 0..<1, using: &random)
        return Self.word(Int(share * share * share * Double(vocabulary)))
    }

    mutating func text(_ words: ClosedRange<Int>) -> String {
        (0..<Int.random(in: words, using: &random)).map { _ in word() }.joined(separator: " ")
    }

    mutating func row(_ row: Int64, born: Int64 = 1) -> TextRow {
        TextRow(
            row, document: row / 3, born: born, title: text(0...3), headings: [text(0...2)], text(1...40))
    }

    mutating func query() -> TextQuery {
        func words(_ count: ClosedRange<Int>, _ rows: inout MadeRows) -> [TextQuery.Word] {
            (0..<Int.random(in: count, using: &rows.random)).map { _ in rows.queryWord() }
        }
        var query = TextQuery(words: words(0...6, &self))
        if Int.random(in: 0..<3, using: &random) == 0 { query.phrases.append(words(1...3, &self)) }
        if Int.random(in: 0..<3, using: &random) == 0 { query.excluded = [TextQuery.Word(word())] }
        if Int.random(in: 0..<4, using: &random) == 0 { query.excludedPhrases = [words(2...2, &self)] }
        return query
    }

    private mutating func queryWord() -> TextQuery.Word {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: TextQuery.Word("\(word().prefix(3))*")
        case 1: TextQuery.Word(text: "either", terms: [word(), word(), "missing"], isPrefix: false)
        default: TextQuery.Word(word())
        }
    }
}
