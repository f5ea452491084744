import TestSupport

/// Documents made of every construct there is, well formed and not, from a seed.
struct RandomMarkdown {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    private mutating func next(below bound: Int) -> Int {
        Int(generator.next() % UInt64(bound))
    }

    mutating func document() -> [UInt8] {
        let lineEnd = ["\n", "\n", "\r\n", "\r"][next(below: 4)]
        var text = next(below: 8) == 0 ? "\u{FEFF}" : ""
        for _ in 0..<(1 + next(below: 30)) {
            text += block().joined(separator: "\n")
            text += ["\n", "\n\n", "\n\n", "\n \n\n", "\n\t\n"][next(below: 5)]
        }
        return Array(lineEnd == "\n" ? text.utf8 : text.replacing("\n", with: lineEnd).utf8)
    }

    private mutating func block() -> [String] {
        switch next(below: 14) {
        case 0, 1: [String(repeating: "#", count: 1 + next(below: 7)) + " " + sentence()]
        case 2: [sentence(), String(repeating: next(below: 2) == 0 ? "=" : "-", count: 1 + next(below: 5))]
        case 3, 4, 5: (0...next(below: 8)).map { _ in sentence() }
        case 6: table()
        case 7: fence()
        case 8: list()
        case 9: block().map { "> " + $0 }
        case 10: block().map { "    " + $0 }
        case 11: ["<div class=\"x\">", sentence(), "</div>", "<!-- " + word(), "-->"]
        case 12: ["[\(word())]: /url \"" + word() + "\"", "[^1]: " + sentence(), "    " + sentence()]
        default:
            [["***", "---", "\t", "-", "1.", "\\", "| - |", "a|b", "```", "~~~", "<?php"][next(below: 11)]]
        }
    }

    private mutating func list() -> [String] {
        let marker = ["- ", "* ", "1. ", "- [ ] ", "12) "][next(below: 5)]
        return (0...next(below: 6)).flatMap { _ in
            let lines = block()
            let indent = String(repeating: " ", count: next(below: 2) == 0 ? marker.count : 2)
            return [marker + lines[0]] + lines.dropFirst().map { indent + $0 }
        }
    }

    private mutating func table() -> [String] {
        let columns = 1 + next(below: 4)
        func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let lead = next(below: 3) == 0 ? [sentence()] : []
        return lead + [row((0..<columns).map { _ in word() }), row((0..<columns).map { _ in "---" })]
            + (0..<next(below: 20)).map { _ in row((0..<columns).map { _ in sentence() }) }
    }

    private mutating func fence() -> [String] {
        let mark = ["```", "~~~", "````"][next(below: 3)]
        let body = (0...next(below: 30)).map { _ in
            next(below: 4) == 0 ? "" : String(repeating: " ", count: next(below: 8)) + sentence()
        }
        return [mark + "swift"] + body + (next(below: 6) == 0 ? [] : [mark])
    }

    private mutating func sentence() -> String {
        let words = (0...next(below: 14)).map { _ in word() }
        return words.joined(separator: next(below: 9) == 0 ? "  " : " ")
            + [".", "", "?", ":", "。", "!)"][next(below: 6)]
    }

    private mutating func word() -> String {
        let words = [
            "vector", "the", "index", "a", "of", "*strong*", "`code`", "[link](/u)", "[ref][a]",
            "\u{301}mark", "e\u{301}",
            "👩‍👩‍👧‍👦", "🇩🇪🇫🇷🇯🇵", "漢字かな混じり文", "नमस्ते", "한국어",
            "\u{600}12", "x\u{A0}y", "\u{3000}", "<b>", "&amp;", "\\|",
            "~~no~~", "https://example.org/a?b=c", "e.g.", "3.14", "\u{200D}", "\u{FE0F}", "_", "**", "\t",
            "！\u{FE00}",
        ]
        return next(below: 40) == 0
            ? String(repeating: words[next(below: words.count)], count: 60) : words[next(below: words.count)]
    }
}
