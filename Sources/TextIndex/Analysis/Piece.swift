/// What the scanner found at one place: a range of bytes that becomes a term.
struct Piece: Equatable {
    enum Kind: UInt8 {
        /// A word, or a number with its separators.
        case word
        /// A word whose case or digits divide it; its parts follow.
        case mixed
        /// Of a mixed word.
        case part
        /// Of a compound, from its first word to its last; never stemmed.
        case whole
        /// A pair of characters of a script without spaces.
        case pair
        /// The last character of a run in such a script.
        case runEnd
    }

    let kind: Kind
    let position: Int
    let range: Range<Int>

    /// Whether another piece at the position is the word that counts.
    var isPart: Bool { kind == .part || (kind == .whole && !isAlone) }

    /// A whole without words: a blob.
    var isAlone = false
}

/// Bytes of ASCII by what they are.
enum ASCII {
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
    static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}

/// The scalar at `place` of valid UTF-8, and its length in bytes.
func decodedScalar(_ bytes: Span<UInt8>, at place: Int) -> (scalar: Unicode.Scalar, byteCount: Int) {
    let first = UInt32(bytes[place])
    let byteCount = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard byteCount > 1, place + byteCount <= bytes.count else {
        return (first < 0x80 ? Unicode.Scalar(UInt8(first)) : "\u{FFFD}", 1)
    }
    var value = first & (0x7F >> UInt32(byteCount))
    for next in 1..<byteCount { value = value << 6 | UInt32(bytes[place + next]) & 0x3F }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", byteCount)
}

/// As `ScalarKind` has it, with ASCII by arithmetic.
func kindOfScalar(_ bytes: Span<UInt8>, at place: Int) -> (kind: ScalarKind, byteCount: Int) {
    let byte = bytes[place]
    if byte < 0x80 {
        return (ASCII.isLetter(byte) ? .letter : ASCII.isDigit(byte) ? .digit : .separator, 1)
    }
    let (scalar, byteCount) = decodedScalar(bytes, at: place)
    return (ScalarKind(scalar), byteCount)
}
