/// Whether bytes are text we read, and what was odd about them.
struct SourceCheck {
    /// The bytes of a UTF-8 byte order mark at the start: 0 or 3.
    let markLength: Int
    let notices: [ParseNotice]

    /// - Throws: every `DocumentError` there is.
    init(_ bytes: [UInt8]) throws(DocumentError) {
        guard bytes.count <= DocumentLimits.byteCountMax else {
            throw .tooLarge(byteCount: bytes.count, byteCountMax: DocumentLimits.byteCountMax)
        }
        if let encoding = Self.foreignEncoding(of: bytes) { throw .unsupportedEncoding(found: encoding) }
        if let format = Self.format(of: bytes) { throw .notText(.signature(format: format)) }
        markLength = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let strays = Strays(bytes)
        if Self.isTooMany(
            strays.nulCount, of: bytes.count, perHundredMax: DocumentLimits.nulBytesPerHundredMax)
        {
            throw .notText(.nulBytes(count: strays.nulCount, byteCount: bytes.count))
        }
        let invalidMax = DocumentLimits.invalidBytesPerHundredMax
        if Self.isTooMany(strays.invalidByteCount, of: bytes.count, perHundredMax: invalidMax) {
            throw .notText(.invalidUTF8(byteCountInvalid: strays.invalidByteCount, byteCount: bytes.count))
        }
        notices = strays.notices
    }

    private static func isTooMany(_ count: Int, of byteCount: Int, perHundredMax: Int) -> Bool {
        count > DocumentLimits.strayBytesMax && count * 100 > byteCount * perHundredMax
    }

    /// UTF-32 is asked first: its little-endian mark begins with UTF-16's.
    private static func foreignEncoding(of bytes: [UInt8]) -> UnsupportedEncoding? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return .utf32LittleEndian }
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32BigEndian }
        if bytes.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if bytes.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return nil
    }

    /// Formats often uploaded by mistake, whose first bytes no text has.
    static func format(of bytes: [UInt8]) -> String? {
        let signatures: [(format: String, bytes: [UInt8])] = [
            ("PDF", [0x25, 0x50, 0x44, 0x46, 0x2D]), ("ZIP", [0x50, 0x4B, 0x03, 0x04]),
            ("PNG", [0x89, 0x50, 0x4E, 0x47]), ("JPEG", [0xFF, 0xD8, 0xFF]), ("GIF", Array("GIF87a".utf8)),
            ("GIF", Array("GIF89a".utf8)), ("gzip", [0x1F, 0x8B]), ("ELF", [0x7F, 0x45, 0x4C, 0x46]),
            ("XZ", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("Zstandard", [0x28, 0xB5, 0x2F, 0xFD]),
            ("7-Zip", [0x37, 0x7A, 0xBC, 0xAF]), ("SQLite", Array("SQLite format 3\0".utf8)),
            ("OLE", [0xD0, 0xCF, 0x11, 0xE0]),
        ]
        return signatures.first { bytes.starts(with: $0.bytes) }?.format
    }

    /// The bytes that have no place in text, counted in one pass.
    private struct Strays {
        var nulCount = 0
        var invalidByteCount = 0
        var notices: [ParseNotice] = []

        init(_ bytes: [UInt8]) {
            var replacementCount = 0
            var firstNul: Int?
            var firstInvalid: Int?
            var offset = 0
            while offset < bytes.count {
                let step = SourceText.step(bytes, at: offset, before: bytes.count)
                if !step.isValid {
                    firstInvalid = firstInvalid ?? offset
                    replacementCount += 1
                    invalidByteCount += step.length
                } else if bytes[offset] == 0 {
                    firstNul = firstNul ?? offset
                    nulCount += 1
                }
                offset += step.length
            }
            if let firstInvalid {
                notices.append(.invalidUTF8(count: replacementCount, firstOffset: firstInvalid))
            }
            if let firstNul { notices.append(.nulBytes(count: nulCount, firstOffset: firstNul)) }
        }
    }
}
