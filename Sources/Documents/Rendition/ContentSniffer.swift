/// What bytes are, by what is in them: a name can be wrong.
package enum ContentSniffer {
    /// Where a PDF's mark is looked for, as readers do.
    private static let markBytesSearched = 1_024

    /// The format to read `bytes` as, which were announced as `named`.
    ///
    /// Formats with a mark of their own are told by it. What has none is text, and read as it was announced;
    /// text that was announced as a format with a mark is plain text, or HTML.
    ///
    /// - Throws: `.contentMismatch` for a format that is not read, announced as one with a mark.
    package static func mediaType(of bytes: [UInt8], named: MediaType) throws(DocumentError) -> MediaType {
        if isPDF(bytes) { return .pdf }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            if let type = archiveType(of: bytes) { return type }
            if named.isText { return named }
            throw .contentMismatch(named: named, found: "ZIP")
        }
        if let format = SourceCheck.format(of: bytes) {
            if named.isText { return named }
            if format == "OLE", named == .docx, holdsUTF16(bytes, "EncryptedPackage") {
                throw .encrypted(.docx)
            }
            throw .contentMismatch(
                named: named, found: format == "OLE" ? "a file of an old Office program" : format)
        }
        switch named {
        case .html: return .html
        case .markdown, .plainText: return isHTML(bytes) ? .html : named
        case .csv, .tsv, .json, .jsonLines, .sourceCode: return named
        case .pdf, .docx, .epub:
            if isHTML(bytes) { return .html }
            guard isPlain(bytes) else { throw .contentMismatch(named: named, found: "unknown binary data") }
            return .plainText
        }
    }

    private static func isPDF(_ bytes: [UInt8]) -> Bool {
        let mark = Array("%PDF-".utf8)
        let head = bytes.prefix(markBytesSearched)
        guard let first = head.firstIndex(where: { !Ascii.isWhitespace($0) }) else { return false }
        return head[first...].starts(with: mark) || !isPlain(Array(head)) && head.firstRange(of: mark) != nil
    }

    /// An EPUB's first file says what it is; a Word document's are named so.
    private static func archiveType(of bytes: [UInt8]) -> MediaType? {
        if bytes.prefix(128).firstRange(of: Array("mimetypeapplication/epub+zip".utf8)) != nil {
            return .epub
        }
        if holds(bytes, "[Content_Types].xml"), holds(bytes, "word/") { return .docx }
        return holds(bytes, "META-INF/container.xml") ? .epub : nil
    }

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        for offset in 0...bytes.count - wanted.count where bytes[offset] == first {
            if bytes[offset..<offset + wanted.count].elementsEqual(wanted) { return true }
        }
        return false
    }

    private static func holdsUTF16(_ bytes: [UInt8], _ text: String) -> Bool {
        holds(bytes, text.map { "\($0)\0" }.joined())
    }

    /// A document type or an `html` element at the start, comments aside.
    private static func isHTML(_ bytes: [UInt8]) -> Bool {
        var rest = String(decoding: bytes.prefix(2_048), as: UTF8.self).lowercased()[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            guard rest.hasPrefix("<!--") || rest.hasPrefix("<?xml") else { break }
            guard let end = rest.firstRange(of: rest.hasPrefix("<!--") ? "-->" : "?>") else { return false }
            rest = rest[end.upperBound...]
        }
        return rest.hasPrefix("<!doctype html") || rest.hasPrefix("<html")
    }

    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        (try? SourceCheck(bytes)) != nil
    }
}
