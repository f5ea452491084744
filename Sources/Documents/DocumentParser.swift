/// Bytes to blocks. Pure: the same bytes give the same blocks, everywhere and always.
package enum DocumentParser {
    /// Reads `bytes` as `mediaType`. Time and memory are linear in the input.
    ///
    /// A UTF-8 byte order mark is skipped; bytes that are no UTF-8, and NUL, are read as U+FFFD with a
    /// notice. An empty document, or one of whitespace, has no blocks and is no error.
    ///
    /// - Parameter mediaType: a text's, or that of a `Rendition`'s text.
    /// - Throws: `DocumentError`, always meaning that the request is to be fixed.
    package static func parse(
        _ bytes: [UInt8], as mediaType: MediaType
    ) throws(DocumentError) -> ParsedDocument {
        let check = try SourceCheck(bytes)
        let lines = LineTable(bytes)
        guard lines.count <= DocumentLimits.lineCountMax else {
            throw .tooManyLines(found: lines.count, max: DocumentLimits.lineCountMax)
        }
        let start = check.markLength
        switch mediaType {
        case .plainText:
            return document(PlainTextBlocks.blocks(bytes, lines, from: start))
        case .markdown:
            let frontMatter = FrontMatter(bytes, lines, markLength: start)
            let body = MarkdownBody(bytes, lines, from: frontMatter?.end ?? start)
            let attributes = frontMatter?.attributes ?? [:]
            let named = frontMatter?.title.flatMap { $0.isEmpty ? nil : $0 }
            return ParsedDocument(
                mediaType: mediaType, title: named ?? body.title, attributes: attributes,
                blocks: body.blocks, notices: check.notices, byteCount: bytes.count)
        case .csv, .tsv:
            let delimiter = mediaType == .tsv ? Ascii.tab : nil
            let table = TableBlocks(bytes, lines, from: start, delimiter: delimiter)
            return document(table.blocks, table.notices)
        case .json where !isBlank(from: start):
            let json = try JSONBlocks.document(bytes, lines, from: start)
            return document(json.blocks, json.notices)
        case .json, .jsonLines:
            return document(JSONBlocks.records(bytes, lines, from: start).blocks)
        case .sourceCode:
            return document(CodeBlocks(bytes, lines, from: start).blocks)
        case .html, .pdf, .docx, .epub:
            throw .contentMismatch(named: .plainText, found: mediaType.formatName)
        }

        func isBlank(from start: Int) -> Bool {
            Whitespace.trimmed(bytes, start..<bytes.count) == nil
        }

        func document(_ blocks: [Block], _ notices: [ParseNotice] = []) -> ParsedDocument {
            ParsedDocument(
                mediaType: mediaType, title: nil, attributes: [:], blocks: blocks,
                notices: check.notices + notices, byteCount: bytes.count)
        }
    }
}
