import NIOCore
import NIOHTTPTypes

/// Cuts off a client that asks and does not take the answer.
///
/// The framework bounds how long nothing may arrive, but not how long nothing may leave: such a client would
/// keep its connection, and the answer in memory, for as long as it likes.
final class StalledClient: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let timeMax: TimeAmount

    /// Bytes that waited to leave when it was last looked; nil while the channel is writable.
    private var waitingByteCount: Int?

    /// - Parameter timeMax: within which something must have been taken.
    init(timeMax: TimeAmount) {
        self.timeMax = timeMax
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            waitingByteCount = nil
        } else if waitingByteCount == nil {
            waitingByteCount = .max
            look(at: context.channel)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Looks how much waits, now and every `timeMax` from now, and closes when it is no less than before.
    private func look(at channel: any Channel) {
        guard let before = waitingByteCount, channel.isActive else { return }
        let now = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? before
        guard now < before else {
            channel.close(promise: nil)
            return
        }
        waitingByteCount = now
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.eventLoop.scheduleTask(in: timeMax) { bound.value.look(at: channel) }
    }
}

@available(*, unavailable)
extension StalledClient: Sendable {}
