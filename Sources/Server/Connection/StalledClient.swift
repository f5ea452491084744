package import NIOCore
package import NIOHTTPTypes

/// Cuts off a client that asks and does not take the answer.
///
/// The framework bounds how long nothing may arrive, but not how long nothing may leave: such a client would
/// keep its connection, and the answer in memory, for as long as it likes.
package final class StalledClient: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private let timeMax: TimeAmount

    /// The next look at how much waits to leave; nil while the channel is writable.
    private var nextLook: Scheduled<Void>?

    /// - Parameter timeMax: within which something must have been taken.
    package init(timeMax: TimeAmount) {
        self.timeMax = timeMax
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            // A look that is left over would measure the next answer against the time of this one.
            nextLook?.cancel()
            nextLook = nil
        } else if nextLook == nil {
            look(at: context.channel, before: .max)
        }
        context.fireChannelWritabilityChanged()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        nextLook?.cancel()
        nextLook = nil
        context.fireChannelInactive()
    }

    /// Looks how much waits, now and every `timeMax` from now, and closes when it is no less than `before`.
    private func look(at channel: any Channel, before: Int) {
        let now = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? before
        guard now < before else {
            channel.close(promise: nil)
            return
        }
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        nextLook = channel.eventLoop.scheduleTask(in: timeMax) { bound.value.look(at: channel, before: now) }
    }
}

@available(*, unavailable)
extension StalledClient: Sendable {}
