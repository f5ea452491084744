import Crypto

/// A workspace's name on disk and in the catalog: `ws_` and 26 random base32 characters.
package struct WorkspaceID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    private static let prefix = "ws_"

    /// Whether `text` could be an id, whether or not there is one.
    static func hasForm(_ text: String) -> Bool {
        Base32.isID(text, prefix: prefix)
    }

    /// - Parameter bytes: at least 17 random bytes, of which 130 bits are used.
    init(random bytes: [UInt8]) {
        rawValue = Self.prefix + Base32.text(bytes, characterCount: Base32.idCharacterCount)
    }
}

/// A document's name for ever: `doc_` and 26 base32 characters of the SHA-256 of the path it was first put by.
package struct DocumentID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    private static let prefix = "doc_"

    /// Whether `text` could be an id, whether or not there is one.
    package static func hasForm(_ text: String) -> Bool {
        Base32.isID(text, prefix: prefix)
    }

    /// - Parameters:
    ///   - externalID: the path within a source that the document is first put by.
    ///   - generation: how many documents that were first put by this path are elsewhere now.
    package init(externalID: String, generation: Int = 0) {
        // No path holds NUL.
        let digest = ContentDigest(of: generation == 0 ? externalID : "\(externalID)\u{0}\(generation)")
        rawValue = Self.prefix + Base32.text(digest.bytes, characterCount: Base32.idCharacterCount)
    }
}

/// A chunk's name: `chk_` and 26 base32 characters. The same document bytes, cut the same way, give the same
/// ids, however often an ingest was killed and begun again.
package struct ChunkID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(document: DocumentID, content: ContentDigest, fingerprint: String, ordinal: Int) {
        var hasher = SHA256()
        for field in [Array(document.rawValue.utf8), content.bytes, Array(fingerprint.utf8)] {
            hasher.update(data: Self.littleEndian(field.count))
            hasher.update(data: field)
        }
        hasher.update(data: Self.littleEndian(ordinal))
        rawValue = "chk_" + Base32.text(Array(hasher.finalize()), characterCount: Base32.idCharacterCount)
    }

    private static func littleEndian(_ value: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

/// A document version, staged or committed; never reused.
package struct VersionID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A chunk's number in its workspace, the key that indexes know it by; never reused.
package struct RowNumber: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static func < (left: RowNumber, right: RowNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A segment's number in its workspace; never reused.
package struct SegmentNumber: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static func < (left: SegmentNumber, right: SegmentNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// An embedding space within its workspace.
package struct SpaceID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A commit's place in the log of its workspace: the first is 1, the next always one more; 0 is the empty
/// log.
package struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static let zero = SequenceNumber(rawValue: 0)

    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A job's name, chosen by whoever starts it.
package struct JobID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }
}

extension JobID {
    private static let prefix = "job_"

    /// Whether `text` could be an id, whether or not there is one.
    package static func hasForm(_ text: String) -> Bool {
        Base32.isID(text, prefix: prefix)
    }

    /// - Parameter bytes: at least 17 random bytes, of which 130 bits are used.
    package init(random bytes: [UInt8]) {
        self.init(rawValue: Self.prefix + Base32.text(bytes, characterCount: Base32.idCharacterCount))
    }
}

/// A charge's idempotency key, chosen by whoever does the work that is paid for.
package struct ChargeID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// RFC 4648 base32, lower case and without padding: safe in paths, URLs and on case-blind disks.
enum Base32 {
    /// 26 characters hold 130 bits: two of a billion ids meet with a chance below 1e-21.
    static let idCharacterCount = 26

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Whether `text` is `prefix` and as many characters as an id has.
    static func isID(_ text: String, prefix: String) -> Bool {
        text.hasPrefix(prefix) && text.utf8.count == prefix.utf8.count + idCharacterCount
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy(isCharacter)
    }

    static func isCharacter(_ byte: UInt8) -> Bool {
        alphabet.contains(byte)
    }

    /// The first `characterCount` characters of the encoding; `bytes` must hold five bits for each.
    static func text(_ bytes: [UInt8], characterCount: Int) -> String {
        precondition(
            bytes.count * 8 >= characterCount * 5,
            "\(characterCount) base32 characters need five bits each, found \(bytes.count) bytes")
        let characters = (0..<characterCount).map { index in
            let bit = index * 5
            let high = UInt16(bytes[bit / 8]) << 8
            let low = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
            return alphabet[Int((high | low) >> (11 - bit % 8)) & 31]
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
