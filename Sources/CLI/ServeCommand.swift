import ArgumentParser
import Embedding
import Engine
import Foundation
import Logging
import Server
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the knowledge bases over HTTP, each key in its own workspace.",
        discussion: """
            Prints its address on standard output and JSON log lines on standard error. Listens on this machine only, \
            unless --host says otherwise; for the world, put a proxy with TLS before it. SIGTERM and SIGINT finish the \
            running requests first. More settings: 'carrel config check'.

            Example:
              carrel serve --port 8080
            """)

    @Option(help: "The address to listen on. (environment: CARREL_HTTP_HOST; default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port; 0 lets the system choose. (environment: CARREL_HTTP_PORT; default: 8080)")
    var port: Int?

    @Option(
        help:
            "What to log: trace, debug, info, notice, warning, error, critical. (environment: CARREL_LOG_LEVEL)",
        completion: .list(Logger.Level.allCases.map(\.rawValue)))
    var logLevel: String?

    @OptionGroup var reranker: RerankerOptions

    @OptionGroup var options: EngineOptions

    /// While questions are asked, ingests get about a quarter of a core that both want: they get on, and nobody
    /// who asks feels them. Measured in `make bench-serve`.
    private static let backgroundNiceness = 5

    /// How long the end waits for the last lines to be taken.
    private static let logSecondsMax = 2.0

    func run() async throws {
        try await CommandError.reported {
            let settings = try Settings(reading: await options.reader(adding: flags))
            DescriptorLimit.raise()
            let writer = LogWriter()
            defer { writer.finish(within: Self.logSecondsMax) }
            let logger = Logger(label: "carrel") { _ in
                JSONLogHandler(level: settings.logLevel) { writer.write($0) }
            }
            let engine = try settings.makeServingEngine(backgroundNiceness: Self.backgroundNiceness) {
                event in
                Self.log(event, to: logger)
            }
            await engine.startJobs()
            try await serve(engine, settings, logger)
            try await engine.close()
            Self.log(engine.spend, to: logger)
            logger.info("stopped", metadata: Self.facts(engine.queryCacheFigures))
        }
    }

    /// What an embeddings API was asked for since the server began, if there is one.
    private static func log(_ spend: EmbeddingSpend?, to logger: Logger) {
        guard let spend else { return }
        var facts: Logger.Metadata = [
            "calls": .stringConvertible(spend.callCount), "tokens": .stringConvertible(spend.tokenCount),
            "uncertain_tokens": .stringConvertible(spend.uncertainTokenCount),
        ]
        facts["cost"] = spend.cost.map { .stringConvertible($0) }
        logger.info("embeddings API", metadata: facts)
    }

    /// What the query cache was good for.
    private static func facts(_ figures: QueryCacheFigures?) -> Logger.Metadata {
        guard let figures else { return [:] }
        return [
            "query_cache_hits": .stringConvertible(figures.hitCount + figures.joinedCount),
            "query_cache_misses": .stringConvertible(figures.missCount),
            "query_cache_bytes": .stringConvertible(figures.byteCount),
        ]
    }

    /// What was done to an index, and what could not be.
    private static func log(_ event: MaintenanceEvent, to logger: Logger) {
        var facts: Logger.Metadata = [
            "workspace": "\(event.workspace)", "work": "\(event.work.rawValue)",
        ]
        switch event.moment {
        case .ended(let duration):
            facts["ms"] = .stringConvertible(Figure.milliseconds(duration))
            logger.info("maintained", metadata: facts)
        case .failed(let fault):
            facts["fault"] = "\(fault.text)"
            logger.error("maintenance failed", metadata: facts)
        case .begun, .written, .recorded, .published, .dropped: break
        }
    }

    private var flags: [Setting: (flag: String, value: String)] {
        var flags = reranker.flags
        flags[.httpHost] = host.map { ("--host", $0) }
        flags[.httpPort] = port.map { ("--port", String($0)) }
        flags[.logLevel] = logLevel.map { ("--log-level", $0) }
        return flags
    }

    private func serve(_ engine: Engine, _ settings: Settings, _ logger: Logger) async throws {
        let address = settings.address
        let server = CarrelServer(
            engine: engine, address: address, limits: settings.limits, pages: settings.makePageFetcher(),
            logger: logger
        ) { port in
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            logger.info(
                "listening", metadata: ["host": "\(address.host)", "port": .stringConvertible(port)])
            if !Self.isLoopback(address.host) {
                logger.warning("listening beyond this machine without TLS: put a proxy with TLS before it")
            }
            Terminal.print("http://\(host):\(port)")
        }
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = settings.limits.shutdownMax
        try await ServiceGroup(configuration: configuration).run()
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
