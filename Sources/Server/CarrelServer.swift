package import Engine
import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Where to listen.
package struct ServerAddress: Sendable, Hashable {
    package var host: String

    /// 0 lets the system choose.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// Why a server did not start.
package enum ServerFailure: Error, Sendable, Equatable {
    /// The address is taken, is not this machine's, or is not for us to take.
    case cannotListen(ServerAddress, reason: String)
}

/// The HTTP door of one engine.
///
/// Runs until it is told to stop: then it takes no more connections, finishes the requests it has, and returns.
/// The engine is the caller's to close, afterwards.
package struct CarrelServer: Service {
    private let engine: Engine
    private let address: ServerAddress
    private let limits: ServerLimits
    private let pages: (any PageFetcher)?
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - pages: what fetches pages of the web; nil refuses to.
    ///   - onListening: called once, with the port that is listened on.
    package init(
        engine: Engine, address: ServerAddress, limits: ServerLimits = ServerLimits(),
        pages: (any PageFetcher)? = nil, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.engine = engine
        self.address = address
        self.limits = limits
        self.pages = pages
        self.logger = logger
        self.onListening = onListening
    }

    /// - Throws: `ServerFailure.cannotListen`.
    package func run() async throws {
        var quiet = logger
        // The framework's own lines say nothing that ours do not.
        quiet.logLevel = .error
        let assembly = RouterAssembly(engine: engine, limits: limits, pages: pages)
        let router = assembly.router(of: RouteTable.routes, logger: logger)
        let application = Application(
            router: router, server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "carrel",
                availableConnectionsDelegate: .maximum(limits.connectionsMax, logger: quiet)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            logger: quiet)
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                assembly.isStopping.set()
            }
        } catch let error as IOError {
            throw ServerFailure.cannotListen(
                address,
                reason: NSError(domain: NSPOSIXErrorDomain, code: Int(error.errnoCode)).localizedDescription)
        } catch let error as SocketAddressError {
            throw ServerFailure.cannotListen(address, reason: "\(error)")
        }
    }

    private var channel: HTTP1Channel.Configuration {
        let (logger, limits) = (logger, limits)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                StalledClient(timeMax: TimeAmount(limits.stallMax)), MalformedRequestHandler(logger: logger),
                ConnectionEnd(),
            ],
            idleTimeout: TimeAmount(limits.idleMax),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ServerLimits.headerBytesMax,
                maxHeaderListSize: ServerLimits.headerBytesMax,
                maxHeaderFieldCount: ServerLimits.headerFieldsMax))
    }
}
