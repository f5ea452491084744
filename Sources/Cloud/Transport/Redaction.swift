import Foundation

/// Other people's words, made fit to be shown: without the key, without control characters, and short.
///
/// Providers repeat the key in their messages, whole, cut, or with its middle starred out.
package struct Redaction: Sendable {
    private let key: [Character]

    /// A run of the key of this length is taken for a part of it; a shorter one for chance.
    private static let runMin = 6

    /// What is shorter is no secret, but what people write where a key is asked for and none is needed.
    private static let keyMin = 4

    /// What a line bears.
    package static let charactersMax = 256

    /// What is looked at: an error page of megabytes is not.
    private static let charactersRead = 4_096

    package init(key: String?) {
        self.key = Array(key ?? "")
    }

    package func clean(_ text: some StringProtocol) -> String {
        let plain = text.prefix(Self.charactersRead).map { character -> Character in
            character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : character
        }
        // Before it is cut: half a key at the end would not be found.
        let whole = String(withoutKey(plain)).replacing(/\S*\*{3,}\S*/, with: "[key]")
        return String(whole.prefix(Self.charactersMax)).trimmingCharacters(in: .whitespaces)
    }

    /// Replaces every longest run of characters that stands in the key as well.
    private func withoutKey(_ text: [Character]) -> [Character] {
        guard key.count >= Self.keyMin else { return text }
        let runMin = min(Self.runMin, key.count)
        var result: [Character] = []
        var position = 0
        while position < text.count {
            let run = longestRun(at: position, in: text)
            if run >= runMin {
                result += "[key]"
                position += run
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }

    private func longestRun(at position: Int, in text: [Character]) -> Int {
        var longest = 0
        for start in key.indices {
            var length = 0
            while start + length < key.count, position + length < text.count,
                key[start + length] == text[position + length]
            {
                length += 1
            }
            longest = max(longest, length)
        }
        return longest
    }
}
