import NIOCore
import NIOPosix
import Synchronization

/// A proxy on a free loopback port that lets everybody through, and answers in the place of whoever is asked for.
final class StubProxy: Sendable {
    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        let heads = Mutex<[String]>([])
    }

    static func start() async throws -> StubProxy {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubProxy(channel: channel, log: log)
    }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    /// The heads of the requests, as they came.
    var heads: [String] { log.heads.withLock { $0 } }

    func stop() async throws {
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let log: Log
        private var text = ""

        init(log: Log) {
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let end = text.firstRange(of: "\r\n\r\n") else { return }
            let head = String(text[..<end.upperBound])
            // The body of the second request is two bytes, which come with its head or after it.
            text = ""
            let isConnect = head.hasPrefix("CONNECT")
            guard isConnect || head.hasPrefix("POST") else { return }
            log.heads.withLock { $0.append(head) }
            let answer =
                isConnect
                ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nthrough"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}
