/// A document of Word (Office Open XML, ECMA-376) as a rendition: headings by their styles, lists, tables,
/// links, and the footnotes at its end.
enum DOCXRenderer {
    static func render(_ bytes: [UInt8]) throws(DocumentError) -> Rendition {
        let parts = try ArchiveParts(bytes, as: .docx)
        let path = try mainPart(of: parts)
        let document = try parts.requiredXML(path)
        func part(_ name: String) throws(DocumentError) -> MarkupElement? {
            try parts.xml(ArchiveParts.resolve(name, from: path))
        }
        let name = path.split(separator: "/").last ?? ""
        var body = DOCXBody(
            styles: DOCXStyles(try part("styles.xml")), numbering: DOCXNumbering(try part("numbering.xml")),
            links: links(of: try part("_rels/\(name).rels")))
        body.render(document.first("body")?.children ?? [])
        body.renderNotes(try part("footnotes.xml"), "footnote", prefix: "")
        body.renderNotes(try part("endnotes.xml"), "endnote", prefix: "e")
        let core = try parts.xml("docProps/core.xml")
        var attributes: [String: String] = [:]
        for (key, name) in [("author", "creator"), ("keywords", "keywords"), ("description", "description")] {
            if let text = core?.first(name)?.text { attributes[key] = text }
        }
        return try body.writer.rendition(
            of: .docx, title: core?.first("title")?.text ?? body.title, attributes: attributes,
            notices: body.tally.notices)
    }

    /// The part that the package's own relations name; nearly always `word/document.xml`.
    private static func mainPart(of parts: ArchiveParts) throws(DocumentError) -> String {
        let relations = try parts.xml("_rels/.rels")
        let main = relations?.children("Relationship").first {
            $0.attributes["Type"]?.hasSuffix("/officeDocument") == true
        }
        return main?.attributes["Target"].map { ArchiveParts.resolve($0, from: "") } ?? "word/document.xml"
    }

    private static func links(of relations: MarkupElement?) -> [String: String] {
        var links: [String: String] = [:]
        for relation in relations?.children("Relationship") ?? [] {
            guard let id = relation.attributes["Id"], relation.attributes["TargetMode"] == "External" else {
                continue
            }
            links[id] = relation.attributes["Target"]
        }
        return links
    }
}

/// Which styles are headings.
struct DOCXStyles {
    private var levels: [String: Int] = [:]
    /// The style of the document's title, which is no heading of its own.
    private(set) var titles: Set<String> = []

    init(_ tree: MarkupElement?) {
        var bases: [String: String] = [:]
        for style in tree?.children("style") ?? [] {
            guard let id = style.attributes["styleId"] else { continue }
            let name = style.first("name")?.attributes["val"]?.lowercased() ?? ""
            if name == "title" { titles.insert(id) }
            if name.hasPrefix("heading "), let level = Int(name.dropFirst(8)) {
                levels[id] = level
            } else if let level = style.first("outlineLvl")?.attributes["val"].flatMap({ Int($0) }), level < 9
            {
                levels[id] = level + 1
            }
            bases[id] = style.first("basedOn")?.attributes["val"]
        }
        for id in bases.keys where levels[id] == nil {
            var base = bases[id]
            // A chain is short; a circle ends here.
            for _ in 0..<16 {
                guard let found = base, levels[id] == nil else { break }
                levels[id] = levels[found]
                base = bases[found]
            }
        }
    }

    /// 1 to 9; nil for what is no heading.
    func level(of style: String) -> Int? {
        if let level = levels[style] { return level }
        // Documents without the part use the names that Word gives.
        let name = style.lowercased()
        guard name.hasPrefix("heading"), let level = Int(name.dropFirst(7)) else { return nil }
        return level
    }
}

/// Which lists are numbered.
struct DOCXNumbering {
    private var abstractOf: [String: String] = [:]
    private var formats: [String: [Int: String]] = [:]

    init(_ tree: MarkupElement?) {
        for list in tree?.children("abstractNum") ?? [] {
            guard let id = list.attributes["abstractNumId"] else { continue }
            for level in list.children("lvl") {
                guard let depth = level.attributes["ilvl"].flatMap({ Int($0) }) else { continue }
                formats[id, default: [:]][depth] = level.first("numFmt")?.attributes["val"]
            }
        }
        for number in tree?.children("num") ?? [] {
            guard let id = number.attributes["numId"] else { continue }
            abstractOf[id] = number.first("abstractNumId")?.attributes["val"]
        }
    }

    func isNumbered(_ list: String, level: Int) -> Bool {
        let format = abstractOf[list].flatMap { formats[$0]?[level] } ?? "bullet"
        return format != "bullet" && format != "none"
    }
}
