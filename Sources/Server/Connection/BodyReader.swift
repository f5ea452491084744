import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Reads a request's body, never more of it than is allowed, and never for longer.
///
/// The framework bounds neither a streamed body nor its time.
struct BodyReader: Sendable {
    let request: Request
    let channel: any Channel
    let exchange: Exchange
    let timeMax: Duration

    /// - Throws: `ServerError.encodingUnsupported`, `.bodyTooLarge`, `.bodyTooSlow`, `.bodyIncomplete`.
    func read(upTo byteCountMax: Int) async throws -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(min(request.declaredByteCount ?? 0, byteCountMax))
        try await forEachPart(upTo: byteCountMax) { body.writeImmutableBuffer($0) }
        return body
    }

    /// Calls `take` with the body's parts as they come, and reads no further until it returns.
    ///
    /// - Throws: as `read`; what `take` throws.
    func forEachPart(upTo byteCountMax: Int, _ take: (ByteBuffer) async throws -> Void) async throws {
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw ServerError.encodingUnsupported(found: encoding)
        }
        let declared = request.declaredByteCount
        // Refused unread: a client that waits for `100 Continue` never sends it.
        if let declared, declared > byteCountMax {
            throw ServerError.bodyTooLarge(byteCountMax: byteCountMax)
        }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            let go = HTTPResponsePart.head(HTTPResponse(status: .continue))
            try? await channel.writeAndFlush(go)
        }
        var byteCount = 0
        let deadline = ContinuousClock.now + timeMax
        var parts = request.body.makeAsyncIterator()
        while let part = try await Self.next(&parts) {
            byteCount += part.readableBytes
            guard byteCount <= byteCountMax else {
                throw ServerError.bodyTooLarge(byteCountMax: byteCountMax)
            }
            guard ContinuousClock.now < deadline else {
                throw ServerError.bodyTooSlow(secondsMax: timeMax.components.seconds)
            }
            try await take(part)
        }
        // A connection that ends early may end the sequence without an error.
        guard declared.map({ $0 == byteCount }) ?? true else { throw ServerError.bodyIncomplete }
        exchange.note { $0.bodyIsRead = true }
    }

    private static func next(_ parts: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await parts.next()
        } catch {
            // The connection broke, or what came is no body: either way there is nothing more to read.
            throw ServerError.bodyIncomplete
        }
    }
}

extension Request {
    /// What `Content-Length` says; nil for a body that is streamed, and for none.
    var declaredByteCount: Int? {
        headers[.contentLength].flatMap { Int($0) }
    }
}
