import Crypto

/// The SHA-256 of some bytes: the name of a blob, the key of an embedded text, the proof of a citation.
package struct ContentDigest: Hashable, Sendable {
    package static let byteCount = 32

    /// Always 32.
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `hex` is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        let digits = hex.utf8.map(Self.value(ofDigit:))
        guard digits.count == 2 * Self.byteCount, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        bytes = (0..<Self.byteCount).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
    }

    init(hash: SHA256.Digest) {
        bytes = Array(hash)
    }

    package init(of bytes: [UInt8]) {
        self.bytes = Array(SHA256.hash(data: bytes))
    }

    package init(of bytes: ArraySlice<UInt8>) {
        self.bytes = Array(SHA256.hash(data: bytes))
    }

    /// Of the text's UTF-8.
    package init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension ContentDigest: CustomStringConvertible {
    package var description: String { hex }
}
