/// An address of a machine, and whether it is one of the whole world's.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)

    /// 16 bytes.
    case v6([UInt8])

    /// Reads what `inet_ntop` writes, and all of RFC 4291, section 2.2; nil for anything else. Numbers of IPv4 are
    /// decimal and without leading zeros.
    package init?(_ text: String) {
        // A zone (`%eth0`) is of this machine, and says nothing of which address it is.
        let address = text.split(separator: "%", omittingEmptySubsequences: false).first ?? ""
        if let number = Self.v4(address) {
            self = .v4(number)
        } else if let bytes = Self.v6(address) {
            self = .v6(bytes)
        } else {
            return nil
        }
    }

    /// Whether anybody in the world has this address, as the IANA's registries of special-purpose addresses say (RFC
    /// 6890, of 2026): private networks, the machine itself, neighbours, groups and what is set aside are nobody's.
    ///
    /// An IPv6 address that stands for one of IPv4 is as public as that.
    package var isPublic: Bool {
        switch self {
        case .v4(let number): !Self.specialV4.contains { number & $0.mask == $0.network }
        case .v6(let bytes):
            if let inner = Self.embeddedV4(bytes) {
                IPAddress.v4(inner).isPublic
            } else {
                // What is handed out so far is 2000::/3.
                bytes[0] & 0xe0 == 0x20 && !Self.specialV6.contains { bytes.starts(with: $0) }
                    // 2001::/23 is for protocols, Teredo's tunnels among them.
                    && !(bytes.starts(with: [0x20, 0x01]) && bytes[2] & 0xfe == 0)
            }
        }
    }

    private static let specialV4: [(network: UInt32, mask: UInt32)] = [
        network(0, 0, 0, 0, bits: 8), network(10, 0, 0, 0, bits: 8), network(100, 64, 0, 0, bits: 10),
        network(127, 0, 0, 0, bits: 8), network(169, 254, 0, 0, bits: 16), network(172, 16, 0, 0, bits: 12),
        network(192, 0, 0, 0, bits: 24), network(192, 0, 2, 0, bits: 24), network(192, 88, 99, 0, bits: 24),
        network(192, 168, 0, 0, bits: 16), network(198, 18, 0, 0, bits: 15),
        network(198, 51, 100, 0, bits: 24), network(203, 0, 113, 0, bits: 24),
        network(224, 0, 0, 0, bits: 4), network(240, 0, 0, 0, bits: 4),
    ]

    /// Documentation, 6to4 (whose addresses name machines behind a gateway of IPv4), documentation once more.
    private static let specialV6: [[UInt8]] = [[0x20, 0x01, 0x0d, 0xb8], [0x20, 0x02], [0x3f, 0xff]]

    private static func network(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, bits: UInt32
    ) -> (network: UInt32, mask: UInt32) {
        (a << 24 | b << 16 | c << 8 | d, UInt32.max << (32 - bits))
    }

    /// Of an IPv4-mapped address (::ffff:0:0/96), and of one that a gateway translates (64:ff9b::/96, RFC 6052).
    private static func embeddedV4(_ bytes: [UInt8]) -> UInt32? {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        let translated: [UInt8] = [0x00, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8)
        guard bytes.starts(with: mapped) || bytes.starts(with: translated) else { return nil }
        return bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: Reading

    private static func v4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.allSatisfy({ $0.isASCII && $0.isNumber }), part.count == 1 || part.first != "0",
                let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    private static func v6(_ text: Substring) -> [UInt8]? {
        let halves = text.components(parting: "::")
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups with colons between; the last may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in zip(1..., parts) {
            if index == parts.count, let number = v4(part) {
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
                continue
            }
            guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

extension Substring {
    fileprivate func components(parting separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
