/// A book in EPUB (version 2 or 3) as a rendition: its chapters in the order of the spine, without its table
/// of contents.
enum EPUBRenderer {
    static func render(_ bytes: [UInt8]) throws(DocumentError) -> Rendition {
        let parts = try ArchiveParts(bytes, as: .epub)
        let container = try parts.requiredXML("META-INF/container.xml")
        guard let path = container.first("rootfile")?.attributes["full-path"] else {
            throw .damaged(.epub, part: "META-INF/container.xml")
        }
        let package = EPUBPackage(try parts.requiredXML(path), at: path)
        let encrypted = try encryptedParts(parts)
        var writer = RenditionWriter()
        var tally = DroppedText()
        for chapter in package.chapters {
            guard !encrypted.contains(chapter) else { throw .encrypted(.epub) }
            guard let bytes = try parts.archive.read(chapter) else { throw .damaged(.epub, part: chapter) }
            var body = HTMLBody(tree: try HTMLRenderer.tree(of: bytes, in: .epub))
            (body.writer, body.tally) = (writer, tally)
            body.renderAll()
            (writer, tally) = (body.writer, body.tally)
        }
        return try writer.rendition(
            of: .epub, title: package.title, attributes: package.attributes, notices: tally.notices)
    }

    /// Readers' programs scramble fonts with the same means, and those are of no interest here.
    private static func encryptedParts(_ parts: ArchiveParts) throws(DocumentError) -> Set<String> {
        guard let tree = try parts.xml("META-INF/encryption.xml") else { return [] }
        return Set(
            tree.elements { $0.name == "CipherReference" }.compactMap { $0.attributes["URI"] }
                .map { ArchiveParts.resolve($0, from: "") })
    }
}

/// What the package document of a book says.
struct EPUBPackage: Equatable {
    /// Names in the archive, in the order of reading.
    var chapters: [String] = []
    var title: String?
    var attributes: [String: String] = [:]

    init(_ tree: MarkupElement, at path: String) {
        var items: [String: MarkupElement] = [:]
        for item in tree.elements(where: { $0.name == "item" }) {
            if let id = item.attributes["id"] { items[id] = item }
        }
        for reference in tree.elements(where: { $0.name == "itemref" }) {
            guard let item = reference.attributes["idref"].flatMap({ items[$0] }),
                let href = item.attributes["href"], Self.isChapter(item)
            else { continue }
            chapters.append(ArchiveParts.resolve(href, from: path))
        }
        title = tree.first("title")?.text
        let authors = tree.elements { $0.name == "creator" }.map { $0.text.trimmedWhitespace }
        if !authors.isEmpty { attributes["author"] = authors.joined(separator: ", ") }
        for (key, name) in [("language", "language"), ("publisher", "publisher"), ("date", "date")] {
            if let text = tree.first(name)?.text { attributes[key] = text }
        }
    }

    private static func isChapter(_ item: MarkupElement) -> Bool {
        let isNavigation = (item.attributes["properties"] ?? "").split(separator: " ").contains("nav")
        let type = item.attributes["media-type"] ?? ""
        return !isNavigation && (type.contains("html") || type.contains("dtbook"))
    }
}
