import Cloud
import Embedding
import Foundation
import Kernels

/// The settings below `reranker`, and what is made of them.
extension Settings {
    /// The reranking API where there is its URL, or else the local model; nil where neither is named.
    ///
    /// - Throws: `CommandError.rerankerIncomplete`, `.keyFileUnreadable`; `RerankerFailure`; what loading a model
    ///   throws.
    func makeReranker(
        pool: ComputePool, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> (any Reranker)? {
        if let endpoint = text(.rerankerURL) {
            return try makeRemoteReranker(endpoint: endpoint, environment: environment)
        }
        guard text(.rerankerShape) == nil else {
            throw CommandError.rerankerIncomplete(missing: .rerankerURL)
        }
        return try text(.rerankerModel).map { try makeLocalReranker(named: $0, pool: pool) }
    }

    private func makeRemoteReranker(
        endpoint: String, environment: [String: String]
    ) throws -> RemoteReranker {
        var configuration = RerankerConfiguration(
            // A server of one model has no name for it.
            endpoint: endpoint, model: text(.rerankerModel) ?? URL(string: endpoint)?.host() ?? "")
        configuration.shape = text(.rerankerShape).flatMap(RerankShape.init(rawValue:))
        guard text(.rerankerModel) != nil || !configuration.effectiveShape.namesModel else {
            throw CommandError.rerankerIncomplete(missing: .rerankerModel)
        }
        configuration.apiKey = try key(.rerankerKey, orIn: .rerankerKeyFile)
        configuration.deadline = seconds(.rerankerDeadlineSeconds, configuration.deadline)
        do {
            let proxy = try URL(string: endpoint).flatMap {
                try ProxyServer.proxy(for: $0, setting: text(.rerankerProxy), environment: environment)
            }
            let options = HTTPTransport.Options(
                proxy: proxy, certificateFile: filePath(.rerankerCAFile),
                connectionsMax: RemoteReranker.concurrencyMax + 1)
            return try RemoteReranker(configuration: configuration, transport: HTTPTransport(options))
        } catch let error as CloudError {
            // Said of the reranker's settings, not of the embedder's.
            throw RerankerFailure(cause: error)
        }
    }

    private func makeLocalReranker(named name: String, pool: ComputePool) throws -> LocalReranker {
        let directory = try directory(ofModel: name)
        return try InstalledModel(directory: directory)?.makeReranker(pool: pool)
            ?? LocalReranker(modelDirectory: directory, pool: pool, keepsPacked: true)
    }
}

extension InstalledModel {
    /// A folder without model.json is described by its files, as for an embedder.
    func makeReranker(pool: ComputePool) throws -> LocalReranker {
        let derived = manifest == nil ? try description(hashing: true) : nil
        return try LocalReranker(
            modelDirectory: directory, manifest: derived, pool: pool, keepsPacked: true)
    }
}
