/// A document as blocks over its source. The source bytes are not kept; every range is into them.
package struct ParsedDocument: Sendable, Equatable {
    package let mediaType: MediaType

    /// The front matter's `title`, else the text of the first level-1 heading, else nil.
    package let title: String?

    /// The front matter's scalar values by key; a list is joined by `, `. Empty without front matter.
    package let attributes: [String: String]

    /// In source order, never overlapping, and together covering every line that holds more than whitespace,
    /// apart from the front matter.
    package let blocks: [Block]

    /// What was repaired or set aside while reading.
    package let notices: [ParseNotice]

    /// The length of the source the ranges belong to.
    package let byteCount: Int
}

/// Consecutive lines of the source that belong together: a paragraph, a heading, a table row, a code block.
package struct Block: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Levels 1 to 6. Only a heading outside lists and quotes (`depth` 0) opens a section.
        case heading(level: Int)
        case paragraph
        /// `info` is the fence's info string (`swift`); nil for an indented block.
        case code(info: String?, isFenced: Bool)
        case html
        /// The header row and the delimiter row below it.
        case tableHeader
        /// `header` is the byte range of the header and delimiter rows of the row's table.
        case tableRow(header: Range<Int>)
        case thematicBreak
        /// Lines that Markdown shows nothing of: empty list items, bare `>`, a footnote defined a second
        /// time.
        case marker
    }

    package let kind: Kind

    /// From the first to one past the last byte that is not whitespace, markers (`- `, `> `, `#`) included.
    package let byteRange: Range<Int>

    /// 1-based; a line ends at LF, CRLF or a lone CR.
    package let lineRange: ClosedRange<Int>

    /// The texts of the headings around the block, outermost first, as plain text. The path of a heading that
    /// opens a section ends with its own text.
    package let headingPath: [String]

    /// How many list items, quotes and footnotes the block lies in.
    package let depth: Int

    /// How many of those it shares with the block before it: 0 starts something new at the top level, `depth`
    /// continues the same item.
    package let sharedDepth: Int
}

/// Something a reader of the result may want to know. Never an error.
package enum ParseNotice: Sendable, Equatable {
    /// Bytes that are no UTF-8 read as U+FFFD. `count` is the number of replacement characters.
    case invalidUTF8(count: Int, firstOffset: Int)

    /// NUL bytes read as U+FFFD.
    case nulBytes(count: Int, firstOffset: Int)
}
