import Foundation

/// The kinds of reranking APIs that are spoken.
package enum RerankShape: String, Sendable, CaseIterable {
    case cohere, jina, tei

    /// By the provider's host, or else by the route's version, with which others copy Cohere's and Jina's; `tei` for
    /// what has neither.
    package init(guessedFrom endpoint: String) {
        let host = Endpoint.host(of: endpoint)
        let path = Self.trimmed(URLComponents(string: endpoint)?.path ?? "")
        self =
            if Endpoint.host(host, isWithin: "cohere.com") || Endpoint.host(host, isWithin: "cohere.ai") {
                .cohere
            } else if Endpoint.host(host, isWithin: "jina.ai") {
                .jina
            } else if path.hasSuffix("/v2") || path.hasSuffix("/v2/rerank") {
                .cohere
            } else if path.hasSuffix("/v1") || path.hasSuffix("/v1/rerank") {
                .jina
            } else {
                .tei
            }
    }

    /// Whether a request says which model is meant; a TEI serves one.
    package var namesModel: Bool { self != .tei }

    /// Where requests go, given what was configured: the route itself, or the address that it is completed from.
    func url(completing endpoint: URLComponents) -> String? {
        var endpoint = endpoint
        endpoint.path = Self.trimmed(endpoint.path)
        switch self {
        case .cohere where endpoint.path.isEmpty: endpoint.path = "/v2/rerank"
        case .jina where endpoint.path.isEmpty: endpoint.path = "/v1/rerank"
        default:
            if !endpoint.path.hasSuffix("/rerank") { endpoint.path += "/rerank" }
        }
        return endpoint.string
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
