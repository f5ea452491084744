import Foundation
import NIOCore
import NIOPosix

/// An HTTP client that sends exactly the bytes it is given, one connection a request, and reads until the
/// server closes: what a well-behaved client would never send can be sent with it.
package struct WireClient: Sendable {
    /// What came back.
    package struct Reply: Sendable {
        package var status: Int

        /// Names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        package func json<Value: Decodable>(_: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(Value.self, from: Data(body))
        }
    }

    /// The server closed without an answer, or with bytes that are none.
    package struct NoReply: Error {
        package var received: [UInt8]
    }

    /// A server that neither answers nor closes is waited for this long.
    private static let timeMax = TimeAmount.seconds(60)

    package let port: Int

    package init(port: Int) {
        self.port = port
    }

    /// Sends one well-formed request.
    ///
    /// - Parameters:
    ///   - isStreamed: the body goes in chunks, its length undeclared.
    ///   - staysOpen: our side of the connection is left open until the server has ended its own: who ends it has seen
    ///     enough of an answer that is made while it is sent.
    package func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        isStreamed: Bool = false, staysOpen: Bool = false
    ) async throws -> Reply {
        let headers = staysOpen ? headers + [("Connection", "close")] : headers
        let bytes = Self.request(method, target, headers: headers, body: body, isStreamed: isStreamed)
        let received = try await exchange(bytes, staysOpen: staysOpen)
        return try Self.reply(in: received, toHead: method == "HEAD")
    }

    /// A well-formed request as bytes.
    package static func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        isStreamed: Bool = false
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        guard let body else { return Array((head + "\r\n").utf8) }
        guard isStreamed else { return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body }
        var bytes = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
        for start in stride(from: 0, to: body.count, by: 65_536) {
            let chunk = body[start..<min(start + 65_536, body.count)]
            bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    /// Sends bytes, ends its own side, and returns what comes until the server ends its side.
    package func exchange(_ bytes: [UInt8], staysOpen: Bool = false) async throws -> [UInt8] {
        try await connected { inbound, outbound in
            async let received = Self.everything(inbound)
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                if !staysOpen { outbound.finish() }
            } catch {
                // The server has closed its side already; what it said before is read all the same.
            }
            return await received
        }
    }

    /// Sends the head of a request that expects `100 Continue`, calls `body` once the server has said so, which it
    /// says when it has let the request in, and only then sends the body.
    package func send(
        _ method: String, _ target: String, headers: [(String, String)], body bytes: [UInt8],
        onceAccepted body: @escaping @Sendable () async throws -> Void
    ) async throws -> Reply {
        let head = Self.request(
            method, target,
            headers: headers + [("Expect", "100-continue"), ("Content-Length", String(bytes.count))])
        let received = try await connected { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            try await outbound.write(ByteBuffer(bytes: head))
            var received = Array((try await iterator.next() ?? ByteBuffer()).readableBytesView)
            try await body()
            try await outbound.write(ByteBuffer(bytes: bytes))
            while let part = try await iterator.next() { received += Array(part.readableBytesView) }
            return received
        }
        return try Self.reply(in: received)
    }

    /// Sends bytes and never reads what comes.
    ///
    /// - Returns: ends the connection, which the server may have done by then.
    package func sendWithoutReading(_ bytes: [UInt8]) async throws -> @Sendable () -> Void {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        return { channel.close(promise: nil) }
    }

    private func connected(
        _ body:
            @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> [UInt8]
    ) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: NIOAsyncChannel.Configuration(
                            isOutboundHalfClosureEnabled: true, inboundType: ByteBuffer.self,
                            outboundType: ByteBuffer.self))
                }
            }
        let plain = channel.channel
        let timeout = plain.eventLoop.scheduleTask(in: Self.timeMax) { plain.close(promise: nil) }
        defer { timeout.cancel() }
        return try await channel.executeThenClose(body)
    }

    private static func everything(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async -> [UInt8] {
        var received: [UInt8] = []
        do {
            for try await part in inbound { received += Array(part.readableBytesView) }
        } catch {
            // A connection that was reset has said what it had to say.
        }
        return received
    }

    /// The first final response in `bytes`.
    ///
    /// - Throws: `NoReply`.
    package static func reply(in bytes: [UInt8], toHead isHead: Bool = false) throws -> Reply {
        var rest = bytes[...]
        while true {
            guard let end = headEnd(in: rest) else { throw NoReply(received: bytes) }
            let lines = String(decoding: rest[..<end], as: UTF8.self).components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
                throw NoReply(received: bytes)
            }
            rest = rest[(end + 4)...]
            if (100..<200).contains(status) { continue }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                headers[line[..<colon].lowercased()] = value
            }
            if !isHead, headers["transfer-encoding"]?.lowercased() == "chunked" {
                guard let body = unchunked(rest) else { throw NoReply(received: bytes) }
                return Reply(status: status, headers: headers, body: body)
            }
            let length = isHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
            guard rest.count >= length else { throw NoReply(received: bytes) }
            return Reply(status: status, headers: headers, body: Array(rest.prefix(length)))
        }
    }

    /// Nil if the last chunk is missing.
    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var (rest, body) = (bytes, [UInt8]())
        while let lineEnd = rest.firstIndex(of: 0x0a) {
            let size = String(decoding: rest[..<lineEnd], as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
            guard let count = Int(size, radix: 16) else { return nil }
            rest = rest[(lineEnd + 1)...]
            if count == 0 { return body }
            guard rest.count >= count + 2 else { return nil }
            body += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
        return nil
    }

    private static func headEnd(in bytes: ArraySlice<UInt8>) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - mark.count)).first {
            bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark)
        }
    }
}
