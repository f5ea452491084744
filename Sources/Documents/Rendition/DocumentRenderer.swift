/// Bytes of a format that is no text to a rendition. Pure; the libraries behind it are written in C and C++,
/// so bytes of strangers are better given to a process of its own.
package enum DocumentRenderer {
    /// Whether passages are cut from a rendition rather than from the bytes themselves.
    package static func isNeeded(for bytes: [UInt8], as mediaType: MediaType) -> Bool {
        !mediaType.isText || UTF16Text.byteOrder(of: bytes) != nil
    }

    /// - Parameter mediaType: what the bytes are, by `ContentSniffer`.
    package static func render(_ bytes: [UInt8], as mediaType: MediaType) throws(DocumentError) -> Rendition {
        guard bytes.count <= DocumentLimits.byteCountMax else {
            throw .tooLarge(byteCount: bytes.count, byteCountMax: DocumentLimits.byteCountMax)
        }
        switch mediaType {
        case .html: return try HTMLRenderer.render(bytes)
        case .pdf: return try PDFRenderer.render(bytes)
        case .docx: return try DOCXRenderer.render(bytes)
        case .epub: return try EPUBRenderer.render(bytes)
        case .markdown, .plainText, .csv, .tsv, .json, .jsonLines, .sourceCode:
            return Rendition(
                text: UTF16Text.utf8(of: bytes), textType: mediaType, notices: [.converted(from: "UTF-16")])
        }
    }
}

/// Text in UTF-16, told by its byte order mark.
enum UTF16Text {
    enum ByteOrder { case little, big }

    static func byteOrder(of bytes: [UInt8]) -> ByteOrder? {
        // UTF-32's little-endian mark begins with that of UTF-16.
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return nil }
        if bytes.starts(with: [0xFF, 0xFE]) { return .little }
        return bytes.starts(with: [0xFE, 0xFF]) ? .big : nil
    }

    /// What is no UTF-16 becomes U+FFFD; a last odd byte is dropped.
    static func utf8(of bytes: [UInt8]) -> [UInt8] {
        let isLittle = byteOrder(of: bytes) != .big
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { offset in
            let (first, second) = (UInt16(bytes[offset]), UInt16(bytes[offset + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
