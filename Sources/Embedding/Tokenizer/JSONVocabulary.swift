/// Reads the vocabulary of a `tokenizer.json`: `model.vocab`, an object of pieces and their ids.
///
/// Foundation's decoder makes keys Strings, of which two that Unicode calls equivalent (composed and decomposed, the
/// ohm and the omega) are one; to a vocabulary they are two pieces. This reads bytes, and ten times as fast.
struct JSONVocabulary {
    /// What stands at `byteOffset` is not what must.
    struct Fault: Error {
        let byteOffset: Int
        let expected: String
    }

    /// Values inside each other, beyond which nothing is read.
    private static let depthMax = 64

    private let bytes: [UInt8]
    private var index = 0

    /// - Returns: nil if there is no such object.
    static func pieces(of file: [UInt8]) throws(Fault) -> [WordPieceVocabulary.Piece]? {
        var reader = JSONVocabulary(bytes: file)
        guard try reader.enter("model"), try reader.enter("vocab") else { return nil }
        return try reader.pieces()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Moves to the value of the key in the object that begins here. False if it has no such key.
    private mutating func enter(_ key: String) throws(Fault) -> Bool {
        try expect("{")
        guard !accept("}") else { return false }
        repeat {
            let found = try string()
            try expect(":")
            if found.elementsEqual(key.utf8) { return true }
            try skipValue(depth: 0)
        } while accept(",")
        return false
    }

    private mutating func pieces() throws(Fault) -> [WordPieceVocabulary.Piece] {
        var pieces: [WordPieceVocabulary.Piece] = []
        try expect("{")
        guard !accept("}") else { return pieces }
        repeat {
            let utf8 = try string()
            try expect(":")
            pieces.append(.init(utf8: utf8, id: try integer()))
        } while accept(",")
        try expect("}")
        return pieces
    }

    private mutating func skipValue(depth: Int) throws(Fault) {
        guard depth < Self.depthMax else { throw fault("fewer than \(Self.depthMax) levels") }
        if accept("{") {
            guard !accept("}") else { return }
            repeat {
                _ = try string()
                try expect(":")
                try skipValue(depth: depth + 1)
            } while accept(",")
            try expect("}")
        } else if accept("[") {
            guard !accept("]") else { return }
            repeat { try skipValue(depth: depth + 1) } while accept(",")
            try expect("]")
        } else if next == UInt8(ascii: "\"") {
            _ = try string()
        } else {
            // A number or a word: JSON has been found well formed, so it ends where something else begins.
            let ends = Array(",]} \t\r\n".utf8)
            while let byte = next, !ends.contains(byte) { index += 1 }
        }
    }

    private mutating func integer() throws(Fault) -> Int32 {
        skipSpace()
        let start = index
        if next == UInt8(ascii: "-") { index += 1 }
        while let byte = next, byte &- UInt8(ascii: "0") < 10 { index += 1 }
        guard let value = Int32(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw fault("a whole number")
        }
        return value
    }

    /// The UTF-8 of a string, escapes resolved; a lone half of a surrogate pair becomes U+FFFD.
    private mutating func string() throws(Fault) -> [UInt8] {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escape = next else { break }
            index += 1
            if escape == UInt8(ascii: "u") {
                text += Array(String(Character(try escapedScalar())).utf8)
            } else {
                text.append(Self.escapes[escape] ?? escape)
            }
        }
        try expect("\"")
        return text
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12,
        UInt8(ascii: "r"): 13,
    ]

    private mutating func escapedScalar() throws(Fault) -> Unicode.Scalar {
        let unit = try hexadecimal()
        guard unit & 0xFC00 == 0xD800, bytes[index...].starts(with: Array("\\u".utf8)) else {
            return Unicode.Scalar(unit) ?? "\u{FFFD}"
        }
        let start = index
        index += 2
        let second = try hexadecimal()
        guard second & 0xFC00 == 0xDC00 else {
            index = start
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x1_0000 + (unit & 0x3FF) << 10 + second & 0x3FF) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(Fault) -> UInt32 {
        let end = min(index + 4, bytes.count)
        guard end - index == 4,
            let value = UInt32(String(decoding: bytes[index..<end], as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits") }
        index = end
        return value
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { index += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard let byte = next, byte == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Fault) {
        guard accept(character) else { throw fault("\(character)") }
    }

    private func fault(_ expected: String) -> Fault { Fault(byteOffset: index, expected: expected) }
}
