/// Which encoding HTML is in, as browsers decide: byte order mark, then what a `meta` element says, then UTF-8 where
/// the bytes are that, else Windows-1252.
///
/// What can be decoded here is: a byte that has no meaning becomes U+FFFD then, while iconv would stop at it and the
/// rest be lost.
enum HTMLEncoding: Equatable {
    case utf8
    case utf16
    case windows1252

    /// A name that iconv knows.
    case named(String)

    /// Where a `meta` element is looked for; browsers look at 1,024 bytes.
    private static let bytesSearched = 4_096

    init(of bytes: [UInt8]) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .utf8
        } else if UTF16Text.byteOrder(of: bytes) != nil {
            self = .utf16
        } else if let declared = Self.declared(in: bytes) {
            self = declared
        } else {
            self = String(validating: bytes, as: UTF8.self) == nil ? .windows1252 : .utf8
        }
    }

    /// What `decoded` gives is in this encoding.
    var parserName: String {
        if case .named(let name) = self { name } else { "UTF-8" }
    }

    /// The bytes without a mark, in UTF-8 wherever that is done here.
    func decoded(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .utf8:
            let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
            return Array(String(decoding: content, as: UTF8.self).utf8)
        case .utf16: return UTF16Text.utf8(of: bytes)
        case .windows1252: return bytes.flatMap { Self.utf8OfWindows1252[Int($0)] }
        case .named: return bytes
        }
    }

    /// The 32 characters from 0x80 on, by the WHATWG's table; the rest is Latin-1.
    private static let specials: [UInt32] = [
        0x20AC, 0xFFFD, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152,
        0xFFFD,
        0x17D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161,
        0x203A,
        0x153, 0xFFFD, 0x17E, 0x178,
    ]

    private static let utf8OfWindows1252: [[UInt8]] = (0..<256).map { byte in
        let value = (0x80..<0xA0).contains(byte) ? specials[byte - 0x80] : UInt32(byte)
        return Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
    }

    /// `charset=…` of a `meta` element or an XML declaration's `encoding=…`, with Latin-1 meaning what the
    /// web means by it.
    private static func declared(in bytes: [UInt8]) -> HTMLEncoding? {
        let head = String(decoding: bytes.prefix(bytesSearched), as: UTF8.self).lowercased()
        guard let mark = head.firstRange(of: "charset=") ?? head.firstRange(of: "encoding=") else {
            return nil
        }
        let name = head[mark.upperBound...].drop { "\"' ".contains($0) }
            .prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_:.".contains($0)) }
        switch name {
        case "": return nil
        case "iso-8859-1", "latin1", "ascii", "us-ascii", "windows-1252", "cp1252": return .windows1252
        // A document that could be read this far is not in UTF-16.
        case "utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "unicode": return .utf8
        default: return known.contains(String(name)) ? .named(name.uppercased()) : nil
        }
    }

    private static let known: Set<String> = [
        "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8",
        "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "windows-1250",
        "windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
        "windows-1257", "windows-1258", "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5", "euc-jp",
        "shift_jis", "iso-2022-jp", "euc-kr",
    ]
}
