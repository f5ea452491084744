import Engine
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Builds the router from the route table: every door is checked here, before a handler is called and before a
/// byte of a body is read.
struct RouterAssembly: Sendable {
    let engine: Engine
    let limits: ServerLimits
    private let pages: (any PageFetcher)?
    let isStopping = StopFlag()
    private let requests: AdmissionGate

    /// The same places, by workspace: who may have how many is known only once the key is.
    private let shares: AdmissionGate
    private let uploads: AdmissionGate
    private let embeddings: AdmissionGate
    private let streams: StreamGate

    /// Methods that are refused by name where a path has no route for them.
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    init(engine: Engine, limits: ServerLimits, pages: (any PageFetcher)? = nil) {
        self.engine = engine
        self.pages = pages
        self.limits = limits
        requests = AdmissionGate(countMax: limits.requestsMax)
        shares = AdmissionGate(
            countMax: limits.requestsMax, share: ServerLimits.share(of: limits.requestsMax))
        uploads = AdmissionGate(
            countMax: limits.uploadsMax, share: ServerLimits.share(of: limits.uploadsMax),
            waitingMax: limits.uploadsWaitingMax, waitMax: limits.uploadWaitMax)
        streams = StreamGate(countMax: limits.streamsMax)
        embeddings = AdmissionGate(
            countMax: limits.embeddingsMax, share: ServerLimits.share(of: limits.embeddingsMax),
            waitingMax: limits.embeddingsWaitingMax, waitMax: limits.embeddingWaitMax)
    }

    func router(of routes: [Route], logger: Logger) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ExchangeMiddleware(logger: logger, isStopping: isStopping))
        for route in routes {
            router.on(RouterPath(route.path.routerPath), method: route.method) { request, context in
                try await respond(to: request, context, route)
            }
        }
        for (path, found) in Dictionary(grouping: routes, by: \.path.routerPath) {
            var allowed = found.map(\.method)
            if allowed.contains(.get) { allowed.append(.head) }
            let names = allowed.map(\.rawValue).sorted()
            for method in Self.methods where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, context -> Response in
                    context.exchange.note { $0.route = found.first?.path.template }
                    throw ServerError.methodNotAllowed(found: method.rawValue, allowed: names)
                }
            }
        }
        return router
    }

    private func respond(
        to request: Request, _ context: ServerContext, _ route: Route
    ) async throws -> Response {
        context.exchange.note { $0.route = route.name }
        // Health is told however much is going on.
        guard route.needsKey else { return try await answer(request, context, route).response }
        return try await requests.run { try await answer(request, context, route) }.response
    }

    /// Checks the door, and only then looks at the rest of the request.
    private func answer(
        _ request: Request, _ context: ServerContext, _ route: Route
    ) async throws -> Answer {
        let exchange = context.exchange
        let body = BodyReader(
            request: request, channel: context.channel, exchange: exchange, timeMax: limits.bodyMax)
        func call(_ parameters: [String: String] = [:]) throws -> Call {
            try Call(
                request, route: route, parameters: parameters, engine: engine, pages: pages,
                uploads: uploads,
                embeddings: embeddings, streams: streams, streamTimes: limits.streamTimes,
                isStopping: isStopping, originsAllowed: limits.originsAllowed, body: body)
        }
        switch route.door {
        case .open(let handle): return try await handle(call())
        case .key(let permission, let handle):
            let principal = try await principal(of: request, exchange)
            try engine.library.require(permission, of: principal)
            let parameters = try route.path.parameters(in: request.uri.path)
            return try await shares.run(for: principal.tenant) {
                try await handle(call(parameters), principal)
            }
        case .operatorKey(let handle):
            try engine.library.requireOperator(await principal(of: request, exchange))
            return try await handle(call())
        case .workspace(let permission, let handle):
            let key = try Self.key(in: request)
            let parameters = try route.path.parameters(in: request.uri.path)
            let scope = try await engine.withLibrary { library in
                let principal = try library.principal(showing: key)
                exchange.note { $0.key = principal.keyID }
                return try library.scope(
                    ofWorkspace: parameters["workspace"] ?? "", for: principal, needing: permission)
            }
            exchange.note { $0.workspace = scope.name }
            return try await shares.run(for: scope.id) { try await handle(call(parameters), scope) }
        }
    }

    /// - Throws: `ServerError.keyMissing`; `EngineError.keyUnknown`, `.keyExpired`, `.keyRevoked`.
    private func principal(of request: Request, _ exchange: Exchange) async throws -> Principal {
        let key = try Self.key(in: request)
        let principal = try await engine.withLibrary { try $0.principal(showing: key) }
        exchange.note { $0.key = principal.keyID }
        return principal
    }

    /// What follows `Authorization: Bearer`.
    private static func key(in request: Request) throws(ServerError) -> String {
        let parts = request.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .keyMissing }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }
}
