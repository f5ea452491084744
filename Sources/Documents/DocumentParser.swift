/// Bytes to blocks. Pure: the same bytes give the same blocks, everywhere and always.
package enum DocumentParser {
    /// Reads `bytes` as `mediaType`. Time and memory are linear in the input.
    ///
    /// A UTF-8 byte order mark is skipped; bytes that are no UTF-8, and NUL, are read as U+FFFD with a
    /// notice. An empty document, or one of whitespace, has no blocks and is no error.
    ///
    /// - Throws: `DocumentError`, always meaning that the request is to be fixed.
    package static func parse(
        _ bytes: [UInt8], as mediaType: MediaType
    ) throws(DocumentError) -> ParsedDocument {
        let check = try SourceCheck(bytes)
        let lines = LineTable(bytes)
        guard lines.count <= DocumentLimits.lineCountMax else {
            throw .tooManyLines(found: lines.count, max: DocumentLimits.lineCountMax)
        }
        switch mediaType {
        case .plainText:
            let blocks = PlainTextBlocks.blocks(bytes, lines, from: check.markLength)
            return ParsedDocument(
                mediaType: mediaType, title: nil, attributes: [:], blocks: blocks, notices: check.notices,
                byteCount: bytes.count)
        case .markdown:
            let frontMatter = FrontMatter(bytes, lines, markLength: check.markLength)
            let body = MarkdownBody(bytes, lines, from: frontMatter?.end ?? check.markLength)
            let attributes = frontMatter?.attributes ?? [:]
            let named = attributes["title"].flatMap { $0.isEmpty ? nil : $0 }
            return ParsedDocument(
                mediaType: mediaType, title: named ?? body.title, attributes: attributes,
                blocks: body.blocks, notices: check.notices, byteCount: bytes.count)
        }
    }
}
