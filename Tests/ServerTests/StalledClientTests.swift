import NIOCore
import NIOEmbedded
import Server
import Testing

/// On a clock that goes only when it is told to.
struct StalledClientTests {
    private let channel: EmbeddedChannel
    private static let timeMax = TimeAmount.seconds(75)

    init() throws {
        channel = EmbeddedChannel(handler: StalledClient(timeMax: Self.timeMax))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    private func advance(_ time: TimeAmount) {
        channel.embeddedEventLoop.advanceTime(by: time)
    }

    @Test func `who takes nothing for the whole time is cut off`() {
        setWritable(false)
        advance(Self.timeMax - .seconds(1))
        #expect(channel.isActive)
        advance(.seconds(1))
        #expect(!channel.isActive)
    }

    @Test func `the time begins anew with each answer that waits`() {
        setWritable(false)
        advance(.seconds(10))
        setWritable(true)
        advance(.seconds(64))
        // One second before the first answer's time would have been up.
        setWritable(false)
        advance(.seconds(2))
        #expect(channel.isActive, "a client that took its first answer was measured by it")
        advance(Self.timeMax)
        #expect(!channel.isActive)
    }

    @Test func `a connection that ended is looked at no more`() throws {
        setWritable(false)
        #expect(try channel.finish().isClean)
        advance(Self.timeMax)
        #expect(!channel.isActive)
    }
}
