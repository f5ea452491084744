/// How bytes become text: one scalar at a time, and whole ranges.
///
/// What is no UTF-8 becomes U+FFFD by the practice of "maximal subparts" (The Unicode Standard 16, section
/// 3.9, table 3-7), which is also how `String(decoding:as:)` repairs.
enum SourceText {
    /// One step of decoding: a valid scalar, or a maximal subpart that is none.
    struct Step: Equatable {
        let length: Int
        let scalar: Unicode.Scalar
        let isValid: Bool
    }

    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// The step that begins at `offset`, looking no further than `end`.
    static func step(_ bytes: [UInt8], at offset: Int, before end: Int) -> Step {
        let first = bytes[offset]
        if first < 0x80 { return Step(length: 1, scalar: Unicode.Scalar(first), isValid: true) }
        guard let (count, secondMin, secondMax) = shape(ofLead: first) else {
            return Step(length: 1, scalar: replacement, isValid: false)
        }
        var value = UInt32(first) & (0x7F >> UInt32(count))
        for index in 1..<count {
            let range = index == 1 ? secondMin...secondMax : 0x80...0xBF
            guard offset + index < end, range.contains(bytes[offset + index]) else {
                return Step(length: index, scalar: replacement, isValid: false)
            }
            value = value << 6 | UInt32(bytes[offset + index] & 0x3F)
        }
        return Step(length: count, scalar: Unicode.Scalar(value) ?? replacement, isValid: true)
    }

    /// The step that ends at `end`, beginning no earlier than `start`.
    static func step(_ bytes: [UInt8], endingAt end: Int, after start: Int) -> Step {
        var offset = end - 1
        while offset > start, end - offset < 4, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        let step = step(bytes, at: offset, before: end)
        return step.length == end - offset ? step : Step(length: 1, scalar: replacement, isValid: false)
    }

    /// The length of the sequence a lead byte announces, and the bounds of its second byte.
    private static func shape(ofLead lead: UInt8) -> (count: Int, secondMin: UInt8, secondMax: UInt8)? {
        switch lead {
        case 0xC2...0xDF: (2, 0x80, 0xBF)
        case 0xE0: (3, 0xA0, 0xBF)
        case 0xED: (3, 0x80, 0x9F)
        case 0xE1...0xEF: (3, 0x80, 0xBF)
        case 0xF0: (4, 0x90, 0xBF)
        case 0xF1...0xF3: (4, 0x80, 0xBF)
        case 0xF4: (4, 0x80, 0x8F)
        default: nil
        }
    }

    /// The text of a range: repaired UTF-8, NUL as U+FFFD, and LF for every line end.
    static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        let slice = bytes[range]
        guard slice.contains(where: { $0 == 0 || $0 == Ascii.carriageReturn }) else {
            return String(decoding: slice, as: UTF8.self)
        }
        var clean: [UInt8] = []
        clean.reserveCapacity(slice.count + 16)
        for offset in range {
            switch bytes[offset] {
            case 0: clean += [0xEF, 0xBF, 0xBD]
            case Ascii.carriageReturn:
                let isPair = offset + 1 < range.upperBound && bytes[offset + 1] == Ascii.lineFeed
                if !isPair { clean.append(Ascii.lineFeed) }
            case let byte: clean.append(byte)
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }
}

/// The bytes with a name here.
enum Ascii {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")

    /// HT, LF, VT, FF, CR and space.
    static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || (0x09...0x0D).contains(byte) }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
}
