import Foundation

/// Which reranking API, which model, and how long it is waited for.
package struct RerankerConfiguration: Sendable {
    /// The URL of the route, or what it is completed from; `https` or `http`.
    package var endpoint: String

    /// Nil to tell it by the endpoint.
    package var shape: RerankShape?

    /// Sent where the kind of API names models, and told to whoever asks what decided an order.
    package var model: String
    package var apiKey: String?

    /// Of a question, with its second call and all waits: somebody waits for it.
    package var deadline = Duration.seconds(5)

    package init(endpoint: String, model: String) {
        self.endpoint = endpoint
        self.model = model
    }

    package static let deadlineSecondsBounds = 1...60

    package var effectiveShape: RerankShape { shape ?? RerankShape(guessedFrom: endpoint) }

    /// - Throws: `CloudError.invalidEndpoint`, `.invalidKey`.
    func wire() throws(CloudError) -> RerankWire {
        try Endpoint.check(key: apiKey)
        guard let parts = Endpoint.parts(of: endpoint), let url = effectiveShape.url(completing: parts) else {
            throw Endpoint.invalid(endpoint, api: "a reranking API")
        }
        return RerankWire(shape: effectiveShape, url: url, model: model)
    }
}
