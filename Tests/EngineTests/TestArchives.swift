/// Archives made byte by byte, so that they can be made wrong.
enum TestArchives {
    /// Of a tar entry (POSIX.1-1988, ustar).
    enum Kind: UInt8 {
        case file = 0x30
        case link = 0x32
        case device = 0x33
    }

    static func tar(_ entries: [(path: String, text: String)]) -> [UInt8] {
        entries.flatMap { tarEntry($0.path, Array($0.text.utf8)) } + [UInt8](repeating: 0, count: 1_024)
    }

    /// One entry: a header of 512 bytes, and the bytes filled up to a multiple of that.
    ///
    /// - Parameter byteCount: what the header says; that of `bytes` if nil.
    static func tarEntry(
        _ path: String, _ bytes: [UInt8], kind: Kind = .file, byteCount: Int? = nil
    ) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(path, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(byteCount ?? bytes.count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        header[156] = kind.rawValue
        if kind == .link { put("/etc/passwd", at: 157) }
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        let fill = (512 - bytes.count % 512) % 512
        return header + bytes + [UInt8](repeating: 0, count: fill)
    }

    /// gzip (RFC 1952) of stored blocks, and behind them of `zeros` bytes that are zero, packed as far as deflate goes.
    static func gzip(_ bytes: [UInt8], zeros: Int = 0) -> [UInt8] {
        var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let block = bytes[start..<min(start + 65_535, bytes.count)]
            let isLast = zeros == 0 && block.endIndex == bytes.count
            packed += [isLast ? 1 : 0] + little(block.count, 2) + little(~block.count, 2) + block
        }
        if zeros > 0 { packed += packedZeros(zeros) }
        return packed + little(crc32(bytes), 4) + little(bytes.count + zeros, 4)
    }

    /// A last block of fixed codes (RFC 1951, 3.2.6): a zero, and then copies of it, 258 at a time.
    private static func packedZeros(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var (held, heldBits) = (UInt32(0), UInt32(0))
        func add(_ code: UInt32, bits: UInt32, isReversed: Bool) {
            for index in 0..<bits {
                let bit = isReversed ? (code >> (bits - 1 - index)) & 1 : (code >> index) & 1
                held |= bit << heldBits
                heldBits += 1
                if heldBits == 8 {
                    bytes.append(UInt8(held))
                    (held, heldBits) = (0, 0)
                }
            }
        }
        add(1, bits: 1, isReversed: false)
        add(1, bits: 2, isReversed: false)
        add(0x30, bits: 8, isReversed: true)
        for _ in 0..<(count - 1) / 258 {
            add(0xc5, bits: 8, isReversed: true)
            add(0, bits: 5, isReversed: true)
        }
        for _ in 0..<(count - 1) % 258 { add(0x30, bits: 8, isReversed: true) }
        add(0, bits: 7, isReversed: true)
        add(0, bits: 7, isReversed: false)
        return bytes
    }

    /// Stored entries (APPNOTE.TXT 6.3.10).
    static func zip(_ entries: [(path: String, text: String)], isEncrypted: Bool = false) -> [UInt8] {
        var (locals, central): ([UInt8], [UInt8]) = ([], [])
        for (path, text) in entries {
            let (name, bytes) = (Array(path.utf8), Array(text.utf8))
            let common =
                little(isEncrypted ? 0x801 : 0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
                + little(crc32(bytes), 4) + little(bytes.count, 4) + little(bytes.count, 4)
                + little(name.count, 2)
                + little(0, 2)
            central += little(0x0201_4b50, 4) + little(0x31e, 2) + little(20, 2) + common
            central += little(0, 2) + little(0, 2) + little(0, 2) + little(0o100644 << 16, 4)
            central += little(locals.count, 4) + name
            locals += little(0x0403_4b50, 4) + little(20, 2) + common + name + bytes
        }
        let end =
            little(0x0605_4b50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
            + little(central.count, 4) + little(locals.count, 4) + little(0, 2)
        return locals + central + end
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func crc32(_ bytes: [UInt8]) -> Int {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
        }
        return Int(~crc)
    }
}
