/// Terms as bytes: compared and stored as such, so that order does not depend on Unicode's tables.
enum TermBytes {
    /// The term's UTF-8, cut at 255 bytes, in an index and in a query alike.
    static func bytes(of term: String) -> [UInt8] {
        Array(term.utf8.prefix(PostingsFormat.termBytesMax))
    }

    /// Negative if `left` comes first, 0 if they are the same.
    static func order(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        let common = min(left.count, right.count)
        for index in 0..<common where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }

    static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
        order(left.span, right.span)
    }

    /// The first eight bytes as a number that orders like them; of a shorter term zeros follow.
    static func key(_ term: [UInt8]) -> UInt64 {
        var key: UInt64 = 0
        for index in 0..<8 { key = key << 8 | UInt64(index < term.count ? term[index] : 0) }
        return key
    }

    static func hasPrefix(_ bytes: Span<UInt8>, _ prefix: Span<UInt8>) -> Bool {
        guard bytes.count >= prefix.count else { return false }
        for index in 0..<prefix.count where bytes[index] != prefix[index] { return false }
        return true
    }
}

/// Numbers of 7 bits a byte.
enum VarInt {
    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The number at `offset`, which moves behind it; nil if the bytes end before it does, or it has more than 32 bits.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, _ offset: inout Int) -> UInt32? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count, shift < 35 {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return UInt32(exactly: value) }
            shift += 7
        }
        return nil
    }
}
