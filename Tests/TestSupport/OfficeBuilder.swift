/// Writes documents of Word and books in EPUB from the XML of their parts.
package enum OfficeBuilder {
    private static let word = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
    private static let related =
        "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""

    /// - Parameters:
    ///   - body: what stands in `w:body`.
    ///   - parts: further parts, by name.
    package static func docx(_ body: String, parts: [(name: String, text: String)] = []) -> [UInt8] {
        ZipBuilder(
            [
                (
                    "[Content_Types].xml",
                    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                ),
                ("word/document.xml", "<w:document \(word) \(related)><w:body>\(body)</w:body></w:document>"),
            ] + parts.map { ($0.name, $0.text.replacing("<w:root>", with: "<w:root \(word)>")) }
        ).bytes
    }

    /// - Parameter style: of the paragraph; `Heading1` is a heading.
    package static func paragraph(_ text: String, style: String? = nil) -> String {
        let properties = style.map { "<w:pPr><w:pStyle w:val=\"\($0)\"/></w:pPr>" } ?? ""
        return "<w:p>\(properties)<w:r><w:t xml:space=\"preserve\">\(text)</w:t></w:r></w:p>"
    }

    /// - Parameter chapters: the body of each, in the order of reading; they lie in the archive the other way round.
    package static func epub(
        title: String, chapters: [String], parts: [(name: String, text: String)] = []
    ) -> [UInt8] {
        let items = chapters.indices.map {
            "<item id=\"c\($0)\" href=\"text/c%20\($0).xhtml\" media-type=\"application/xhtml+xml\"/>"
        }
        let spine = chapters.indices.map { "<itemref idref=\"c\($0)\"/>" }
        let package = """
            <package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <metadata><dc:title>\(title)</dc:title><dc:creator>A. Writer</dc:creator></metadata>
            <manifest>
            <item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
            \(items.joined())</manifest><spine><itemref idref="nav"/>\(spine.joined())</spine></package>
            """
        let files = chapters.enumerated().reversed().map { index, body in
            (
                name: "OPS/text/c \(index).xhtml",
                text:
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">"
                    + "<head><title/></head><body>\(body)</body></html>"
            )
        }
        return ZipBuilder(
            [
                ("mimetype", "application/epub+zip"),
                (
                    "META-INF/container.xml",
                    "<container><rootfiles><rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>"
                ), ("OPS/book.opf", package),
                ("OPS/nav.xhtml", "<html><body><nav>Table of contents</nav></body></html>"),
            ] + files + parts
        ).bytes
    }
}
