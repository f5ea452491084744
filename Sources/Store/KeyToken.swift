import Crypto
import Foundation

/// A key's name: 16 base32 characters, 80 bits. It says which key, and opens nothing.
package struct KeyID: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A key as its holder has it: `crl_`, the id, `_` and 52 base32 characters of secret (260 bits).
///
/// The secret is random and long, so one SHA-256 is enough to store it: there is nothing to guess that a slow
/// hash would slow down.
package struct KeyToken: Sendable {
    package static let prefix = "crl_"
    private static let idCharacterCount = 16
    private static let secretCharacterCount = 52

    package let id: KeyID

    /// The whole key. Shown once, never stored.
    package let text: String

    init(environment: StoreEnvironment) {
        let name = Base32.text(environment.randomBytes(10), characterCount: Self.idCharacterCount)
        let secret = Base32.text(environment.randomBytes(33), characterCount: Self.secretCharacterCount)
        id = KeyID(rawValue: name)
        text = Self.prefix + name + "_" + secret
    }

    /// Nil unless `text` has a key's form.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        let nameEnd = Self.prefix.utf8.count + Self.idCharacterCount
        guard bytes.count == nameEnd + 1 + Self.secretCharacterCount, text.hasPrefix(Self.prefix),
            bytes[nameEnd] == UInt8(ascii: "_")
        else { return nil }
        let name = bytes[Self.prefix.utf8.count..<nameEnd]
        guard name.allSatisfy(Base32.isCharacter), bytes[(nameEnd + 1)...].allSatisfy(Base32.isCharacter)
        else { return nil }
        id = KeyID(rawValue: String(decoding: name, as: UTF8.self))
        self.text = text
    }

    /// What is stored in the key's place.
    var digest: ContentDigest { ContentDigest(of: text) }

    /// Whether this is the key that `digest` was stored for. Takes the same time whatever is different.
    package func matches(_ digest: ContentDigest) -> Bool {
        // Comparing an array with `==` ends at the first difference; Crypto's digest compares all of it.
        SHA256.hash(data: Data(text.utf8)) == Data(digest.bytes)
    }
}
