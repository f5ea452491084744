import Foundation

/// The kinds of embeddings APIs that are spoken.
package enum WireShape: String, Sendable, CaseIterable {
    case openai, azure, cohere, voyage

    /// The kind that a provider's host is known to have; `openai` for hosts that are not known.
    package init(guessedFrom endpoint: String) {
        let host = Endpoint.host(of: endpoint)
        self =
            if Endpoint.host(host, isWithin: "openai.azure.com")
                || Endpoint.host(host, isWithin: "cognitiveservices.azure.com")
                || Endpoint.host(host, isWithin: "services.ai.azure.com")
            {
                .azure
            } else if Endpoint.host(host, isWithin: "cohere.com")
                || Endpoint.host(host, isWithin: "cohere.ai")
            {
                .cohere
            } else if Endpoint.host(host, isWithin: "voyageai.com") {
                .voyage
            } else {
                .openai
            }
    }

    /// Inputs that one call may carry at most. OpenAI's own limit is not exceeded by any compatible provider that
    /// is known; many take less, which shows in their answers.
    package var textsMax: Int {
        switch self {
        case .openai, .azure: 2_048
        case .cohere: 96
        case .voyage: 1_000
        }
    }

    /// Tokens of one call at most: OpenAI's 300,000 a request, Voyage's least (some of its models take more).
    /// Cohere states none.
    package var tokensMax: Int {
        switch self {
        case .openai, .azure, .cohere: 300_000
        case .voyage: 120_000
        }
    }

    /// Where requests go, given what was configured: the route itself, or the address that a provider's
    /// documentation calls its base URL, which is completed.
    ///
    /// - Parameter apiVersion: for Azure's deployments.
    func url(completing endpoint: URLComponents, model: String, apiVersion: String) -> String? {
        var endpoint = endpoint
        while endpoint.path.hasSuffix("/") { endpoint.path.removeLast() }
        switch self {
        case .openai, .voyage:
            if endpoint.path.isEmpty { endpoint.path = "/v1" }
            if endpoint.path.hasSuffix("/v1") { endpoint.path += "/embeddings" }
        case .cohere:
            if endpoint.path.isEmpty { endpoint.path = "/v2" }
            if endpoint.path.hasSuffix("/v2") { endpoint.path += "/embed" }
        case .azure:
            completeAzure(&endpoint, deployment: model, apiVersion: apiVersion)
        }
        return endpoint.string
    }

    private func completeAzure(_ endpoint: inout URLComponents, deployment: String, apiVersion: String) {
        if endpoint.path.isEmpty || endpoint.path == "/openai" {
            endpoint.path = "/openai/deployments/\(deployment)"
        }
        if !endpoint.path.hasSuffix("/embeddings") { endpoint.path += "/embeddings" }
        let query = endpoint.queryItems ?? []
        // The newer route, /openai/v1, has no versions.
        guard endpoint.path.contains("/deployments/"), !query.contains(where: { $0.name == "api-version" })
        else { return }
        endpoint.queryItems = query + [URLQueryItem(name: "api-version", value: apiVersion)]
    }

    /// - Parameter dimensions: to be sent, nil to leave it to the provider.
    func wire(url: String, model: String, dimensions: Int?) -> any EmbeddingWire {
        switch self {
        case .openai: OpenAIWire(url: url, model: model, dimensions: dimensions)
        case .azure: AzureWire(url: url, deployment: model, dimensions: dimensions)
        case .cohere: CohereWire(url: url, model: model, dimensions: dimensions)
        case .voyage: VoyageWire(url: url, model: model, dimensions: dimensions)
        }
    }
}
