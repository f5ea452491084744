/// Writes archives by hand: files as they are, or runs of one byte shrunk as far as deflate's fixed codes go.
package struct ZipBuilder {
    private var body: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    package init() {}

    package init(_ files: [(name: String, text: String)]) {
        for file in files { add(file.name, Array(file.text.utf8)) }
    }

    /// - Parameter flags: the general purpose bit flag: 1 says that the file is encrypted.
    package mutating func add(_ name: String, _ bytes: [UInt8], flags: Int = 0) {
        append(
            name, content: bytes, method: 0, flags: flags, checksum: Self.crc32(bytes), byteCount: bytes.count
        )
    }

    /// `count` times 258 spaces and one, as one literal and matches of the greatest length: 159 to one.
    package mutating func addSpaces(_ name: String, count: Int) {
        var bits = BitWriter()
        bits.append(0b1, width: 1)
        bits.append(0b01, width: 2)
        bits.append(reversed: 0x30 + 0x20, width: 8)
        for _ in 0..<count {
            bits.append(reversed: 0b1100_0101, width: 8)
            bits.append(reversed: 0, width: 5)
        }
        bits.append(reversed: 0, width: 7)
        let byteCount = count * 258 + 1
        let expanded = [UInt8](repeating: 0x20, count: byteCount)
        append(
            name, content: bits.bytes, method: 8, flags: 0, checksum: Self.crc32(expanded),
            byteCount: byteCount)
    }

    package var bytes: [UInt8] {
        body + directory + Self.field(0x0605_4b50, 4) + Self.field(0, 4) + Self.field(count, 2)
            + Self.field(count, 2) + Self.field(directory.count, 4) + Self.field(body.count, 4)
            + Self.field(0, 2)
    }

    private mutating func append(
        _ name: String, content: [UInt8], method: Int, flags: Int, checksum: UInt32, byteCount: Int
    ) {
        let common =
            Self.field(20, 2) + Self.field(flags, 2) + Self.field(method, 2) + Self.field(0, 4)
            + Self.field(Int(checksum), 4) + Self.field(content.count, 4) + Self.field(byteCount, 4)
            + Self.field(name.utf8.count, 2) + Self.field(0, 2)
        let offset = body.count
        body += Self.field(0x0403_4b50, 4) + common + Array(name.utf8) + content
        directory +=
            Self.field(0x0201_4b50, 4) + Self.field(20, 2) + common + Self.field(0, 2) + Self.field(0, 2)
            + Self.field(0, 2) + Self.field(0, 4) + Self.field(offset, 4) + Array(name.utf8)
        count += 1
    }

    private static func field(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private struct BitWriter {
        private(set) var bytes: [UInt8] = []
        private var used = 8

        mutating func append(_ value: Int, width: Int) {
            for bit in 0..<width { append(bit: value >> bit & 1) }
        }

        /// Huffman codes are written from their highest bit on.
        mutating func append(reversed value: Int, width: Int) {
            for bit in (0..<width).reversed() { append(bit: value >> bit & 1) }
        }

        private mutating func append(bit: Int) {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(bit << used)
            used += 1
        }
    }
}
