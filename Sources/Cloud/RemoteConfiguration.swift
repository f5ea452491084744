import Foundation

/// Which provider, which model, and how much of it may be asked.
package struct RemoteConfiguration: Sendable {
    /// The URL of the embeddings route, or what a provider calls its base URL; `https` or `http`.
    package var endpoint: String

    /// Nil to tell it by the endpoint's host.
    package var shape: WireShape?
    package var model: String

    /// Components of the model's vectors, 1 to 16,384.
    package var dimension: Int

    /// Tokens that the model reads of one text; 16 to 1,000,000.
    package var windowTokens = 8_192

    /// Whether the dimension is asked for. Only some models can shorten their vectors, and many providers refuse
    /// the field.
    package var asksForDimension = false
    package var apiKey: String?

    /// For Azure's deployments.
    package var apiVersion = "2024-10-21"

    /// Texts and estimated tokens of one call at most; nil for as many as the shape allows, which is also the most
    /// that either can be.
    package var textsPerCall: Int?
    package var tokensPerCall: Int?

    /// Calls under way at once at most; how many are adapts below that.
    package var concurrency = 8

    /// Of one call, from its first byte to its last.
    package var deadline = Duration.seconds(60)

    /// How long a batch of passages may take with all its calls and waits. A question has one deadline for all.
    package var patience = Duration.seconds(600)

    /// No call is made that might bring the tokens of this process beyond; nil for no end.
    package var spendTokensMax: Int?

    /// Of a million tokens, in any currency; nil to count no money.
    package var pricePerMillion: Double?

    package init(endpoint: String, model: String, dimension: Int) {
        self.endpoint = endpoint
        self.model = model
        self.dimension = dimension
    }

    /// Dimensions beyond this are no embedding model's; it bounds the size of an answer.
    package static let dimensionMax = 16_384
    package static let concurrencyMax = 64
    package static let windowBounds = 16...1_000_000
    package static let deadlineSecondsBounds = 1...3_600
    package static let patienceSecondsBounds = 1...86_400

    var effectiveShape: WireShape { shape ?? WireShape(guessedFrom: endpoint) }

    /// - Throws: `CloudError.invalidEndpoint`, `.invalidLimit`, `.invalidKey`.
    func check() throws(CloudError) {
        let shape = effectiveShape
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("dimension", dimension, 1...Self.dimensionMax),
            ("window-tokens", windowTokens, Self.windowBounds),
            ("concurrency", concurrency, 1...Self.concurrencyMax),
            ("texts-per-call", textsPerCall ?? shape.textsMax, 1...shape.textsMax),
            ("tokens-per-call", tokensPerCall ?? shape.tokensMax, 1...shape.tokensMax),
            ("tokens-max", spendTokensMax ?? 0, 0...Int.max),
        ]
        for (name, found, allowed) in limits where !allowed.contains(found) {
            throw .invalidLimit(name: name, found: found, allowed: allowed)
        }
        try Endpoint.check(key: apiKey)
    }

    /// Where requests go.
    ///
    /// - Throws: `CloudError.invalidEndpoint`.
    func url() throws(CloudError) -> String {
        guard let parts = Endpoint.parts(of: endpoint),
            let url = effectiveShape.url(completing: parts, model: model, apiVersion: apiVersion)
        else { throw Endpoint.invalid(endpoint, api: "an embeddings API") }
        return url
    }
}
