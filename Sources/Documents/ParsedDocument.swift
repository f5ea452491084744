/// A document as blocks over its source. The source bytes are not kept; every range is into them.
package struct ParsedDocument: Sendable, Equatable {
    package let mediaType: MediaType

    /// The front matter's `title`, else the text of the first level-1 heading, else nil.
    package let title: String?

    /// The front matter's scalars and lists of scalars by key. Empty without front matter.
    package let attributes: [String: AttributeValue]

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
package enum ParseNotice: Sendable, Equatable, Codable {
    /// Bytes that are no UTF-8 read as U+FFFD. `count` is the number of replacement characters.
    case invalidUTF8(count: Int, firstOffset: Int)

    /// NUL bytes read as U+FFFD.
    case nulBytes(count: Int, firstOffset: Int)

    /// The bytes are of another format than was announced, and were read as what they are.
    case readAs(MediaType, named: MediaType)

    /// The text was converted from this encoding.
    case converted(from: String)

    /// The structure breaks off here: what follows is read by its lines.
    case malformed(offset: Int)

    /// Text that no reader sees (`display:none`, `hidden`, white on white) and that was dropped.
    case hiddenText(characterCount: Int)

    /// Scripts and style sheets that were dropped.
    case scripts(count: Int)

    /// Navigation and the like around the main text, dropped.
    case boilerplate(characterCount: Int)

    /// Text that is marked as deleted, dropped.
    case deletedText(characterCount: Int)

    /// Headers and footers that stand on most pages, dropped.
    case runningLines(count: Int)

    /// Pages without text, as scanned ones are.
    case emptyPages(count: Int, pageCount: Int)
}

extension ParseNotice {
    /// Whether it tells of what every document of its format has: scripts, navigation, headers.
    package var isRoutine: Bool {
        switch self {
        case .scripts, .boilerplate, .runningLines: true
        default: false
        }
    }

    /// In words, with nothing of the document's own in them.
    package var words: String {
        switch self {
        case .invalidUTF8(let count, let offset): "\(count) places are no UTF-8, the first at byte \(offset)"
        case .nulBytes(let count, let offset): "\(count) bytes are NUL, the first at byte \(offset)"
        case .readAs(let type, let named): "read as \(type.formatName), though called \(named.formatName)"
        case .converted(let encoding): "converted from \(encoding)"
        case .malformed(let offset): "the structure breaks off at byte \(offset); read by its lines"
        case .hiddenText(let count): "hidden text dropped: \(count) characters"
        case .scripts(let count): "scripts and style sheets dropped: \(count)"
        case .boilerplate(let count): "navigation dropped: \(count) characters"
        case .deletedText(let count): "text marked as deleted dropped: \(count) characters"
        case .runningLines(let count): "headers and footers dropped: \(count) lines"
        case .emptyPages(let count, let all): "\(count) of \(all) pages hold no text; scanned?"
        }
    }
}
