import Documents
import TestSupport
import Testing

@Suite struct OfficeRenditionTests {
    private func text(_ bytes: [UInt8], _ type: MediaType) throws -> String {
        try String(decoding: DocumentRenderer.render(bytes, as: type).text, as: UTF8.self)
    }

    private func cell(_ text: String) -> String {
        "<w:tc><w:p><w:r><w:t>\(text)</w:t></w:r></w:p></w:tc>"
    }

    @Test func `headings, lists, links, tables and footnotes of a Word document keep their structure`() throws
    {
        let item =
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>"
        let body =
            OfficeBuilder.paragraph("Report", style: "Title")
            + OfficeBuilder.paragraph("Scope", style: "Kop1")
            + item + "one</w:t></w:r></w:p>" + item + "two</w:t></w:r></w:p>"
            + "<w:p><w:r><w:t xml:space=\"preserve\">See </w:t></w:r>"
            + "<w:hyperlink r:id=\"r1\"><w:r><w:t>this</w:t></w:r></w:hyperlink>"
            + "<w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>"
            + "<w:tbl><w:tr>\(cell("a"))\(cell("b"))</w:tr>"
            + "<w:tr>\(cell("1"))\(cell("2"))</w:tr></w:tbl>"
        let bytes = OfficeBuilder.docx(
            body,
            parts: [
                (
                    "word/styles.xml",
                    "<w:root><w:style w:styleId=\"Kop1\"><w:name w:val=\"heading 1\"/></w:style></w:root>"
                ),
                (
                    "word/numbering.xml",
                    "<w:root><w:abstractNum w:abstractNumId=\"7\">"
                        + "<w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"decimal\"/></w:lvl>"
                        + "</w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num></w:root>"
                ),
                (
                    "word/_rels/document.xml.rels",
                    "<Relationships>"
                        + "<Relationship Id=\"r1\" Target=\"https://x.org\" TargetMode=\"External\"/></Relationships>"
                ),
                (
                    "word/footnotes.xml",
                    "<w:root><w:footnote w:type=\"separator\" w:id=\"0\"/>"
                        + "<w:footnote w:id=\"2\"><w:p><w:r><w:t>A note.</w:t></w:r></w:p>"
                        + "</w:footnote></w:root>"
                ),
            ])
        #expect(
            try text(bytes, .docx) == """
                # Report

                # Scope

                1. one
                2. two

                See [this](https://x.org)[^2]

                | a | b |
                | --- | --- |
                | 1 | 2 |

                [^2]: A note.

                """)
        #expect(try DocumentRenderer.render(bytes, as: .docx).title == "Report")
    }

    @Test func `hidden and deleted text of a Word document is dropped and told`() throws {
        let bytes = OfficeBuilder.docx(
            "<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
                + "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>")
        let found = try DocumentRenderer.render(bytes, as: .docx)
        #expect(String(decoding: found.text, as: UTF8.self) == "seen\n")
        #expect(found.notices == [.hiddenText(characterCount: 6), .deletedText(characterCount: 4)])
    }

    @Test func `a book is read in the order of its spine, without its table of contents`() throws {
        let bytes = OfficeBuilder.epub(
            title: "A Book",
            chapters: ["<h1>One</h1><p>first&nbsp;words</p>", "<h1>Two</h1><p>last words</p>"])
        #expect(try text(bytes, .epub) == "# One\n\nfirst words\n\n# Two\n\nlast words\n")
        let found = try DocumentRenderer.render(bytes, as: .epub)
        #expect(found.title == "A Book" && found.attributes["author"] == "A. Writer")
    }

    @Test func `a book whose chapters are encrypted fails as that, and one with scrambled fonts does not`()
        throws
    {
        func book(_ uri: String) -> [UInt8] {
            OfficeBuilder.epub(
                title: "A", chapters: ["<p>x</p>"],
                parts: [
                    ("META-INF/encryption.xml", "<encryption><CipherReference URI=\"\(uri)\"/></encryption>")
                ])
        }
        #expect(throws: DocumentError.encrypted(.epub)) { try text(book("OPS/text/c%200.xhtml"), .epub) }
        #expect(try text(book("OPS/font.otf"), .epub) == "x\n")
    }

    @Test func `an archive whose files want a password fails as that`() {
        var zip = ZipBuilder([("[Content_Types].xml", "<Types/>")])
        zip.add("word/document.xml", [1, 2, 3], flags: 1)
        #expect(throws: DocumentError.encrypted(.docx)) { try text(zip.bytes, .docx) }
    }

    @Test func `a part that expands too far is refused before it is expanded, with the ratio`() {
        var zip = ZipBuilder([("[Content_Types].xml", "<Types/>")])
        zip.addSpaces("word/document.xml", count: 8_000)
        #expect(throws: DocumentError.overLimit(.docx, .compressionRatio, found: 158, max: 150)) {
            try text(zip.bytes, .docx)
        }
    }

    @Test func `an archive of too many files is refused with their number`() {
        var zip = ZipBuilder()
        for index in 0...10_000 { zip.add("\(index)", []) }
        #expect(throws: DocumentError.overLimit(.docx, .entries, found: 10_001, max: 10_000)) {
            try text(zip.bytes, .docx)
        }
    }

    @Test func `an archive that was cut off fails`() {
        let bytes = OfficeBuilder.docx(OfficeBuilder.paragraph("x"))
        #expect(throws: DocumentError.damaged(.docx, part: "ZIP directory")) {
            try text(Array(bytes.prefix(bytes.count / 2)), .docx)
        }
    }

    @Test func `a part that is missing or no XML is named`() {
        let missing = ZipBuilder([("[Content_Types].xml", "<Types/>")]).bytes
        #expect(throws: DocumentError.damaged(.docx, part: "word/document.xml")) { try text(missing, .docx) }
        #expect(throws: DocumentError.damaged(.docx, part: "word/document.xml")) {
            try text(OfficeBuilder.docx("<w:p>"), .docx)
        }
    }

    @Test func `entities that stand for entities for entities are refused unexpanded`() {
        let levels = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }
            .joined()
        let bytes = ZipBuilder([
            ("[Content_Types].xml", "<Types/>"),
            (
                "word/document.xml",
                "<!DOCTYPE d [<!ENTITY e0 \"lol\">\(levels)]>"
                    + "<document><body><p><r><t>&e9;</t></r></p></body></document>"
            ),
        ]).bytes
        #expect(throws: DocumentError.damaged(.docx, part: "word/document.xml")) { try text(bytes, .docx) }
    }
}
