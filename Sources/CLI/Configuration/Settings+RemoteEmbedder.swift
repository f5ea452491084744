import Cloud
import Foundation

/// The settings below `embedder`, and the embedder that is made of them.
extension Settings {
    /// Keys have some hundred characters.
    private static let keyBytesMax = 65_536

    /// - Throws: `CommandError.embedderIncomplete`, `.keyFileUnreadable`; `CloudError`.
    func makeRemoteEmbedder(
        endpoint: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> RemoteEmbedder {
        let configuration = try remoteConfiguration(endpoint: endpoint)
        let proxy = try URL(string: endpoint).flatMap {
            try ProxyServer.proxy(for: $0, setting: text(.embedderProxy), environment: environment)
        }
        let options = HTTPTransport.Options(
            proxy: proxy, certificateFile: filePath(.embedderCAFile),
            // One beside the ingest's, for a question.
            connectionsMax: configuration.concurrency + 1)
        return try RemoteEmbedder(configuration: configuration, transport: HTTPTransport(options))
    }

    private func remoteConfiguration(endpoint: String) throws -> RemoteConfiguration {
        guard let model = text(.embedderModel) else {
            throw CommandError.embedderIncomplete(missing: .embedderModel)
        }
        guard let dimension = integer(.embedderDimension) else {
            throw CommandError.embedderIncomplete(missing: .embedderDimension)
        }
        var configuration = RemoteConfiguration(endpoint: endpoint, model: model, dimension: dimension)
        configuration.shape = text(.embedderShape).flatMap(WireShape.init(rawValue:))
        configuration.apiKey = try key(.embedderKey, orIn: .embedderKeyFile)
        configuration.apiVersion = text(.embedderAPIVersion) ?? configuration.apiVersion
        configuration.asksForDimension = text(.embedderAskDimension) == "true"
        configuration.windowTokens = integer(.embedderWindowTokens) ?? configuration.windowTokens
        configuration.textsPerCall = integer(.embedderTextsPerCall)
        configuration.tokensPerCall = integer(.embedderTokensPerCall)
        configuration.concurrency = integer(.embedderConcurrency) ?? configuration.concurrency
        configuration.deadline = seconds(.embedderDeadlineSeconds, configuration.deadline)
        configuration.patience = seconds(.embedderPatienceSeconds, configuration.patience)
        configuration.spendTokensMax = integer(.embedderTokensMax)
        configuration.pricePerMillion = text(.embedderPrice).flatMap { Double($0) }
        return configuration
    }

    /// Tokens that cost so much together; nil where nothing is said or nothing has to be paid.
    ///
    /// - Throws: `CommandError.priceUnknown`.
    func tokensMax(atCost cost: Double?) throws -> Int? {
        guard let cost, text(.embedderURL) != nil else { return nil }
        guard let price = text(.embedderPrice).flatMap({ Double($0) }) else {
            throw CommandError.priceUnknown
        }
        let affordable = price > 0 ? (cost / price * 1_000_000).rounded(.down) : Double(Int32.max)
        let tokens = Int(min(affordable, 1e15))
        return integer(.embedderTokensMax).map { min($0, tokens) } ?? tokens
    }

    /// What fetches pages of the web.
    func makePageFetcher() -> WebFetcher {
        var options = WebFetcher.Options()
        options.allowsPrivateAddresses = text(.pagesAllowPrivate) == "true"
        return WebFetcher(options)
    }

    /// The key itself, or what stands in its file.
    ///
    /// - Throws: `CommandError.keyFileUnreadable`.
    func key(_ setting: Setting, orIn file: Setting) throws -> String? {
        if let key = text(setting) { return key }
        guard let path = filePath(file) else { return nil }
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: Self.keyBytesMax + 1) ?? Data()
        } catch {
            throw CommandError.keyFileUnreadable(file, path: path, reason: error.localizedDescription)
        }
        let key = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, data.count <= Self.keyBytesMax else {
            throw CommandError.keyFileUnreadable(
                file, path: path,
                reason: "it has \(data.count) bytes; 1 to \(Self.keyBytesMax) and a key are expected")
        }
        return key
    }
}
