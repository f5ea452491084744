/// A Markdown source with everything but its block structure blinded, byte for byte in place.
///
/// Chunks need blocks, not emphasis. Inline parsing is where a parser of this grammar is slow or large on
/// hostile input (cmark-gfm's own advisories: CVE-2022-39209, CVE-2023-22483 to -22486, CVE-2023-26485; and a
/// reference definition used a million times is copied a million times), so inline markup never reaches it:
/// the characters that could start some become `x`. Line numbers are kept, and lines are all that is taken
/// from the parser.
///
/// Two costs that lie in blocks are bounded the same way. Every blank line visits every open list item, so
/// markers beyond column `markerColumnMax` open none. A delimiter row makes the table extension read the
/// whole paragraph above it, so after `tableLinesMax` lines or `tableBytesMax` bytes without a blank line
/// there are none.
struct MarkdownSkeleton {
    /// Ten levels of list at four columns each.
    static let markerColumnMax = 40
    /// A table that begins this far into a paragraph is none that anyone wrote.
    static let tableLinesMax = 100
    static let tableBytesMax = 16 * 1024

    private(set) var bytes: [UInt8]
    /// A reference to each footnote, for a last line beyond the source: the parser drops a footnote that has
    /// none.
    private var footnotes: [UInt8] = []
    private var linesSinceBlank = 0
    private var bytesSinceBlank = 0

    private static let blind = UInt8(ascii: "x")

    /// Blinds the lines of `source` from `bodyStart` on, and leaves out what is before.
    init(_ source: [UInt8], from bodyStart: Int) {
        bytes = Array(source[bodyStart...])
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(where: Ascii.isLineEnd) ?? bytes.count
            blindLine(start..<end)
            let isPair = end + 1 < bytes.count && bytes[end] == Ascii.carriageReturn
            start = end + (isPair && bytes[end + 1] == Ascii.lineFeed ? 2 : 1)
        }
        if !footnotes.isEmpty { bytes += Array("\n\n".utf8) + footnotes }
    }

    private mutating func blindLine(_ line: Range<Int>) {
        let content = MarkdownPrefix.contentStart(bytes, line)
        blindDeepMarkers(line.lowerBound..<content)
        guard content < line.upperBound else {
            linesSinceBlank = 0
            bytesSinceBlank = 0
            return
        }
        linesSinceBlank += 1
        bytesSinceBlank += line.count
        let body = content..<line.upperBound
        if isDelimiterRow(body) {
            guard linesSinceBlank > Self.tableLinesMax || bytesSinceBlank > Self.tableBytesMax else { return }
            bytes[content] = Self.blind
        } else if !isThematicBreak(body) {
            blindInlines(body)
            refer(toFootnoteOf: body)
        }
    }

    private mutating func blindDeepMarkers(_ prefix: Range<Int>) {
        guard prefix.count > Self.markerColumnMax / 4 else { return }
        var column = 0
        for offset in prefix {
            column = bytes[offset] == Ascii.tab ? (column / 4 + 1) * 4 : column + 1
            if column > Self.markerColumnMax, !Ascii.isWhitespace(bytes[offset]) {
                bytes[offset] = Self.blind
            }
        }
    }

    private func isDelimiterRow(_ body: Range<Int>) -> Bool {
        var hasMark = false
        for offset in body {
            switch bytes[offset] {
            case UInt8(ascii: "|"), UInt8(ascii: ":"): hasMark = true
            case UInt8(ascii: "-"), UInt8(ascii: "\u{0B}"), UInt8(ascii: "\u{0C}"), Ascii.space, Ascii.tab:
                continue
            default: return false
            }
        }
        return hasMark
    }

    private func isThematicBreak(_ body: Range<Int>) -> Bool {
        let mark = bytes[body.lowerBound]
        guard mark == UInt8(ascii: "*") || mark == UInt8(ascii: "_") else { return false }
        let marks = body.count { bytes[$0] == mark }
        return marks >= 3 && body.allSatisfy { bytes[$0] == mark || Ascii.isWhitespace(bytes[$0]) }
    }

    private mutating func blindInlines(_ body: Range<Int>) {
        var offset = body.lowerBound + keptLength(body)
        while offset < body.upperBound {
            switch bytes[offset] {
            case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "~"),
                UInt8(ascii: "&"),
                UInt8(ascii: "["), UInt8(ascii: "!"):
                bytes[offset] = Self.blind
            case UInt8(ascii: "\\"):
                if next(offset, body) != UInt8(ascii: "|") { bytes[offset] = Self.blind }
            case UInt8(ascii: "]"):
                // `]]>` ends an HTML block, `]:` begins a footnote's text.
                if ![UInt8(ascii: "]"), UInt8(ascii: ">"), UInt8(ascii: ":")].contains(next(offset, body)) {
                    bytes[offset] = Self.blind
                }
            case UInt8(ascii: "<"):
                // `</script>` and its kind end an HTML block.
                if next(offset, body) != UInt8(ascii: "/") { bytes[offset] = Self.blind }
            default: break
            }
            offset += 1
        }
    }

    private mutating func refer(toFootnoteOf body: Range<Int>) {
        guard bytes[body].starts(with: Array("[^".utf8)),
            let close = bytes[body].firstIndex(of: UInt8(ascii: "]")), next(close, body) == UInt8(ascii: ":")
        else { return }
        footnotes += bytes[body.lowerBound...close]
    }

    /// How many bytes at the start of a line's content decide what block it opens.
    private func keptLength(_ body: Range<Int>) -> Int {
        let first = bytes[body.lowerBound]
        switch first {
        case UInt8(ascii: "`"), UInt8(ascii: "~"):
            let run = body.prefix { bytes[$0] == first }.count
            return run >= 3 ? run : 0
        case UInt8(ascii: "<"): return min(9, body.count)  // `<![CDATA[`
        case UInt8(ascii: "["): return next(body.lowerBound, body) == UInt8(ascii: "^") ? 2 : 0
        default: return 0
        }
    }

    private func next(_ offset: Int, _ body: Range<Int>) -> UInt8 {
        offset + 1 < body.upperBound ? bytes[offset + 1] : 0
    }
}

/// The start of a Markdown line: indentation and the markers of quotes and list items.
enum MarkdownPrefix {
    /// Where the line's own content begins, as far as one line can tell.
    static func contentStart(_ bytes: [UInt8], _ line: Range<Int>) -> Int {
        var offset = line.lowerBound
        while offset < line.upperBound {
            let byte = bytes[offset]
            if Ascii.isWhitespace(byte) || byte == UInt8(ascii: ">") {
                offset += 1
            } else if let end = listMarkerEnd(bytes, offset..<line.upperBound) {
                offset = end
            } else {
                break
            }
        }
        return offset
    }

    /// One past a list marker (`-`, `+`, `*`, or up to nine digits with `.` or `)`) that whitespace follows.
    private static func listMarkerEnd(_ bytes: [UInt8], _ rest: Range<Int>) -> Int? {
        var end = rest.lowerBound
        switch bytes[end] {
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"): end += 1
        case let byte where Ascii.isDigit(byte):
            while end < rest.upperBound, end - rest.lowerBound < 9, Ascii.isDigit(bytes[end]) { end += 1 }
            guard end < rest.upperBound, [UInt8(ascii: "."), UInt8(ascii: ")")].contains(bytes[end]) else {
                return nil
            }
            end += 1
        default: return nil
        }
        guard end == rest.upperBound || Ascii.isWhitespace(bytes[end]) else { return nil }
        return end
    }
}
