/// Where a sentence may end: punctuation, then closing quotes and brackets, then a space that no lower-case
/// word follows. Chinese and Japanese full stops need no space. Initials, numbers and common abbreviations
/// end nothing.
///
/// A rule of thumb, not a grammar: a missed end costs a longer unit, a false one a place to cut.
enum SentenceEnds {
    /// The parts of `range`, each trimmed, in order; together they hold all of it but whitespace between
    /// them.
    static func sentences(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let end = end(bytes, at: offset, start..<range.upperBound) else {
                offset += 1
                continue
            }
            if let part = Whitespace.trimmed(bytes, start..<end) { parts.append(part) }
            start = end
            offset = end
        }
        if let part = Whitespace.trimmed(bytes, start..<range.upperBound) { parts.append(part) }
        return parts
    }

    /// One past the sentence whose last mark is at `offset`, if one ends there.
    private static func end(_ bytes: [UInt8], at offset: Int, _ rest: Range<Int>) -> Int? {
        switch bytes[offset] {
        case UInt8(ascii: "."):
            return isAbbreviation(bytes, rest.lowerBound..<offset) ? nil : spacedEnd(bytes, offset + 1, rest)
        case UInt8(ascii: "!"), UInt8(ascii: "?"):
            return spacedEnd(bytes, offset + 1, rest)
        case 0xE3 where hasPrefix(bytes, offset, [0xE3, 0x80, 0x82], rest),  // 。
            0xEF
        where hasPrefix(bytes, offset, [0xEF, 0xBC, 0x81], rest)  // ！
            || hasPrefix(bytes, offset, [0xEF, 0xBC, 0x9F], rest):  // ？
            let end = closersEnd(bytes, offset + 3, rest)
            return Whitespace.isBoundary(bytes, at: end, in: rest) ? end : nil
        default: return nil
        }
    }

    private static func spacedEnd(_ bytes: [UInt8], _ offset: Int, _ rest: Range<Int>) -> Int? {
        let end = closersEnd(bytes, offset, rest)
        guard end < rest.upperBound else { return end }
        guard Ascii.isWhitespace(bytes[end]), Whitespace.isBoundary(bytes, at: end, in: rest) else {
            return nil
        }
        var next = end
        while next < rest.upperBound, Ascii.isWhitespace(bytes[next]) { next += 1 }
        let isLowerCase = next < rest.upperBound && (0x61...0x7A).contains(bytes[next])
        return isLowerCase ? nil : end
    }

    private static func closersEnd(_ bytes: [UInt8], _ offset: Int, _ rest: Range<Int>) -> Int {
        let wide: [[UInt8]] = [
            [0xE2, 0x80, 0x9D], [0xE2, 0x80, 0x99], [0xE3, 0x80, 0x8D], [0xE3, 0x80, 0x8F],
            [0xEF, 0xBC, 0x89],
        ]  // ” ’ 」 』 ）
        var end = offset
        while end < rest.upperBound {
            switch bytes[end] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"),
                UInt8(ascii: "*"),
                UInt8(ascii: "_"), UInt8(ascii: "`"):
                end += 1
            case 0x80... where wide.contains(where: { hasPrefix(bytes, end, $0, rest) }):
                end += 3
            default: return end
            }
        }
        return end
    }

    private static func hasPrefix(
        _ bytes: [UInt8], _ offset: Int, _ mark: [UInt8], _ rest: Range<Int>
    ) -> Bool {
        offset + mark.count <= rest.upperBound && bytes[offset..<offset + mark.count].elementsEqual(mark)
    }

    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "etc", "cf", "vs", "dr", "mr", "mrs", "ms", "prof", "st", "no", "fig", "eq", "vol",
        "pp", "al",
        "inc", "ltd", "jr", "sr", "approx", "bzw", "z.b", "d.h", "nr", "ca",
    ]
    private static let abbreviationBytesMax = 6

    /// Whether the word before a full stop is an initial, a number that begins the line, or an abbreviation.
    private static func isAbbreviation(_ bytes: [UInt8], _ before: Range<Int>) -> Bool {
        var start = before.upperBound
        while start > before.lowerBound, before.upperBound - start <= abbreviationBytesMax,
            isWordByte(bytes[start - 1])
        {
            start -= 1
        }
        let word = bytes[start..<before.upperBound]
        guard !word.isEmpty, word.count <= abbreviationBytesMax else { return false }
        if word.count == 1, let first = word.first, !Ascii.isDigit(first) { return true }
        if word.allSatisfy(Ascii.isDigit) { return start == before.lowerBound }
        return abbreviations.contains(String(decoding: word, as: UTF8.self).lowercased())
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        Ascii.isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
            || byte == UInt8(ascii: ".")
    }
}
