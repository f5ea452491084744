import ArgumentParser
import Documents
import Foundation
import TestSupport

/// What is fed, and what must hold of the answer besides that there is one.
enum FuzzTarget: String, CaseIterable, ExpressibleByArgument {
    case markdown, html, pdf, docx, epub, csv, json, code, chunker, segment, lists, quantizer, postings

    /// What the answer broke.
    struct Violation: Error {
        var text: String
    }

    /// Whether it is a file of an index and no document. The checksums of a changed one are made right again, so that
    /// what lies behind them is reached.
    var isSealed: Bool {
        switch self {
        case .segment, .lists, .quantizer, .postings: true
        default: false
        }
    }

    /// Parts of an archive are put into one: a mutated archive hardly ever gets past its own checksums.
    func wrapped(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.starts(with: Array("PK".utf8)) else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        return switch self {
        case .docx:
            OfficeBuilder.docx(text, parts: [("word/styles.xml", text), ("word/numbering.xml", text)])
        case .epub: OfficeBuilder.epub(title: "T", chapters: [text, text])
        default: bytes
        }
    }

    private var mediaType: MediaType {
        switch self {
        case .markdown, .chunker: .markdown
        case .html: .html
        case .pdf: .pdf
        case .docx: .docx
        case .epub: .epub
        case .csv: .csv
        case .json: .json
        case .code: .sourceCode
        case .segment, .lists, .quantizer, .postings: .plainText
        }
    }

    /// False for bytes that are refused, as most should be.
    func feed(_ input: [UInt8]) throws -> Bool {
        if isSealed { return try SealedFeed.read(self, input) }
        do {
            var source = input
            var type = mediaType
            if DocumentRenderer.isNeeded(for: input, as: type) {
                let rendition = try DocumentRenderer.render(input, as: type)
                let again = try DocumentRenderer.render(input, as: type)
                guard rendition == again else { throw Violation(text: "two renditions of the same bytes") }
                (source, type) = (rendition.text, rendition.textType)
            }
            let document = try DocumentParser.parse(source, as: type)
            try check(document, source)
            return true
        } catch is DocumentError {
            return false
        }
    }

    private func check(_ document: ParsedDocument, _ source: [UInt8]) throws {
        var end = 0
        for block in document.blocks {
            guard !block.byteRange.isEmpty, block.byteRange.lowerBound >= end,
                block.byteRange.upperBound <= source.count
            else { throw Violation(text: "block \(block.byteRange) after \(end) of \(source.count)") }
            end = block.byteRange.upperBound
        }
        let most = self == .chunker ? 24 : 254
        let chunker = Chunker(options: ChunkingOptions(tokensMax: most), counter: ByteCounter())
        for chunk in chunker.chunks(of: document, in: source) {
            guard !chunk.byteRange.isEmpty, chunk.byteRange.upperBound <= source.count else {
                throw Violation(text: "chunk \(chunk.byteRange) of \(source.count)")
            }
            guard chunk.tokenCount <= most else {
                throw Violation(text: "\(chunk.tokenCount) tokens in a chunk")
            }
        }
    }

    /// A token is four bytes of text: as hard to please as any tokenizer, and quick.
    private struct ByteCounter: TokenCounter {
        func tokenCount(of text: String) -> Int { (text.utf8.count + 3) / 4 }
    }

    /// The committed examples of the format, and some that are made here.
    func corpus() throws -> [[UInt8]] {
        let folder = Repository.root.appending(
            path: "Datasets/fuzz/\(self == .chunker ? "markdown" : rawValue)")
        let files =
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let examples = try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
        return examples + (try made())
    }

    private func made() throws -> [[UInt8]] {
        switch self {
        case .pdf:
            let lines = (0..<9).map {
                PDFBuilder.Line("Line \($0) of (many).", height: 700 - 13 * $0, size: 8 + $0 % 3 * 4)
            }
            return [
                PDFBuilder([lines, lines, lines], title: "T").bytes,
                PDFBuilder([lines], isLocked: true).bytes,
            ]
        case .docx:
            return [
                OfficeBuilder.docx(
                    OfficeBuilder.paragraph("Heading", style: "Heading1") + OfficeBuilder.paragraph("Text."))
            ]
        case .epub:
            return [OfficeBuilder.epub(title: "T", chapters: ["<h1>One</h1><p>Text</p>", "<p>More</p>"])]
        case .segment, .lists, .quantizer, .postings: return try SealedFeed.examples(of: self)
        default: return [Array("a".utf8)]
        }
    }

    /// What the format is made of: put in here and there.
    var tokens: [String] {
        switch self {
        case .markdown, .chunker:
            [
                "# ", "- ", "> ", "```", "|", "---", "\n\n", "[a](b)", "[^1]: ", "<div>", "    ", "1. ",
                "&amp;", "\\", "\u{301}",
            ]
        case .html, .epub:
            [
                "<table>", "<tr>", "<td colspan=99 rowspan=9>", "</table>", "<ul>", "<li>", "<a href=x>",
                "<pre>", "<!--", "-->",
                "<![CDATA[", "&#0;", "&amp;", "<main>", " style='display:none'", "<meta charset=utf-16>",
                "\0", "<svg>", "<script>",
            ]
        case .docx:
            [
                "<w:p>", "</w:p>", "<w:tbl>", "<w:tr>", "<w:tc>", "<w:t>", "&x;", "<!DOCTYPE", "<w:numPr>",
                "<w:gridSpan w:val=\"9\"/>", "]]>",
            ]
        case .pdf:
            [
                "obj", "endobj", "stream", "endstream", "/Kids", "/Parent", "<<", ">>", "[", "]", "/Length",
                "Tj", "1 0 R", "99999999999", "-1", "xref",
            ]
        case .csv: ["\"", ",", ";", "\n", "\r\n", "\"\"", "\t"]
        case .json: ["{", "}", "[", "]", "\"", ":", ",", "\\u0000", "1e9", "null", "[[[[[[[[", "\n"]
        case .code: ["\n\n", "    ", "\t", "}", "end", "func f() {\n", "//", "\r"]
        case .segment, .lists, .quantizer, .postings: []
        }
    }
}
