/// What an embedder that is paid for has used.
package struct EmbeddingSpend: Sendable, Equatable {
    /// Calls made, those that failed included.
    package var callCount: Int

    /// Tokens, as the provider counted them.
    package var tokenCount: Int

    /// An estimate of the tokens of calls whose answer did not say what they cost, or never came: they may have
    /// been charged.
    package var uncertainTokenCount: Int

    /// What `tokenCount` costs, in the currency of the price that was set; nil where none was.
    package var cost: Double?

    package init(callCount: Int, tokenCount: Int, uncertainTokenCount: Int, cost: Double? = nil) {
        self.callCount = callCount
        self.tokenCount = tokenCount
        self.uncertainTokenCount = uncertainTokenCount
        self.cost = cost
    }
}
