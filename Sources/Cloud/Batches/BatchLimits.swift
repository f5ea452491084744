/// How much one call may carry, in texts and in tokens.
///
/// Providers that take less than their kind does (TEI 32 texts, Vertex 250, others 10) say so by refusing; what
/// they then take is what they are asked from then on.
package struct BatchLimits: Sendable, Equatable {
    package private(set) var textsMax: Int
    let tokensMax: Int

    package init(textsMax: Int, tokensMax: Int) {
        self.textsMax = textsMax
        self.tokensMax = tokensMax
    }

    /// So many texts were taken after more had been refused.
    package mutating func learn(taken textCount: Int) {
        textsMax = max(1, min(textsMax, textCount))
    }

    /// How many of the texts from `start` on go into one call: at least one, whatever its size.
    ///
    /// - Parameters:
    ///   - tokens: of each text, by estimate.
    ///   - scale: the provider's tokens for one of the estimate.
    package func batch(from start: Int, tokens: [Int], scale: Double = 1) -> Range<Int> {
        var end = start
        var sum = 0
        while end < tokens.count, end - start < textsMax {
            sum += tokens[end]
            if Double(sum) * scale > Double(tokensMax), end > start { break }
            end += 1
        }
        return start..<end
    }
}
