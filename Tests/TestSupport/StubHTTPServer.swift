package import Foundation
package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on a free loopback port that answers each request as it was told to: with the next of a
/// list, or with what a closure says.
package final class StubHTTPServer: Sendable {
    /// What to do with one request.
    package enum Answer: Sendable {
        case reply(status: Int, headers: [(String, String)] = [], body: String)

        /// The head and half of the body, and then nothing.
        case halfAndSilence(body: String)

        /// Declares the whole body, sends half of it and closes.
        case truncated(body: String)
        case neverReply
        case close

        /// Breaks the connection off, as a machine does that forgot it.
        case reset
    }

    /// One request as it came.
    package struct Received: Sendable {
        package var method: String
        package var path: String

        /// By names in lower case.
        package var headers: [String: String]
        package var body: Data
    }

    private let state = Mutex<[Received]>([])
    private let respond: @Sendable (Received) -> Answer
    private let channel: any Channel
    package let port: Int

    /// Requests beyond the last answer get 500.
    ///
    /// - Parameter prepare: adds handlers below HTTP to each connection, TLS for one.
    package static func start(
        _ answers: [Answer], prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> StubHTTPServer {
        let script = Script(answers)
        return try await start(prepare: prepare) { _ in script.next() }
    }

    package static func start(
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        respond: @escaping @Sendable (Received) -> Answer
    ) async throws -> StubHTTPServer {
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(box: box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = StubHTTPServer(respond: respond, channel: channel)
        box.server.withLock { $0 = server }
        return server
    }

    private init(respond: @escaping @Sendable (Received) -> Answer, channel: any Channel) {
        self.respond = respond
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    package var received: [Received] { state.withLock { $0 } }

    package func stop() async throws {
        try await channel.close()
    }

    fileprivate func answer(to request: Received) -> Answer {
        state.withLock { $0.append(request) }
        return respond(request)
    }

    /// Answers that are given one after the other.
    private final class Script: Sendable {
        private let answers: Mutex<[Answer]>

        init(_ answers: [Answer]) {
            self.answers = Mutex(answers)
        }

        func next() -> Answer {
            answers.withLock {
                $0.isEmpty ? .reply(status: 500, body: "no answer was scripted") : $0.removeFirst()
            }
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
            let request = Received(
                method: head.method.rawValue, path: head.uri, headers: headers, body: body)
            switch server.answer(to: request) {
            case .neverReply:
                return
            case .close:
                context.close(promise: nil)
            case .reset:
                reset(context)
            case .reply(let status, let headers, let text):
                write(context, status: status, headers, length: text.utf8.count, text)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .halfAndSilence(let text):
                write(context, status: 200, [], length: text.utf8.count, half(text))
                context.flush()
            case .truncated(let text):
                write(context, status: 200, [], length: text.utf8.count, half(text))
                context.flush()
                context.close(promise: nil)
            }
        }

        private func half(_ text: String) -> String {
            String(decoding: text.utf8.prefix(text.utf8.count / 2), as: UTF8.self)
        }

        private func write(
            _ context: ChannelHandlerContext, status: Int, _ headers: [(String, String)], length: Int,
            _ text: String
        ) {
            let fields = HTTPHeaders(headers + [("content-length", String(length))])
            let answer = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(answer)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }

        /// A socket that does not linger is closed with a reset.
        private func reset(_ context: ChannelHandlerContext) {
            let socket = context.channel as? any SocketOptionProvider
            let isSet = socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            guard let isSet else { return context.close(promise: nil) }
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            isSet.whenComplete { _ in bound.value.close(promise: nil) }
        }
    }
}
