/// How large chunks are, in the tokens of one embedder.
package struct ChunkingOptions: Sendable, Hashable {
    /// Below, a passage is less than a sentence; above, no embedder reads it.
    package static let tokensTargetBounds = 16...32_768

    /// A paragraph or two, and within the window of the smallest models.
    package static let tokensTargetStandard = 200

    /// Shares that may be repeated: with more, passages would be of little else.
    package static let overlapFractionBounds = 0.0...0.5
    package static let overlapFractionStandard = 0.15

    /// The size aimed at. A chunk may grow a quarter beyond it to finish what it began, never past
    /// `tokensMax`.
    package let tokensTarget: Int

    /// The share of the target that a chunk repeats from the end of the one before it, in whole sentences or
    /// lines.
    package let overlapFraction: Double

    /// The hard cap on the exact text of a chunk: the embedder's window less its special tokens.
    package let tokensMax: Int

    /// - Parameters:
    ///   - tokensTarget: at least 16; read as `tokensMax` where it is larger than that.
    ///   - overlapFraction: within `overlapFractionBounds`.
    ///   - tokensMax: at least 16.
    package init(
        tokensTarget: Int = tokensTargetStandard, overlapFraction: Double = overlapFractionStandard,
        tokensMax: Int
    ) {
        precondition(tokensMax >= 16, "tokensMax must be at least 16, found \(tokensMax)")
        precondition(tokensTarget >= 16, "tokensTarget must be at least 16, found \(tokensTarget)")
        precondition(
            Self.overlapFractionBounds.contains(overlapFraction),
            "overlapFraction must be within \(Self.overlapFractionBounds), found \(overlapFraction)")
        self.tokensTarget = min(tokensTarget, tokensMax)
        self.overlapFraction = overlapFraction
        self.tokensMax = tokensMax
    }

    /// The overlap aimed at, in tokens.
    package var overlapTokens: Int { Int((Double(tokensTarget) * overlapFraction).rounded()) }

    /// Stable text that changes when the same bytes would be chunked differently: part of a version's
    /// identity. The first number is the chunker's own revision.
    package var fingerprint: String {
        Self.capless(tokensTarget, overlapTokens) + "\(tokensMax)"
    }

    private static func capless(_ tokensTarget: Int, _ overlapTokens: Int) -> String {
        "chunks-1 target=\(tokensTarget) overlap=\(overlapTokens) max="
    }

    /// Whether a text begins with the fingerprint of options that differ in nothing but the hard cap, and in that by
    /// being lower: their chunks may stay where these options hold.
    package func admitsChunks(madeWith fingerprint: some StringProtocol) -> Bool {
        let own = Self.capless(tokensTarget, overlapTokens)
        guard fingerprint.hasPrefix(own) else { return false }
        return Int(fingerprint.dropFirst(own.count).prefix { $0.isNumber }).map { $0 <= tokensMax } ?? false
    }
}
