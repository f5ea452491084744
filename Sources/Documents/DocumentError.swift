/// Why bytes were refused as a document. Every case means "fix your request"; none is worth a second try.
package enum DocumentError: Error, Sendable, Equatable {
    /// More bytes than `DocumentLimits.byteCountMax`.
    case tooLarge(byteCount: Int, byteCountMax: Int)

    /// More lines than `DocumentLimits.lineCountMax`.
    case tooManyLines(found: Int, max: Int)

    /// The bytes begin with the byte order mark of an encoding other than UTF-8, the one that is read.
    case unsupportedEncoding(found: UnsupportedEncoding)

    /// The bytes are clearly not text.
    case notText(NotTextReason)
}

/// An encoding recognised by its byte order mark and not read here.
package enum UnsupportedEncoding: String, Sendable, Equatable {
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    case utf32LittleEndian = "UTF-32LE"
    case utf32BigEndian = "UTF-32BE"
}

/// What gave binary data away.
package enum NotTextReason: Sendable, Equatable {
    /// The bytes begin as a file of this format does.
    case signature(format: String)

    /// More NUL bytes than text has (`DocumentLimits.nulBytesPerHundredMax`).
    case nulBytes(count: Int, byteCount: Int)

    /// More bytes outside any UTF-8 sequence than text has (`DocumentLimits.invalidBytesPerHundredMax`).
    case invalidUTF8(byteCountInvalid: Int, byteCount: Int)
}
