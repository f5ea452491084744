/// The walk over a document in HTML that writes its rendition.
struct HTMLBody {
    var writer = RenditionWriter()
    var tally = DroppedText()
    let title: String?
    private(set) var attributes: [String: String] = [:]

    private let tree: MarkupElement
    private let visibility: HTMLVisibility
    private var inline = InlineText()

    /// Above 0 all that is rendered goes into one line.
    private var captureDepth = 0

    /// Navigation is text where there is nothing else.
    private var dropsNavigation = true

    init(tree: MarkupElement) {
        self.tree = tree
        let head = tree.first("head")
        let sheets = tree.elements { element in
            element.name == "style"
                || element.name == "link" && element.attributes["rel"]?.lowercased() == "stylesheet"
        }
        visibility = HTMLVisibility(hasStyleSheet: !sheets.isEmpty)
        title = (head?.first("title") ?? tree.first("title"))?.text
        for meta in (head ?? tree).elements(where: { $0.name == "meta" }) {
            guard let name = meta.attributes["name"]?.lowercased(), Self.kept.contains(name) else { continue }
            attributes[name] = meta.attributes["content"]
        }
        if let language = tree.attributes["lang"] { attributes["language"] = language }
    }

    private static let kept: Set<String> = ["author", "description", "keywords", "date"]

    /// Renders `main`, or the articles where there is no other mark of what matters; else everything.
    mutating func renderMainText() {
        countScripts()
        let body = tree.first("body") ?? tree
        let main = body.elements { element in
            (element.name == "main" || element.attributes["role"]?.lowercased() == "main")
                && !visibility.hides(element)
        }
        let articles = main.isEmpty ? body.elements { $0.name == "article" && !visibility.hides($0) } : []
        let chosen = (main.isEmpty ? articles : main).filter { $0.characterCount > 0 }
        if chosen.isEmpty {
            dropsNavigation =
                body.elements { $0.name == "nav" }.reduce(body.characterCount) { $0 - $1.characterCount } > 0
            render(body.children)
        } else {
            tally.boilerplateCharacters += chosen.reduce(body.characterCount) { $0 - $1.characterCount }
            for element in chosen {
                render(element.children)
                flush()
            }
            dropOutside(body, chosen)
        }
        flush()
    }

    /// Hidden text outside the main text is told as hidden, not as navigation.
    private mutating func dropOutside(_ body: MarkupElement, _ chosen: [MarkupElement]) {
        let scripted =
            body.elements { Self.code.contains($0.name) }.reduce(0) { $0 + $1.characterCount }
            - chosen.reduce(0) {
                $0 + $1.elements { Self.code.contains($0.name) }.reduce(0) { $0 + $1.characterCount }
            }
        let hidden = body.elements { visibility.hides($0) || chosen.contains($0) }
            .filter { visibility.hides($0) }.reduce(0) { $0 + $1.characterCount }
        tally.hiddenCharacters += hidden
        tally.boilerplateCharacters = max(0, tally.boilerplateCharacters - hidden - scripted)
    }

    /// The blocks of one chapter of a book.
    mutating func renderAll() {
        countScripts()
        render((tree.first("body") ?? tree).children)
        flush()
    }

    private mutating func countScripts() {
        tally.scripts += tree.elements { Self.code.contains($0.name) }.count
    }

    // MARK: The walk

    private static let code: Set<String> = ["script", "style", "noscript"]
    private static let silent: Set<String> = [
        "head", "title", "meta", "link", "svg", "canvas", "audio", "video", "iframe", "object", "embed",
        "map",
        "select", "input", "textarea", "button", "datalist", "progress", "meter", "dialog",
    ]
    private static let blocks: Set<String> = [
        "p", "div", "section", "article", "main", "header", "footer", "aside", "address", "figure",
        "figcaption",
        "details", "summary", "form", "fieldset", "legend", "center", "body", "html", "dl", "hgroup", "nav",
        "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "search",
    ]

    private static let structures: Set<String> = [
        "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "menu", "dir", "li", "dd", "dt", "blockquote", "pre",
        "listing",
        "xmp", "table", "hr",
    ]

    private mutating func render(_ nodes: [MarkupNode]) {
        for node in nodes {
            switch node {
            case .text(let text): inline.append(text)
            case .element(let element): render(element)
            }
        }
    }

    private mutating func render(_ element: MarkupElement) {
        let name = element.name
        if Self.code.contains(name) || Self.silent.contains(name) {
            return
        } else if name == "template" || visibility.hides(element) {
            tally.hiddenCharacters += element.characterCount
        } else if dropsNavigation, name == "nav" || element.attributes["role"]?.lowercased() == "navigation" {
            tally.boilerplateCharacters += element.characterCount
        } else if Self.blocks.contains(name) {
            renderBlock { $0.render(element.children) }
        } else if !renderStructure(element) {
            renderInline(element)
        }
    }

    private mutating func renderBlock(_ body: (inout HTMLBody) -> Void) {
        flush()
        body(&self)
        flush()
    }

    /// False for what is no block.
    private mutating func renderStructure(_ element: MarkupElement) -> Bool {
        if captureDepth > 0, Self.structures.contains(element.name) {
            renderBlock { $0.render(element.children) }
            return true
        }
        switch element.name {
        case "h1", "h2", "h3", "h4", "h5", "h6":
            flush()
            let level = element.name.utf8.last.map { Int($0) - 0x30 } ?? 1
            writer.heading(level: level, captured { $0.render(element.children) })
        case "ul", "ol", "menu", "dir": renderBlock { $0.renderList(element) }
        case "li", "dd":
            renderItem("- ", element)
        case "dt": renderBlock { $0.render(element.children) }
        case "blockquote":
            renderBlock { body in
                body.writer.beginQuote()
                body.render(element.children)
                body.flush()
                body.writer.endContainer()
            }
        case "pre", "listing", "xmp":
            flush()
            writer.code(visibleText(of: element), info: Self.language(of: element))
        case "table": renderBlock { $0.renderTable(element) }
        case "hr": renderBlock { $0.writer.rule() }
        default: return false
        }
        return true
    }

    private mutating func renderInline(_ element: MarkupElement) {
        switch element.name {
        case "br": inline.lineBreak()
        case "wbr": break
        case "code", "kbd", "samp", "tt": inline.append(code: visibleText(of: element))
        case "img": if let text = element.attributes["alt"] { inline.append(text) }
        case "a":
            let outer = inline
            inline = InlineText()
            // A link around blocks: they were written on the way, and the rest is what is left of it.
            let before = writer.bytes.count
            render(element.children)
            let inner = inline
            inline = writer.bytes.count == before ? outer : InlineText()
            inline.append(inner, linkTo: element.attributes["href"])
        case "q":
            inline.append("\u{201C}")
            render(element.children)
            inline.append("\u{201D}")
        default: render(element.children)
        }
    }

    /// What `body` renders, as one line: blocks inside are parted by a space.
    private mutating func captured(_ body: (inout HTMLBody) -> Void) -> InlineText {
        let outer = inline
        inline = InlineText()
        captureDepth += 1
        body(&self)
        captureDepth -= 1
        let inner = inline
        inline = outer
        return inner
    }

    private mutating func flush() {
        guard captureDepth == 0 else { return inline.append(" ") }
        writer.paragraph(inline)
        inline = InlineText()
    }

    // MARK: Lists

    private mutating func renderList(_ list: MarkupElement) {
        var number = list.attributes["start"].flatMap { Int($0) }.map { min(max($0, 0), 999_999) } ?? 1
        for node in list.children {
            guard case .element(let item) = node, item.name == "li" else {
                if case .element(let other) = node { render(other) }
                continue
            }
            renderItem(list.name == "ol" ? "\(number). " : "- ", item)
            number += 1
        }
    }

    private mutating func renderItem(_ marker: String, _ item: MarkupElement) {
        guard !visibility.hides(item) else {
            tally.hiddenCharacters += item.characterCount
            return
        }
        flush()
        writer.beginItem(marker: marker)
        render(item.children)
        flush()
        writer.endContainer()
    }

    // MARK: Code

    private func visibleText(of element: MarkupElement) -> String {
        element.children.reduce(into: "") { text, node in
            switch node {
            case .text(let part): text += part
            case .element(let child) where child.name == "br": text += "\n"
            case .element(let child) where !visibility.hides(child) && !Self.code.contains(child.name):
                text += visibleText(of: child)
            case .element: break
            }
        }
    }

    /// `language-swift` of a `code` or `pre` element.
    private static func language(of element: MarkupElement) -> String {
        let classes = [element, element.first("code") ?? element].compactMap { $0.attributes["class"] }
            .joined(separator: " ").split(separator: " ")
        let named = classes.first { $0.hasPrefix("language-") }.map { $0.dropFirst(9) } ?? ""
        return named.allSatisfy { $0.isLetter || $0.isNumber || "+-#".contains($0) } ? String(named) : ""
    }

    // MARK: Tables

    /// A table of data becomes one of Markdown. One that only lays out (a single column, tables inside) is
    /// read as its cells.
    private mutating func renderTable(_ table: MarkupElement) {
        let rows = table.elements { $0.name == "tr" || $0.name == "table" }.filter { $0.name == "tr" }
        let isNested = !table.elements { $0.name == "table" }.isEmpty
        let widest = rows.map { $0.children("td", "th").count }.max() ?? 0
        for caption in table.children("caption") { render(caption) }
        flush()
        guard widest > 1, !isNested else {
            for node in table.children {
                if case .element(let child) = node, child.name == "caption" { continue }
                render([node])
            }
            return
        }
        var grid = HTMLTableGrid()
        for row in rows where !visibility.hides(row) {
            grid.beginRow()
            for cell in row.children("td", "th") {
                let text = captured { $0.render(cell.children) }
                grid.append(text, columns: cell.span("colspan"), rows: cell.span("rowspan"))
            }
        }
        writer.table(grid.rows)
    }
}

extension MarkupElement {
    fileprivate func span(_ name: String) -> Int {
        min(max(attributes[name].flatMap { Int($0) } ?? 1, 1), DocumentLimits.tableColumnsMax)
    }
}

/// The cells of a table by row and column, with room left where others reach.
struct HTMLTableGrid {
    private(set) var rows: [[InlineText]] = []
    /// Rows that a cell from above still takes, by column.
    private var taken: [Int] = []

    mutating func beginRow() {
        if !rows.isEmpty { taken = taken.map { max($0 - 1, 0) } }
        rows.append([])
    }

    mutating func append(_ text: InlineText, columns: Int, rows count: Int) {
        var row = rows[rows.count - 1]
        while row.count < taken.count, taken[row.count] > 0 { row.append(InlineText()) }
        for index in 0..<columns where row.count < DocumentLimits.tableColumnsMax {
            while taken.count <= row.count { taken.append(0) }
            taken[row.count] = count
            row.append(index == 0 ? text : InlineText())
        }
        rows[rows.count - 1] = row
    }
}
