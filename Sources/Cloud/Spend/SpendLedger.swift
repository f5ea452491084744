package import Embedding

/// Calls and tokens, as they are spent. Pure.
///
/// Before a call its tokens are set aside by an estimate, and after it they are booked as the provider counts
/// them. Where an answer does not say what it cost, or never comes, the estimate is kept apart: it may have been
/// charged, and the cap counts it as if it had.
package struct SpendLedger: Sendable, Equatable {
    /// What a call turned out to cost.
    package enum Cost: Sendable, Equatable {
        case tokens(Int)

        /// It was refused, or nothing was sent.
        case nothing
        case unknown
    }

    package private(set) var callCount = 0
    package private(set) var tokenCount = 0
    package private(set) var uncertainTokenCount = 0
    private var setAside = 0

    /// The most that a token of the estimate turned out to be, in the provider's own tokens.
    package private(set) var scale = 1.0

    /// No text has more tokens than bytes, and the estimate takes at least a token for four of these.
    static let scaleMax = 4.0

    private let tokensMax: Int?
    private let pricePerMillion: Double?

    /// - Parameters:
    ///   - tokensMax: a call that might go beyond is not made; nil for no end.
    ///   - pricePerMillion: of a million tokens, in any currency.
    package init(tokensMax: Int?, pricePerMillion: Double?) {
        self.tokensMax = tokensMax
        self.pricePerMillion = pricePerMillion
    }

    /// An estimate in the provider's own tokens, as far as its answers taught what these are.
    package func scaled(_ estimate: Int) -> Int {
        Int((Double(estimate) * scale).rounded(.up))
    }

    /// A call is about to be made.
    ///
    /// - Returns: what was set aside for it.
    /// - Throws: `CloudError.spendCapReached`; then it must not be made.
    package mutating func begin(estimate: Int) throws(CloudError) -> Int {
        let needed = scaled(estimate)
        if let tokensMax {
            let spent = tokenCount + uncertainTokenCount + setAside
            guard spent + needed <= tokensMax else {
                throw .spendCapReached(spent: spent, needed: needed, max: tokensMax)
            }
        }
        setAside += needed
        callCount += 1
        return needed
    }

    package mutating func end(setAside amount: Int, estimate: Int, cost: Cost) {
        setAside -= amount
        switch cost {
        case .tokens(let count):
            tokenCount += count
            if estimate > 0 {
                scale = min(Self.scaleMax, max(scale, Double(count) / Double(estimate)))
            }
        case .nothing: break
        case .unknown: uncertainTokenCount += amount
        }
    }

    package var spend: EmbeddingSpend {
        EmbeddingSpend(
            callCount: callCount, tokenCount: tokenCount, uncertainTokenCount: uncertainTokenCount,
            cost: pricePerMillion.map { $0 * Double(tokenCount) / 1_000_000 })
    }
}
