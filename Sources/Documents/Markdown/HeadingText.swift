/// What a heading says, without its markup.
struct HeadingText {
    /// Of a longer heading only this much is parsed; the text is cut at
    /// `DocumentLimits.headingCharactersMax`.
    private static let sourceBytesMax = 1024
    /// A table of contents has fewer labels; beyond, a reference in a heading keeps its brackets.
    private static let labelCountMax = 10_000

    /// Without any of these a heading says what it reads.
    private static let markup: [UInt8] = Array("[]*_`~<&\\#".utf8)

    private let bytes: [UInt8]

    /// The labels of the document's link reference definitions, lowercased.
    private let labels: Set<String>

    init(_ bytes: [UInt8], _ lines: LineTable, firstLine: Int) {
        self.bytes = bytes
        var labels: Set<String> = []
        for line in stride(from: firstLine, through: lines.count, by: 1)
        where labels.count < Self.labelCountMax {
            Self.definedLabel(bytes, lines.range(ofLine: line)).map { _ = labels.insert($0) }
        }
        self.labels = labels
    }

    /// The plain text of the heading whose source is `range`: `## A *b*` or `A *b*` over `===`.
    func text(of range: Range<Int>) -> String {
        let source = content(range.lowerBound..<min(range.upperBound, range.lowerBound + Self.sourceBytesMax))
        let plain =
            source.utf8.contains(where: Self.markup.contains)
            ? CommonMarkTree.plainText(ofInline: source, labels: usedLabels(source)) : source
        let words = plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= DocumentLimits.headingCharactersMax
            ? words : words.prefix(DocumentLimits.headingCharactersMax - 1) + "…"
    }

    /// The lines between the marks, joined by spaces.
    private func content(_ range: Range<Int>) -> String {
        var lines = SourceText.text(bytes, range).split(separator: "\n").map {
            $0.drop(while: \.isWhitespace)
        }
        if lines.count > 1, let last = lines.last, last.allSatisfy({ "=- \t>".contains($0) }) {
            lines.removeLast()
        }
        if lines.count == 1 {
            let hashes = lines[0].prefix { $0 == "#" }.count
            if (1...6).contains(hashes) { lines[0] = lines[0].dropFirst(hashes) }
        }
        return lines.joined(separator: " ")
    }

    private func usedLabels(_ source: String) -> [String] {
        guard !labels.isEmpty else { return [] }
        let parts = source.split(whereSeparator: { $0 == "[" || $0 == "]" }).map(String.init)
        return Set(parts).filter { labels.contains($0.lowercased()) }.sorted()
    }

    /// `label` of a line that reads `[label]:`, at most 100 bytes of it.
    private static func definedLabel(_ bytes: [UInt8], _ line: Range<Int>) -> String? {
        guard let open = bytes[line].firstIndex(where: { $0 != Ascii.space }),
            bytes[open] == UInt8(ascii: "["),
            open - line.lowerBound <= 3
        else { return nil }
        let rest = bytes[(open + 1)..<min(line.upperBound, open + 102)]
        guard let close = rest.firstIndex(of: UInt8(ascii: "]")), close + 1 < line.upperBound,
            bytes[close + 1] == UInt8(ascii: ":"), close > open + 1
        else { return nil }
        return SourceText.text(bytes, open + 1..<close).lowercased()
    }
}
