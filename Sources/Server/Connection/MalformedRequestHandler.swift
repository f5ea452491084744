import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Answers what is no HTTP request with a problem document like every other, and closes the connection.
///
/// The framework answers only some of it, without a body, and closes on the rest in silence. A body that breaks
/// off in the middle is not handled here but where it is read (`BodyReader`).
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let logger: Logger
    private var unansweredCount = 0
    private var isInsideRequest = false
    private var isDone = false

    init(logger: Logger) {
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unansweredCount += 1
            isInsideRequest = true
        case .body: break
        case .end: isInsideRequest = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { unansweredCount -= 1 }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What breaks off in the middle of a request was answered already, or is answered where it is read.
        guard let refusal = Self.refusal(of: error), unansweredCount == 0, !isInsideRequest, !isDone else {
            context.fireErrorCaught(error)
            return
        }
        isDone = true
        let requestID = RequestName.make()
        logger.info(
            "request",
            metadata: [
                "request_id": "\(requestID)", "route": "none", "code": "\(refusal.code.rawValue)",
                "status": .stringConvertible(refusal.code.status.code),
            ])
        answer(context, Answer.refusal(refusal, requestID: requestID), requestID: requestID)
    }

    private static func refusal(of error: any Error) -> Refusal? {
        switch error {
        case HTTPParserError.headerOverflow:
            Refusal(ServerError.headersTooLarge(byteCountMax: ServerLimits.headerBytesMax))
        case is HTTPParserError:
            Refusal(ServerError.malformedRequest(reason: "bytes that are no HTTP/1.1 request"))
        case is HTTP1TypeConversionError:
            Refusal(ServerError.malformedRequest(reason: "a method or an address that is not well-formed"))
        default: nil
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ answer: Answer, requestID: String) {
        var headers = answer.headers
        headers[.connection] = "close"
        headers[.requestID] = requestID
        headers[.contentLength] = String(answer.body?.readableBytes ?? 0)
        let head = HTTPResponse(status: answer.status, headerFields: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = answer.body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}

@available(*, unavailable)
extension MalformedRequestHandler: Sendable {}
