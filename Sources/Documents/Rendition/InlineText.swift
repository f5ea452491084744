/// The text of one paragraph, heading or table cell as Markdown: what comes in as text stays text.
///
/// Whitespace is collapsed to one space. Escaped is what would become structure and no more, since passages
/// are embedded and shown as they stand here: brackets that would make a link or a footnote, HTML, entities,
/// code. Emphasis is no structure and stays as it is. What matters only at the start of a line,
/// `RenditionWriter` escapes.
struct InlineText {
    /// Line feeds are forced line breaks.
    private(set) var markdown = ""

    /// The last scalar that was appended as text and not as markup.
    private var last: Unicode.Scalar?
    private var isSpacePending = false

    var isEmpty: Bool { markdown.isEmpty }

    /// Appends text in which nothing is markup.
    mutating func append(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar.properties.isWhitespace || scalar.value < 0x20 {
                isSpacePending = true
                continue
            }
            if Self.isInvisible(scalar) { continue }
            spend()
            if needsEscape(scalar, before: rest) { markdown.unicodeScalars.append("\\") }
            markdown.unicodeScalars.append(scalar)
            last = scalar
        }
    }

    mutating func lineBreak() {
        isSpacePending = false
        guard !markdown.isEmpty, !markdown.hasSuffix("\n") else { return }
        markdown.unicodeScalars.append("\n")
        last = nil
    }

    /// Appends a code span. Fences are longer than any run of backticks inside.
    mutating func append(code text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !words.isEmpty else { return }
        spend()
        let fence = String(repeating: "`", count: Self.longestRun(of: "`", in: words) + 1)
        let pad = fence.count > 1 ? " " : ""
        markdown += fence + pad + words + pad + fence
        last = nil
    }

    /// Appends `inner` as a link; without a destination worth keeping, as it is.
    mutating func append(_ inner: InlineText, linkTo destination: String?) {
        guard !inner.isEmpty else { return }
        spend()
        if let destination = destination.flatMap(Self.destination) {
            markdown += "[" + inner.markdown.replacing("\n", with: " ") + "](" + destination + ")"
            last = nil
        } else {
            markdown += inner.markdown
            last = inner.last
        }
        isSpacePending = inner.isSpacePending
    }

    /// Appends Markdown that was made here: a mark of a footnote.
    mutating func append(markup: String) {
        spend()
        markdown += markup
        last = nil
    }

    private mutating func spend() {
        if isSpacePending, !markdown.isEmpty, !markdown.hasSuffix("\n") {
            markdown.unicodeScalars.append(" ")
            last = " "
        }
        isSpacePending = false
    }

    private func needsEscape(_ scalar: Unicode.Scalar, before rest: Substring.UnicodeScalarView) -> Bool {
        switch scalar {
        case "`": true
        case "(", ":": last == "]"
        case "[": last == "]"
        case "^": last == "["
        case "\\": rest.first.map { $0.isASCII && !$0.properties.isAlphabetic && $0 != " " } ?? true
        case "<":
            rest.first.map { $0.properties.isAlphabetic || ["/", "!", "?"].contains($0) } ?? true
        case "&": Self.startsEntity(rest)
        default: false
        }
    }

    /// Names of entities have 31 characters at most.
    private static func startsEntity(_ rest: Substring.UnicodeScalarView) -> Bool {
        for scalar in rest.prefix(32) {
            if scalar == ";" { return true }
            guard
                scalar == "#"
                    || scalar.isASCII
                        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            else { return false }
        }
        return false
    }

    /// Soft hyphens, zero width spaces, joiners of no script, byte order marks, private layout marks.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0xAD, 0x200B, 0x2060, 0xFEFF, 0x202A...0x202E, 0x2066...0x2069, 0xE0000...0xE007F:
            true
        default: false
        }
    }

    static func longestRun(of character: Character, in text: String) -> Int {
        var longest = 0
        var run = 0
        for found in text {
            run = found == character ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Places within the page, scripts and embedded data lead nowhere; what would end the link early is escaped.
    private static func destination(_ href: String) -> String? {
        let trimmed = href.trimmedWhitespace
        guard !trimmed.isEmpty, !trimmed.hasPrefix("#"), trimmed.utf8.count <= 2_048 else { return nil }
        if let colon = trimmed.firstIndex(of: ":"), trimmed[..<colon].allSatisfy(\.isLetter),
            !["http", "https", "mailto", "ftp", "tel"].contains(trimmed[..<colon].lowercased())
        {
            return nil
        }
        var escaped = ""
        for byte in trimmed.utf8 {
            let isPlain = byte > 0x20 && byte < 0x7F && !#"()<>[]\`|"#.utf8.contains(byte)
            escaped += isPlain ? String(Unicode.Scalar(byte)) : Self.percent(byte)
        }
        return escaped
    }

    private static func percent(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
    }
}

extension StringProtocol {
    /// Without whitespace at either end.
    var trimmedWhitespace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
