import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// Around every request: its name, its answer whatever happens, and its line in the log.
///
/// A line holds the route's template and never the address, for an address holds a document's path; and never
/// a body, a question or a header.
struct ExchangeMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let logger: Logger

    /// Set once the server is told to stop: clients then learn from every answer that the connection ends.
    let isStopping: StopFlag

    private static let knownMethods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        if let name = RequestName.accepted(request.headers[.requestID]) {
            context.exchange = Exchange(requestID: name)
        }
        var response: Response
        var refusal: Refusal?
        do {
            try Self.check(request)
            response = try await next(request, context)
        } catch {
            let found = Refusal(Self.isNotFound(error) ? ServerError.routeNotFound : error)
            refusal = found
            response =
                Answer.refusal(
                    found, requestID: context.exchange.requestID,
                    as: RouteTable.errorForm(at: request.uri.path)
                ).response
        }
        finish(&response, to: request, context.exchange, refusal)
        log(request, response, refusal, context.exchange, elapsed: ContinuousClock.now - start)
        return response
    }

    private static func check(_ request: Request) throws(ServerError) {
        guard knownMethods.contains(request.method) else { throw .methodUnknown(request.method.rawValue) }
        let byteCount = request.head.path?.utf8.count ?? 0
        guard byteCount <= ServerLimits.targetBytesMax else {
            throw .targetTooLong(byteCount: byteCount, byteCountMax: ServerLimits.targetBytesMax)
        }
    }

    /// The router's own word for an address that it does not know.
    private static func isNotFound(_ error: any Error) -> Bool {
        (error as? HTTPError)?.status == .notFound
    }

    private func finish(
        _ response: inout Response, to request: Request, _ exchange: Exchange, _ refusal: Refusal?
    ) {
        response.headers[.requestID] = exchange.requestID
        response.headers[.contentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        let isSlow = refusal?.code == .bodyTooSlow
        if isStopping.isSet || isSlow || Self.wantsClose(request) || hasMuchToCome(request, exchange) {
            response.headers[.connection] = "close"
        }
        if request.method == .head { response = response.createHeadResponse() }
    }

    /// The framework looks for exactly `close`; a field may have several words, in any case.
    private static func wantsClose(_ request: Request) -> Bool {
        request.headers[.connection]?.split(separator: ",").contains {
            $0.trimmingCharacters(in: .whitespaces).lowercased() == "close"
        } ?? false
    }

    /// Whether more of the body is still to come than one would read only to throw it away.
    private func hasMuchToCome(_ request: Request, _ exchange: Exchange) -> Bool {
        guard !exchange.facts.bodyIsRead else { return false }
        if request.headers[.transferEncoding] != nil { return true }
        return request.declaredByteCount ?? 0 > ServerLimits.drainBytesMax
    }

    private func log(
        _ request: Request, _ response: Response, _ refusal: Refusal?, _ exchange: Exchange, elapsed: Duration
    ) {
        let facts = exchange.facts
        let refusal = refusal ?? facts.refusal
        var metadata: Logger.Metadata = [
            "request_id": "\(exchange.requestID)", "route": "\(facts.route ?? "none")",
            "status": .stringConvertible(response.status.code),
            "ms": .stringConvertible((elapsed / .microseconds(1)).rounded() / 1000),
        ]
        metadata["workspace"] = facts.workspace.map { "\($0)" }
        metadata["key"] = facts.key.map { "\($0)" }
        metadata["operation"] = facts.operation.map { "\($0)" }
        metadata["code"] = refusal.map { "\($0.code.rawValue)" }
        metadata["fault"] = refusal?.fault.map { "\($0)" }
        // An error is what the operator must look at: not a method that somebody made up.
        let code = refusal?.code.status.code ?? response.status.code
        let isOurs = code >= 500 && refusal?.code != .methodUnknown
        logger.log(level: isOurs ? .error : .info, "request", metadata: metadata)
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name(validated: "X-Request-Id")
    static let contentTypeOptions = HTTPField.Name(validated: "X-Content-Type-Options")

    private init(validated name: String) {
        guard let made = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no field's name") }
        self = made
    }
}

/// Goes up once, and is seen everywhere.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}
