/// Where the characters of a text lie among its bytes.
///
/// A character is a Unicode scalar, as in Python, whose offsets most datasets have.
struct CharacterOffsets: Sendable {
    /// Bytes between two marks: few enough to count through, many enough that the marks are small beside the text.
    private static let stride = 256

    private let utf8: [UInt8]

    /// Characters that begin before each `stride`-th byte.
    private let marks: [Int]
    let characterCount: Int

    /// - Parameter utf8: valid UTF-8.
    init(_ utf8: [UInt8]) {
        self.utf8 = utf8
        var marks: [Int] = []
        var count = 0
        for (offset, byte) in utf8.enumerated() {
            if offset % Self.stride == 0 { marks.append(count) }
            count += Self.begins(byte) ? 1 : 0
        }
        self.marks = marks
        characterCount = count
    }

    /// The characters that begin before a byte: 0 at the first, all at the end.
    ///
    /// - Parameter byteOffset: 0 to the number of bytes.
    func characterOffset(ofByte byteOffset: Int) -> Int {
        guard byteOffset < utf8.count else { return characterCount }
        let mark = byteOffset / Self.stride
        return marks[mark] + utf8[(mark * Self.stride)..<byteOffset].count(where: Self.begins)
    }

    /// Where a character begins.
    ///
    /// - Parameter characterOffset: 0 to `characterCount`, which is the end.
    func byteOffset(ofCharacter characterOffset: Int) -> Int {
        guard characterOffset < characterCount else { return utf8.count }
        // The last mark at which no more than so many had begun.
        var (low, high) = (0, marks.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if marks[middle] <= characterOffset { low = middle } else { high = middle }
        }
        var (count, offset) = (marks[low], low * Self.stride)
        while offset < utf8.count {
            if Self.begins(utf8[offset]) {
                if count == characterOffset { return offset }
                count += 1
            }
            offset += 1
        }
        return utf8.count
    }

    /// Whether a byte is the first of its character.
    private static func begins(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
}
