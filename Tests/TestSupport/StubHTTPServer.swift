package import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on a free loopback port that answers each request with the next scripted answer.
package final class StubHTTPServer: Sendable {
    /// What to do with one request.
    package enum Answer: Sendable {
        case reply(status: Int, body: String)
        case neverReply
        case close
    }

    /// One request as it came.
    package struct Received: Sendable {
        package var path: String
        package var headers: [String: String]
        package var body: Data
    }

    private struct State {
        var answers: [Answer]
        var received: [Received] = []
    }

    private let state: Mutex<State>
    private let channel: any Channel
    package let port: Int

    /// Requests beyond the last answer get 500.
    package static func start(_ answers: [Answer]) async throws -> StubHTTPServer {
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(box: box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = StubHTTPServer(answers: answers, channel: channel)
        box.server.withLock { $0 = server }
        return server
    }

    private init(answers: [Answer], channel: any Channel) {
        state = Mutex(State(answers: answers))
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    package var received: [Received] { state.withLock { $0.received } }

    package func stop() async throws {
        try await channel.close()
    }

    fileprivate func answer(to request: Received) -> Answer {
        state.withLock { state in
            state.received.append(request)
            return state.answers.isEmpty
                ? .reply(status: 500, body: "no answer was scripted") : state.answers.removeFirst()
        }
    }

    /// The handler is made before the server is known.
    fileprivate final class Box: Sendable {
        let server = Mutex<StubHTTPServer?>(nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let box: Box
        private var head: HTTPRequestHead?
        private var body = Data()

        init(box: Box) {
            self.box = box
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = Data()
            case .body(let bytes):
                body.append(contentsOf: bytes.readableBytesView)
            case .end:
                finish(context)
            }
        }

        private func finish(_ context: ChannelHandlerContext) {
            guard let head, let server = box.server.withLock({ $0 }) else { return }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in
                first
            }
            switch server.answer(to: Received(path: head.uri, headers: headers, body: body)) {
            case .neverReply:
                return
            case .close:
                context.close(promise: nil)
            case .reply(let status, let text):
                let fields = HTTPHeaders([("content-length", String(text.utf8.count))])
                let answer = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
                context.write(wrapOutboundOut(.head(answer)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
