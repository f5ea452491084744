import Cloud
import Embedding
import Engine
import Foundation
import Logging
import Server
import Store

/// Everything that can be configured, by flag, environment or file.
///
/// A key's words are the same everywhere: `http.port` in the file is `CARREL_HTTP_PORT` in the environment.
enum Setting: String, CaseIterable {
    case data
    case model
    case precision
    case embedderURL = "embedder.url"
    case embedderModel = "embedder.model"
    case embedderDimension = "embedder.dimension"
    case embedderShape = "embedder.shape"
    case embedderKey = "embedder.key"
    case embedderKeyFile = "embedder.key-file"
    case embedderAPIVersion = "embedder.api-version"
    case embedderAskDimension = "embedder.ask-dimension"
    case embedderWindowTokens = "embedder.window-tokens"
    case embedderTextsPerCall = "embedder.texts-per-call"
    case embedderTokensPerCall = "embedder.tokens-per-call"
    case embedderConcurrency = "embedder.concurrency"
    case embedderDeadlineSeconds = "embedder.deadline-seconds"
    case embedderPatienceSeconds = "embedder.patience-seconds"
    case embedderTokensMax = "embedder.tokens-max"
    case embedderPrice = "embedder.price"
    case embedderProxy = "embedder.proxy"
    case embedderCAFile = "embedder.ca-file"
    case rerankerURL = "reranker.url"
    case rerankerModel = "reranker.model"
    case rerankerShape = "reranker.shape"
    case rerankerKey = "reranker.key"
    case rerankerKeyFile = "reranker.key-file"
    case rerankerDeadlineSeconds = "reranker.deadline-seconds"
    case rerankerProxy = "reranker.proxy"
    case rerankerCAFile = "reranker.ca-file"
    case pagesAllowPrivate = "pages.allow-private"
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpConnections = "http.connections"
    case httpRequests = "http.requests"
    case httpOrigins = "http.origins"
    case httpUploads = "http.uploads"
    case httpIdleSeconds = "http.idle-seconds"
    case httpBodySeconds = "http.body-seconds"
    case httpShutdownSeconds = "http.shutdown-seconds"
    case searchRecallSampling = "search.recall-sampling"
    case searchQueryCacheMiB = "search.query-cache-mib"
    case logLevel = "log.level"
    case indexTailRows = "index.tail-rows"
    case indexTrainingRows = "index.training-rows"

    /// For tests that end the process there.
    case failpoint

    /// What a value must be.
    enum Kind {
        case text
        case secret

        /// A URL, whose user and query are nobody's business.
        case address
        case integer(ClosedRange<Int>)
        case choice([String])

        /// A name of `carrel admin failpoints`, and perhaps a number behind a colon.
        case failpoint

        /// 0 to 1.
        case share

        /// Of money: 0 to a million.
        case amount
    }

    /// The value of `precision` that leaves it to processor and model.
    static let automatic = "auto"

    var kind: Kind {
        switch self {
        case .embedderURL, .rerankerURL: .address
        case .data, .model, .embedderModel, .embedderKeyFile, .embedderAPIVersion, .embedderCAFile,
            .rerankerModel, .rerankerKeyFile, .rerankerCAFile, .httpHost, .httpOrigins:
            .text
        case .precision: .choice([Self.automatic] + Precision.allCases.map(\.rawValue))
        // A proxy's address may hold a password.
        case .embedderKey, .embedderProxy, .rerankerKey, .rerankerProxy: .secret
        case .embedderShape: .choice(WireShape.allCases.map(\.rawValue))
        case .rerankerShape: .choice(RerankShape.allCases.map(\.rawValue))
        case .rerankerDeadlineSeconds: .integer(RerankerConfiguration.deadlineSecondsBounds)
        case .embedderAskDimension, .pagesAllowPrivate: .choice(["true", "false"])
        case .embedderPrice: .amount
        case .embedderDimension, .embedderWindowTokens, .embedderTextsPerCall, .embedderTokensPerCall,
            .embedderConcurrency, .embedderDeadlineSeconds, .embedderPatienceSeconds, .embedderTokensMax:
            .integer(embedderBounds)
        case .httpPort: .integer(0...65_535)
        case .httpConnections: .integer(1...65_536)
        case .httpRequests: .integer(1...16_384)
        case .httpUploads: .integer(1...1_024)
        case .httpIdleSeconds, .httpBodySeconds, .httpShutdownSeconds: .integer(1...3_600)
        case .searchRecallSampling: .share
        case .searchQueryCacheMiB: .integer(0...4_096)
        case .logLevel: .choice(Logger.Level.allCases.map(\.rawValue))
        case .indexTailRows, .indexTrainingRows: .integer(EngineConfiguration.indexRowsBounds)
        case .failpoint: .failpoint
        }
    }

    private var embedderBounds: ClosedRange<Int> {
        switch self {
        case .embedderDimension: 1...RemoteConfiguration.dimensionMax
        case .embedderWindowTokens: RemoteConfiguration.windowBounds
        // What one kind of provider takes may be less.
        case .embedderTextsPerCall: 1...(WireShape.allCases.map(\.textsMax).max() ?? 1)
        case .embedderTokensPerCall: 1...(WireShape.allCases.map(\.tokensMax).max() ?? 1)
        case .embedderConcurrency: 1...RemoteConfiguration.concurrencyMax
        case .embedderDeadlineSeconds: RemoteConfiguration.deadlineSecondsBounds
        case .embedderPatienceSeconds: RemoteConfiguration.patienceSecondsBounds
        default: 0...Int.max
        }
    }

    /// What holds where nobody says anything; nil where that is nothing, or is found out.
    var fallback: String? {
        let limits = ServerLimits()
        return switch self {
        case .data: "~/.carrel"
        case .model, .embedderURL, .embedderModel, .embedderDimension, .embedderShape, .embedderKey,
            .embedderKeyFile, .embedderTextsPerCall, .embedderTokensPerCall, .embedderTokensMax,
            .embedderPrice, .embedderProxy, .embedderCAFile, .rerankerURL, .rerankerModel, .rerankerShape,
            .rerankerKey, .rerankerKeyFile, .rerankerProxy, .rerankerCAFile, .httpOrigins, .failpoint:
            nil
        case .rerankerDeadlineSeconds:
            String(RerankerConfiguration(endpoint: "", model: "").deadline.components.seconds)
        case .embedderAPIVersion, .embedderAskDimension, .embedderWindowTokens, .embedderConcurrency,
            .embedderDeadlineSeconds, .embedderPatienceSeconds:
            embedderFallback
        case .precision: Self.automatic
        case .pagesAllowPrivate: "false"
        case .httpHost: "127.0.0.1"
        case .httpPort: "8080"
        case .httpConnections: String(limits.connectionsMax)
        case .httpRequests: String(limits.requestsMax)
        case .httpUploads: String(limits.uploadsMax)
        case .httpIdleSeconds: String(limits.idleMax.components.seconds)
        case .httpBodySeconds: String(limits.bodyMax.components.seconds)
        case .httpShutdownSeconds: String(limits.shutdownMax.components.seconds)
        case .searchRecallSampling: "0"
        // 37,000 questions with the local model.
        case .searchQueryCacheMiB: "64"
        case .logLevel: Logger.Level.info.rawValue
        case .indexTailRows: String(EngineConfiguration.tailRowsMaxStandard)
        case .indexTrainingRows: String(EngineConfiguration.trainingRowsMinStandard)
        }
    }

    /// A value as others may see it.
    func shown(_ text: String) -> String {
        switch kind {
        case .secret: return "(set)"
        case .address:
            guard var parts = URLComponents(string: text) else { return "(set)" }
            let hasQuery = parts.query != nil
            (parts.user, parts.password, parts.query) = (nil, nil, nil)
            return (parts.string ?? "(set)") + (hasQuery ? "?…" : "")
        default: return text
        }
    }

    private var embedderFallback: String? {
        let standard = RemoteConfiguration(endpoint: "", model: "", dimension: 1)
        return switch self {
        case .embedderAPIVersion: standard.apiVersion
        case .embedderAskDimension: String(standard.asksForDimension)
        case .embedderWindowTokens: String(standard.windowTokens)
        case .embedderConcurrency: String(standard.concurrency)
        case .embedderDeadlineSeconds: String(standard.deadline.components.seconds)
        case .embedderPatienceSeconds: String(standard.patience.components.seconds)
        default: nil
        }
    }

    /// Nil if `text` is a value of the setting; else what is.
    func expectation(brokenBy text: String) -> String? {
        switch kind {
        case .text, .secret, .address: text.isEmpty ? "something" : nil
        case .integer(let range):
            Int(text).map(range.contains) == true
                ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .share:
            Double(text).map((0...1).contains) == true ? nil : "a number from 0 to 1"
        case .amount:
            Double(text).map((0...1_000_000).contains) == true ? nil : "a number from 0 to 1000000"
        case .failpoint:
            FailpointTrap(text) == nil
                ? "a name of 'carrel admin failpoints', and perhaps :N for its Nth pass" : nil
        case .choice(let values):
            values.contains(text) ? nil : values.joined(separator: ", ")
        }
    }
}
