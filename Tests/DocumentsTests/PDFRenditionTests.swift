import Documents
import TestSupport
import Testing

@Suite struct PDFRenditionTests {
    private func rendition(_ pages: [[PDFBuilder.Line]], title: String = "") throws -> Rendition {
        try DocumentRenderer.render(PDFBuilder(pages, title: title).bytes, as: .pdf)
    }

    private func text(_ rendition: Rendition) -> String {
        String(decoding: rendition.text, as: UTF8.self)
    }

    @Test func `lines become paragraphs, words are joined over lines, and large lines are headings`() throws {
        let found = try rendition(
            [
                [
                    .init("A Report", height: 720, size: 24),
                    .init("The forests of the hills are care-", height: 680),
                    .init("fully kept by those who live there.", height: 667),
                    .init("Another paragraph begins.", height: 630), .init("1 of many", height: 617),
                ]
            ], title: "Forests")
        #expect(
            text(found) == """
                # A Report

                The forests of the hills are carefully kept by those who live there.

                Another paragraph begins. 1 of many

                """)
        #expect(found.title == "Forests")
        #expect(found.pages == [PageMark(offset: 0, page: 1)])
    }

    @Test func `headers and footers on most pages are dropped and told, whatever their numbers`() throws {
        let pages = (1...5).map { page -> [PDFBuilder.Line] in
            [
                .init("Annual Report 2024", height: 760, size: 9),
                .init("Text of page \(page * 111) only.", height: 600),
                .init("Page \(page) of 5", height: 30, size: 9),
            ]
        }
        let found = try rendition(pages)
        #expect(text(found) == (1...5).map { "Text of page \($0 * 111) only.\n" }.joined(separator: "\n"))
        #expect(found.notices == [.runningLines(count: 10)])
    }

    @Test func `a passage knows its page, also where a sentence runs over`() throws {
        let found = try rendition([
            [.init("The sentence begins here and", height: 100)],
            [.init("ends over there. More follows.", height: 720)],
            [.init("Last page.", height: 720)],
        ])
        #expect(text(found) == "The sentence begins here and ends over there. More follows.\n\nLast page.\n")
        let offsets = try ["The", "ends", "More", "Last"].map { word in
            try #require(text(found).firstRange(of: word)).lowerBound.utf16Offset(in: text(found))
        }
        #expect(offsets.map { found.page(at: $0) } == [1, 2, 2, 3])
    }

    @Test func `bullets are items of a list`() throws {
        let bytes = PDFBuilder([[.init("\u{95} first", height: 700)]]).bytes
        #expect(try !text(DocumentRenderer.render(bytes, as: .pdf)).isEmpty)
    }

    @Test func `a document that wants a password fails as that`() {
        let bytes = PDFBuilder([[.init("secret", height: 700)]], isLocked: true).bytes
        #expect(throws: DocumentError.encrypted(.pdf)) { try DocumentRenderer.render(bytes, as: .pdf) }
    }

    @Test func `pages without text fail as scanned ones, and some of them are told`() throws {
        #expect(throws: DocumentError.noText(pageCount: 2)) { try rendition([[], []]) }
        let found = try rendition([[.init("Text.", height: 700)], []])
        #expect(found.notices == [.emptyPages(count: 1, pageCount: 2)])
    }

    @Test(arguments: [0.2, 0.5, 0.9])
    func `a document that was cut off fails, and half of it does not pass for the whole`(share: Double) {
        let bytes = PDFBuilder((0..<20).map { [.init("Page \($0)", height: 700)] }).bytes
        let cut = Array(bytes.prefix(Int(Double(bytes.count) * share)))
        #expect(throws: DocumentError.damaged(.pdf, part: "end of the file")) {
            try DocumentRenderer.render(cut, as: .pdf)
        }
    }

    @Test func `what only begins like a PDF fails`() {
        #expect(throws: DocumentError.self) {
            try DocumentRenderer.render(Array("%PDF-1.4 nothing startxref 0".utf8), as: .pdf)
        }
    }
}
