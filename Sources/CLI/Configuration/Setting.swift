import Embedding
import Engine
import Logging
import Server

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
    case embedderKey = "embedder.key"
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpConnections = "http.connections"
    case httpRequests = "http.requests"
    case httpUploads = "http.uploads"
    case httpIdleSeconds = "http.idle-seconds"
    case httpBodySeconds = "http.body-seconds"
    case httpShutdownSeconds = "http.shutdown-seconds"
    case searchRecallSampling = "search.recall-sampling"
    case searchQueryCacheMiB = "search.query-cache-mib"
    case logLevel = "log.level"

    /// What a value must be.
    enum Kind {
        case text
        case secret
        case integer(ClosedRange<Int>)
        case choice([String])

        /// 0 to 1.
        case share
    }

    var kind: Kind {
        switch self {
        case .data, .model, .embedderURL, .embedderModel, .httpHost: .text
        case .precision: .choice(Precision.allCases.map(\.rawValue))
        case .embedderKey: .secret
        case .embedderDimension: .integer(1...65_536)
        case .httpPort: .integer(0...65_535)
        case .httpConnections: .integer(1...65_536)
        case .httpRequests: .integer(1...16_384)
        case .httpUploads: .integer(1...1_024)
        case .httpIdleSeconds, .httpBodySeconds, .httpShutdownSeconds: .integer(1...3_600)
        case .searchRecallSampling: .share
        case .searchQueryCacheMiB: .integer(0...4_096)
        case .logLevel: .choice(Logger.Level.allCases.map(\.rawValue))
        }
    }

    /// What holds where nobody says anything; nil where that is nothing, or is found out.
    var fallback: String? {
        let limits = ServerLimits()
        return switch self {
        case .data: "~/.carrel"
        case .model, .embedderURL, .embedderModel, .embedderDimension, .embedderKey: nil
        case .precision: Precision.float32.rawValue
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
        }
    }

    /// Nil if `text` is a value of the setting; else what is.
    func expectation(brokenBy text: String) -> String? {
        switch kind {
        case .text, .secret: text.isEmpty ? "something" : nil
        case .integer(let range):
            Int(text).map(range.contains) == true
                ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .share:
            Double(text).map((0...1).contains) == true ? nil : "a number from 0 to 1"
        case .choice(let values):
            values.contains(text) ? nil : values.joined(separator: ", ")
        }
    }
}
