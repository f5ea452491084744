import Embedding
import Engine
import Foundation
import Kernels
import Logging
import Server
import Store

/// A whole configuration, every value checked, and what is made of it.
struct Settings {
    private var texts: [Setting: String] = [:]

    /// - Throws: the first `SettingFault`. `carrel config check` tells all of them.
    init(reading reader: SettingsReader) throws {
        if let fault = reader.unknownKeys().first { throw fault }
        for setting in Setting.allCases {
            texts[setting] = try reader.value(of: setting)?.text
        }
    }

    func text(_ setting: Setting) -> String? {
        texts[setting]
    }

    func integer(_ setting: Setting) -> Int? {
        text(setting).flatMap { Int($0) }
    }

    func seconds(_ setting: Setting, _ fallback: Duration) -> Duration {
        integer(setting).map { .seconds($0) } ?? fallback
    }

    func path(_ text: String) -> URL {
        URL(filePath: NSString(string: text).expandingTildeInPath, directoryHint: .isDirectory)
    }

    /// The path of a file, with `~` expanded.
    func filePath(_ setting: Setting) -> String? {
        text(setting).map { NSString(string: $0).expandingTildeInPath }
    }

    // MARK: What is made of it

    var dataDirectory: URL { path(text(.data) ?? "~/.carrel") }

    func makeLibrary() throws -> Library {
        try Library(configuration: makeConfiguration(), environment: environment)
    }

    /// The machine's, and the failpoint that is set.
    private var environment: StoreEnvironment {
        text(.failpoint).flatMap(FailpointTrap.init).map { StoreEnvironment.system.watched(by: $0.armed()) }
            ?? .system
    }

    private func makeConfiguration(
        dataDirectory: URL? = nil, chunking: ChunkingPolicy = .standard
    ) -> EngineConfiguration {
        let tailRows = integer(.indexTailRows) ?? EngineConfiguration.tailRowsMaxStandard
        var configuration = EngineConfiguration(
            dataDirectory: dataDirectory ?? self.dataDirectory, chunking: chunking, tailRowsMax: tailRows,
            tailRowsSealedAtClose: tailRows / EngineConfiguration.closingShareInverse,
            trainingRowsMin: integer(.indexTrainingRows))
        configuration.failureText = ErrorText.describe
        configuration.renderer = Self.renderer
        return configuration
    }

    /// For one command.
    ///
    /// - Parameters:
    ///   - dataDirectory: instead of the one that is configured.
    ///   - follows: whether each workspace is used with its own embedder; else with the one configured, or refused.
    ///   - reranks: whether the reranker is wanted, if one is set up.
    func makeEngine(
        dataDirectory: URL? = nil, chunking: ChunkingPolicy = .standard, follows: Bool, reranks: Bool = false
    ) throws -> Engine {
        var configuration = makeConfiguration(dataDirectory: dataDirectory, chunking: chunking)
        let pool = makePool()
        if reranks { configuration.reranker = try makeReranker(pool: pool) }
        let embedders = makeShelf(pool: pool, follows: follows)
        // One that was asked for by name is missed at once.
        if !follows { _ = try embedders.standard() }
        return try Engine(
            configuration: configuration, embedders: embedders, pool: pool, environment: environment)
    }

    /// For work that gives way to everything else on the machine, and the pool that it is done on.
    ///
    /// - Parameter niceness: how far it gives way.
    func makeBackgroundEngine(niceness: Int) throws -> (engine: Engine, pool: ComputePool) {
        let pool = makePool(backgroundNiceness: niceness)
        let engine = try Engine(
            configuration: makeConfiguration(), embedders: makeShelf(pool: pool, follows: true), pool: pool,
            environment: environment)
        return (engine, pool)
    }

    /// For a process that lives on.
    ///
    /// - Parameters:
    ///   - backgroundNiceness: how far ingests and maintenance give way to questions.
    ///   - onMaintenance: told of every step of maintenance.
    func makeServingEngine(
        backgroundNiceness: Int, onMaintenance: @escaping @Sendable (MaintenanceEvent) -> Void
    ) throws -> Engine {
        var configuration = makeConfiguration()
        configuration.maintainsWhileSearching = true
        configuration.recallSampling = text(.searchRecallSampling).flatMap { Double($0) } ?? 0
        configuration.queryCacheBytesMax = (integer(.searchQueryCacheMiB) ?? 0) * 1_048_576
        configuration.onMaintenance = onMaintenance
        let pool = makePool(backgroundNiceness: backgroundNiceness)
        configuration.reranker = try makeReranker(pool: pool)
        let embedders = makeShelf(pool: pool, follows: true)
        // A server without the model that new workspaces want must not seem to be well until the first one comes.
        _ = try embedders.standard()
        return try Engine(
            configuration: configuration, embedders: embedders, pool: pool, environment: environment)
    }

    /// This very program, in another process.
    private static let renderer = ChildProcessRenderer(
        executable: "/proc/self/exe", arguments: [RenderChildCommand.name])

    private func makePool(backgroundNiceness: Int = 0) -> ComputePool {
        let cores = min(max(ProcessInfo.processInfo.activeProcessorCount, 1), 256)
        HeapPages.limitArenas(to: cores)
        return ComputePool(threadCount: cores, backgroundNiceness: backgroundNiceness)
    }

    /// The local model, or another machine's where there is its URL.
    func makeEmbedder(pool: ComputePool) throws -> any Embedder {
        if let endpoint = text(.embedderURL) {
            let remote = try makeRemoteEmbedder(endpoint: endpoint)
            guard let model = text(.embedderModel), let tokenizer = tokenizer(of: model) else {
                return remote
            }
            return LocallyCountedEmbedder(remote, by: tokenizer)
        }
        guard text(.embedderModel) == nil, integer(.embedderDimension) == nil else {
            throw CommandError.embedderIncomplete(missing: .embedderURL)
        }
        if let test = text(.model).flatMap(TestEmbedder.init(id:)) { return test }
        return try makeLocalEmbedder(
            pool: pool,
            precision: namedPrecision ?? InstalledModel(directory: modelDirectory())?.automaticPrecision()
                ?? .float32)
    }

    /// The tokenizer of a model that is served elsewhere, where the model lies here as well: another Carrel refuses
    /// what is longer than its model's window, so that passages are better cut by its own tokens.
    private func tokenizer(of model: String) -> LocalTokenizer? {
        guard let directory = try? modelDirectory(),
            (try? ModelManifest.load(from: directory))?.id == model
        else { return nil }
        return try? LocalTokenizer(modelDirectory: directory)
    }

    func makeLocalEmbedder(pool: ComputePool, precision: Precision) throws -> LocalEmbedder {
        let directory = try modelDirectory()
        return try InstalledModel(directory: directory)?.makeEmbedder(pool: pool, precision: precision)
            ?? LocalEmbedder(
                modelDirectory: directory, pool: pool, precision: precision, keepsPacked: true)
    }

    /// How the local model can be computed.
    func modelPrecisions() throws -> [Precision] {
        try InstalledModel(directory: modelDirectory())?.description(hashing: false).precisions
            ?? Precision.allCases
    }

    /// The folder named, or that of the model named, or of the one that is usual.
    ///
    /// - Throws: `CommandError.modelNotFound`, `ModelError.unknown`.
    func modelDirectory() throws -> URL {
        let library = ModelLibrary.here()
        guard let named = text(.model) else {
            guard let model = try? library.model(named: ModelLibrary.defaultID), model.isInstalled else {
                throw CommandError.modelNotFound(
                    searched: library.folders.map { $0.appending(path: ModelLibrary.defaultID).path })
            }
            return model.directory
        }
        return try directory(ofModel: named)
    }

    /// The folder of a model that is named, which may be a folder itself.
    ///
    /// - Throws: `ModelError.unknown`.
    func directory(ofModel named: String) throws -> URL {
        let library = ModelLibrary.here()
        let folder = path(named)
        let isPath = named.contains("/") || named.hasPrefix("~") || named.hasPrefix(".")
        guard !isPath else { return folder }
        do {
            return try library.model(named: named).directory
        } catch {
            guard FileManager.default.fileExists(atPath: folder.path) else { throw error }
            return folder
        }
    }

    var address: ServerAddress {
        ServerAddress(host: text(.httpHost) ?? "127.0.0.1", port: integer(.httpPort) ?? 0)
    }

    var limits: ServerLimits {
        var limits = ServerLimits()
        limits.connectionsMax = integer(.httpConnections) ?? limits.connectionsMax
        limits.requestsMax = integer(.httpRequests) ?? limits.requestsMax
        limits.originsAllowed =
            text(.httpOrigins)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        limits.uploadsMax = integer(.httpUploads) ?? limits.uploadsMax
        limits.idleMax = seconds(.httpIdleSeconds, limits.idleMax)
        limits.stallMax = limits.idleMax
        limits.bodyMax = seconds(.httpBodySeconds, limits.bodyMax)
        limits.shutdownMax = seconds(.httpShutdownSeconds, limits.shutdownMax)
        return limits
    }

    var logLevel: Logger.Level {
        text(.logLevel).flatMap(Logger.Level.init(rawValue:)) ?? .info
    }
}
