/// The walk over the paragraphs and tables of a document of Word.
struct DOCXBody {
    var writer = RenditionWriter()
    var tally = DroppedText()

    /// What stands in the style of a title.
    private(set) var title: String?

    private let styles: DOCXStyles
    private let numbering: DOCXNumbering
    private let links: [String: String]
    private var openItems = 0
    private var counters: [String: [Int]] = [:]

    init(styles: DOCXStyles, numbering: DOCXNumbering, links: [String: String]) {
        self.styles = styles
        self.numbering = numbering
        self.links = links
    }

    mutating func render(_ nodes: [MarkupNode]) {
        for case .element(let element) in nodes { render(element) }
        closeItems(to: 0)
    }

    private mutating func render(_ element: MarkupElement) {
        switch element.name {
        case "p": renderParagraph(element)
        case "tbl":
            closeItems(to: 0)
            renderTable(element)
        case "del", "moveFrom": tally.deletedCharacters += element.characterCount
        case "sdt": for child in element.children("sdtContent") { renderInside(child) }
        case "AlternateContent": renderInside(element.children("Choice").first ?? element)
        case "customXml", "ins", "moveTo", "txbxContent", "smartTag", "Fallback": renderInside(element)
        default: break
        }
    }

    private mutating func renderInside(_ element: MarkupElement) {
        for case .element(let child) in element.children { render(child) }
    }

    // MARK: Paragraphs

    private mutating func renderParagraph(_ paragraph: MarkupElement) {
        let properties = paragraph.children("pPr").first
        let style = properties?.children("pStyle").first?.attributes["val"] ?? ""
        var text = InlineText()
        var boxes: [MarkupElement] = []
        appendRuns(of: paragraph, to: &text, &boxes)
        let outline = properties?.children("outlineLvl").first?.attributes["val"].flatMap { Int($0) }
        if styles.titles.contains(style) || style == "Title" {
            closeItems(to: 0)
            if title == nil, !text.isEmpty { title = text.markdown }
            writer.heading(level: 1, text)
        } else if let level = styles.level(of: style) ?? outline.flatMap({ $0 < 9 ? $0 + 1 : nil }) {
            closeItems(to: 0)
            writer.heading(level: level, text)
        } else if let list = properties?.children("numPr").first,
            let marker = marker(of: list, isBlank: text.isEmpty)
        {
            writer.beginItem(marker: marker)
            openItems += 1
            writer.paragraph(text)
        } else {
            closeItems(to: 0)
            writer.paragraph(text)
        }
        for box in boxes { renderInside(box) }
    }

    /// The mark of a list's item, with the items above it closed as far as it wants; nil for what is no list.
    private mutating func marker(of list: MarkupElement, isBlank: Bool) -> String? {
        guard let id = list.children("numId").first?.attributes["val"], id != "0", !isBlank else {
            return nil
        }
        let level = min(max(list.children("ilvl").first?.attributes["val"].flatMap { Int($0) } ?? 0, 0), 8)
        closeItems(to: level)
        guard numbering.isNumbered(id, level: level) else { return "- " }
        var counts = counters[id] ?? []
        while counts.count <= level { counts.append(0) }
        counts.removeSubrange((level + 1)...)
        counts[level] += 1
        counters[id] = counts
        return "\(counts[level]). "
    }

    private mutating func closeItems(to level: Int) {
        while openItems > level {
            writer.endContainer()
            openItems -= 1
        }
    }

    // MARK: Runs

    private mutating func appendRuns(
        of element: MarkupElement, to text: inout InlineText, _ boxes: inout [MarkupElement]
    ) {
        for case .element(let child) in element.children {
            switch child.name {
            case "r": appendRun(child, to: &text, &boxes)
            case "hyperlink":
                var inner = InlineText()
                appendRuns(of: child, to: &inner, &boxes)
                if text.isEmpty || child.text.first?.isWhitespace == true { text.append(" ") }
                text.append(inner, linkTo: child.attributes["id"].flatMap { links[$0] })
            case "del", "moveFrom": tally.deletedCharacters += child.characterCount
            case "ins", "moveTo", "smartTag", "fldSimple", "sdtContent", "customXml":
                appendRuns(of: child, to: &text, &boxes)
            case "sdt":
                for content in child.children("sdtContent") { appendRuns(of: content, to: &text, &boxes) }
            case "oMath", "oMathPara": text.append(child.text)
            case "AlternateContent":
                if let choice = child.children("Choice").first { appendRuns(of: choice, to: &text, &boxes) }
            default: break
            }
        }
    }

    private mutating func appendRun(
        _ run: MarkupElement, to text: inout InlineText, _ boxes: inout [MarkupElement]
    ) {
        if run.children("rPr").first?.children("vanish", "webHidden").contains(where: { $0.isOn }) == true {
            tally.hiddenCharacters += run.characterCount
            return
        }
        for case .element(let child) in run.children {
            switch child.name {
            case "t": text.append(child.text)
            case "tab", "ptab": text.append(" ")
            case "br", "cr": text.lineBreak()
            case "noBreakHyphen": text.append("-")
            case "delText": tally.deletedCharacters += child.characterCount
            case "footnoteReference": text.append(markup: "[^\(Self.noteName(child, prefix: ""))]")
            case "endnoteReference": text.append(markup: "[^\(Self.noteName(child, prefix: "e"))]")
            case "drawing", "pict", "object": boxes += child.elements { $0.name == "txbxContent" }
            case "AlternateContent":
                boxes += (child.children("Choice").first ?? child).elements { $0.name == "txbxContent" }
            default: break
            }
        }
    }

    private static func noteName(_ element: MarkupElement, prefix: String) -> String {
        prefix + (element.attributes["id"] ?? "").filter { $0.isASCII && ($0.isNumber || $0.isLetter) }
    }

    // MARK: Tables and notes

    private mutating func renderTable(_ table: MarkupElement) {
        let rows = table.elements { $0.name == "tr" }
        guard (rows.map { $0.children("tc").count }.max() ?? 0) > 1 else {
            for cell in rows.flatMap({ $0.children("tc") }) { renderInside(cell) }
            closeItems(to: 0)
            return
        }
        var grid = HTMLTableGrid()
        for row in rows {
            grid.beginRow()
            for cell in row.children("tc") {
                let span = cell.children("tcPr").first?.children("gridSpan").first?.attributes["val"].flatMap
                { Int($0) }
                grid.append(text(of: cell), columns: max(span ?? 1, 1), rows: 1)
            }
        }
        writer.table(grid.rows)
    }

    /// The paragraphs of a cell on one line.
    private mutating func text(of cell: MarkupElement) -> InlineText {
        var text = InlineText()
        var boxes: [MarkupElement] = []
        for paragraph in cell.elements(where: { $0.name == "p" }) {
            appendRuns(of: paragraph, to: &text, &boxes)
            text.append(" ")
        }
        return text
    }

    mutating func renderNotes(_ tree: MarkupElement?, _ name: String, prefix: String) {
        for note in tree?.children(name) ?? [] where note.attributes["type"] == nil {
            var text = InlineText()
            var boxes: [MarkupElement] = []
            for paragraph in note.elements(where: { $0.name == "p" }) {
                appendRuns(of: paragraph, to: &text, &boxes)
                text.append(" ")
            }
            writer.note(Self.noteName(note, prefix: prefix), text)
        }
    }
}

extension MarkupElement {
    /// A property that is there is on, unless it says otherwise.
    fileprivate var isOn: Bool {
        !["0", "false", "off"].contains(attributes["val"] ?? "1")
    }
}
