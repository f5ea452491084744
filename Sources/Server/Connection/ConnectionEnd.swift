import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection whose answer says `Connection: close`, gently: the client may still be sending a body that
/// was refused, and a connection closed under it would take the answer with it.
///
/// The framework itself goes on reading such a body, however long it is.
final class ConnectionEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var requestIsRead = true
    private var answerCloses = false
    private var isLingering = false
    private var lingeredByteCount = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: requestIsRead = false
        case .end: requestIsRead = true
        case .body(let bytes) where isLingering:
            lingeredByteCount += bytes.readableBytes
            if lingeredByteCount > ServerLimits.lingerBytesMax { context.close(promise: nil) }
            return
        case .body: break
        }
        if isLingering {
            if requestIsRead { context.close(promise: nil) }
            return
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The framework has stopped asking; what is to be thrown away must still be read.
        if isLingering { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.kind != .informational:
            answerCloses = head.headerFields[.connection]?.lowercased() == "close"
            context.write(data, promise: promise)
        case .end where answerCloses:
            context.writeAndFlush(data, promise: promise)
            requestIsRead ? context.close(promise: nil) : linger(context)
        default:
            context.write(data, promise: promise)
        }
    }

    private func linger(_ context: ChannelHandlerContext) {
        isLingering = true
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: TimeAmount(ServerLimits.lingerMax)) { channel.close(promise: nil) }
        context.read()
    }
}

@available(*, unavailable)
extension ConnectionEnd: Sendable {}
