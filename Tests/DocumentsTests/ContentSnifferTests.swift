import Documents
import TestSupport
import Testing

@Suite struct ContentSnifferTests {
    private static let pdf = PDFBuilder([[.init("x", height: 700)]]).bytes
    private static let docx = OfficeBuilder.docx(OfficeBuilder.paragraph("x"))
    private static let epub = OfficeBuilder.epub(title: "x", chapters: ["<p>x</p>"])
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    @Test(arguments: [
        (pdf, MediaType.markdown, MediaType.pdf), (pdf, .docx, .pdf), (docx, .pdf, .docx),
        (docx, .plainText, .docx),
        (epub, .docx, .epub), (Array("<!DOCTYPE html><p>x".utf8), .markdown, .html),
        (Array("<!-- a --><html>".utf8), .pdf, .html), (Array("plain words".utf8), .pdf, .plainText),
        (Array("<!DOCTYPE html>".utf8), .sourceCode, .sourceCode), (Array("# a".utf8), .markdown, .markdown),
        (Array("a,b".utf8), .csv, .csv),
        (Array("We write <html> and %PDF- here".utf8), .plainText, .plainText),
    ])
    func `a document is read as what it is, whatever its name says`(
        bytes: [UInt8], named: MediaType, expected: MediaType
    ) throws {
        #expect(try ContentSniffer.mediaType(of: bytes, named: named) == expected)
    }

    @Test(arguments: [
        (png, MediaType.pdf, "PNG"), (ZipBuilder([("a", "b")]).bytes, .docx, "ZIP"),
        ([1, 0, 0xFF, 0xFE, 0, 0, 0, 0, 0, 0, 0, 0], .epub, "unknown binary data"),
        ([0xD0, 0xCF, 0x11, 0xE0], .docx, "a file of an old Office program"),
    ])
    func `what cannot be read is refused with both its name and what it is`(
        bytes: [UInt8], named: MediaType, found: String
    ) {
        #expect(throws: DocumentError.contentMismatch(named: named, found: found)) {
            try ContentSniffer.mediaType(of: bytes, named: named)
        }
    }

    @Test func `a Word document with a password is told from an old one`() {
        let bytes: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0] + "EncryptedPackage".utf8.flatMap { [$0, 0] }
        #expect(throws: DocumentError.encrypted(.docx)) {
            try ContentSniffer.mediaType(of: bytes, named: .docx)
        }
    }

    @Test func `text in UTF-16 is converted and read as what it is`() throws {
        let bytes: [UInt8] = [0xFE, 0xFF] + "a,é\n1,2".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(DocumentRenderer.isNeeded(for: bytes, as: .csv))
        let found = try DocumentRenderer.render(bytes, as: .csv)
        #expect(String(decoding: found.text, as: UTF8.self) == "a,é\n1,2")
        #expect(found.textType == .csv && found.notices == [.converted(from: "UTF-16")])
    }
}
