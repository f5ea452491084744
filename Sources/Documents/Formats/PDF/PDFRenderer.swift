/// A PDF as a rendition: pages in order, paragraphs joined over lines and pages, headings by their size.
enum PDFRenderer {
    static func render(_ bytes: [UInt8]) throws(DocumentError) -> Rendition {
        guard isComplete(bytes) else { throw .damaged(.pdf, part: "end of the file") }
        let content = try PDFContent(bytes)
        return try PDFLayout(content.pages).rendition(of: content)
    }

    /// A PDF ends with the place of its cross-reference table; one that was cut off does not, and half a
    /// document must not pass for a whole one. Acrobat, too, looks at the last 1,024 bytes; some writers
    /// append more than that.
    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        let tail = bytes.suffix(8_192)
        return String(decoding: tail, as: UTF8.self).contains("startxref")
    }
}

/// From words with places to text with structure.
struct PDFLayout {
    private var writer = RenditionWriter()
    private let pages: [(page: PDFPage, lines: [PDFLine])]
    private let headingSizes: [Double]
    private var open = PDFParagraph()
    private var emptyPages = 0
    private var runningLines = 0

    /// A line of this many characters is text, however large it is set.
    private static let headingCharactersMax = 200

    /// Larger than the text by this factor is a heading.
    private static let headingFactor = 1.15

    init(_ pages: [PDFPage]) {
        let lines = pages.map { (page: $0, lines: PDFLine.lines(of: $0)) }
        let running = RunningLines(lines)
        self.pages = lines.map { ($0.page, running.removed(from: $0.lines, of: $0.page)) }
        runningLines = zip(lines, self.pages).reduce(0) { $0 + $1.0.lines.count - $1.1.lines.count }
        headingSizes = Self.headingSizes(self.pages.flatMap(\.lines))
    }

    /// The sizes above that of most characters, largest first, six at most.
    private static func headingSizes(_ lines: [PDFLine]) -> [Double] {
        var characters: [Double: Int] = [:]
        for line in lines { characters[line.fontSize, default: 0] += line.text.count }
        guard let body = characters.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) })?.key else {
            return []
        }
        let sizes = Set(lines.filter { $0.text.count <= headingCharactersMax }.map(\.fontSize))
        return Array(sizes.filter { $0 >= body * headingFactor }.sorted(by: >).prefix(6))
    }

    /// - Throws: `.noText` where no page holds any; `.overLimit`.
    func rendition(of content: PDFContent) throws(DocumentError) -> Rendition {
        var layout = self
        for (index, page) in pages.enumerated() { layout.append(page.lines, page: index + 1) }
        layout.close()
        guard !layout.writer.bytes.isEmpty else { throw .noText(pageCount: pages.count) }
        var notices: [ParseNotice] = []
        if runningLines > 0 { notices.append(.runningLines(count: runningLines)) }
        if layout.emptyPages > 0 {
            notices.append(.emptyPages(count: layout.emptyPages, pageCount: pages.count))
        }
        return try layout.writer.rendition(
            of: .pdf, title: content.title,
            attributes: ["author": content.author, "created": content.created],
            notices: notices)
    }

    private mutating func append(_ lines: [PDFLine], page: Int) {
        if lines.isEmpty { emptyPages += 1 }
        // A paragraph may go on from the page before; the mark then stands inside it.
        var isAtPageStart = true
        for line in lines {
            let level =
                line.text.count <= Self.headingCharactersMax
                ? headingSizes.firstIndex(of: line.fontSize).map { $0 + 1 } : nil
            if !open.continues(with: line, headingLevel: level, acrossPages: isAtPageStart) {
                close()
                if isAtPageStart { writer.beginPage(page) }
                open = PDFParagraph(headingLevel: level)
            } else if isAtPageStart {
                open.beginPage(page)
            }
            open.append(line)
            isAtPageStart = false
        }
        if isAtPageStart {
            close()
            writer.beginPage(page)
        }
    }

    private mutating func close() {
        open.write(to: &writer)
        open = PDFParagraph()
    }
}
