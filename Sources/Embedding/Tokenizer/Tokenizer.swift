/// Cuts texts into the pieces that a model learnt, by their ids. Immutable and safe to use from any thread.
package protocol Tokenizer: Sendable {
    /// The ids of `text` between the two that begin and end every sequence.
    ///
    /// - Parameters:
    ///   - parsesSpecialTokens: whether a special token's name in the text becomes that token, as it does in the
    ///     reference. Off for every text of a user, who could otherwise inject them.
    ///   - tokensMax: at most so many ids, at least 2; what is beyond is cut off before the last.
    func encode(_ text: String, parsesSpecialTokens: Bool, tokensMax: Int) -> [Int32]

    /// How many tokens `text` has, without the two around them, special tokens not parsed.
    func tokenCount(of text: String) -> Int
}

extension Tokenizer {
    package func encode(_ text: String, tokensMax: Int) -> [Int32] {
        encode(text, parsesSpecialTokens: false, tokensMax: tokensMax)
    }
}

/// Receives the tokens of a text one after the other.
protocol TokenSink {
    /// False to end the scan.
    mutating func take(_ id: Int32) -> Bool
}

/// Keeps the first `idsMax` ids.
struct IDSink: TokenSink {
    let idsMax: Int
    var ids: [Int32]

    @inline(__always)
    mutating func take(_ id: Int32) -> Bool {
        guard ids.count < idsMax else { return false }
        ids.append(id)
        return true
    }
}

struct CountSink: TokenSink {
    var count = 0

    @inline(__always)
    mutating func take(_ id: Int32) -> Bool {
        count += 1
        return true
    }
}
