/// Why bytes were refused as a document. Every case means "fix your request"; none is worth a second try.
package enum DocumentError: Error, Sendable, Equatable, Codable {
    /// More bytes than `DocumentLimits.byteCountMax`.
    case tooLarge(byteCount: Int, byteCountMax: Int)

    /// More lines than `DocumentLimits.lineCountMax`.
    case tooManyLines(found: Int, max: Int)

    /// The bytes begin with the byte order mark of an encoding other than UTF-8, the one that is read.
    case unsupportedEncoding(found: UnsupportedEncoding)

    /// The bytes are clearly not text.
    case notText(NotTextReason)

    /// The name or the sender announces one format, and the bytes are of another that is not read: `found` is what a
    /// person calls it.
    case contentMismatch(named: MediaType, found: String)

    /// The document opens with a password only.
    case encrypted(MediaType)

    /// The document's own structure is broken: it was cut off, or never was what it is called.
    case damaged(MediaType, part: String)

    /// Something in the document is beyond its bound.
    case overLimit(MediaType, DocumentLimit, found: Int?, max: Int)

    /// The pages hold no text at all, as those of a scan do.
    case noText(pageCount: Int)
}

/// What of a document is bounded, besides its bytes and lines.
package enum DocumentLimit: String, Sendable, Equatable, Codable {
    /// Files in an archive.
    case entries
    /// Bytes of an archive's files once they are expanded.
    case expandedBytes
    /// Expanded bytes for each compressed one.
    case compressionRatio
    /// Elements, arrays or objects in one another.
    case depth
    /// Elements and texts of one part.
    case nodes
    case pages
    /// Words of a page description.
    case words
    /// Bytes of the text that the document was turned into.
    case renditionBytes
    /// Bytes of memory that reading it takes.
    case memory

    /// What is counted, in words.
    package var words: String {
        switch self {
        case .entries: "files in the archive"
        case .expandedBytes: "bytes when expanded"
        case .compressionRatio: "expanded bytes for each compressed one"
        case .depth: "levels of nesting"
        case .nodes: "elements"
        case .pages: "pages"
        case .words: "words"
        case .renditionBytes: "bytes of text"
        case .memory: "bytes of memory"
        }
    }
}

/// An encoding recognised by its byte order mark and not read here.
package enum UnsupportedEncoding: String, Sendable, Equatable, Codable {
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    case utf32LittleEndian = "UTF-32LE"
    case utf32BigEndian = "UTF-32BE"
}

/// What gave binary data away.
package enum NotTextReason: Sendable, Equatable, Codable {
    /// The bytes begin as a file of this format does.
    case signature(format: String)

    /// More NUL bytes than text has (`DocumentLimits.nulBytesPerHundredMax`).
    case nulBytes(count: Int, byteCount: Int)

    /// More bytes outside any UTF-8 sequence than text has (`DocumentLimits.invalidBytesPerHundredMax`).
    case invalidUTF8(byteCountInvalid: Int, byteCount: Int)
}
