import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What a route answers, before it is an HTTP response.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body: ByteBuffer?

    /// Writes the body, for one that is made while it is sent.
    var stream: Stream?

    typealias Stream = @Sendable (inout any ResponseBodyWriter) async throws -> Void

    init(
        status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer? = nil,
        stream: Stream? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream
    }

    /// Without a body.
    static func nothing(_ status: HTTPResponse.Status) -> Answer {
        Answer(status: status)
    }

    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Answer {
        var headers = headers
        headers[.contentType] = "application/json"
        return Answer(status: status, headers: headers, body: ByteBuffer(bytes: try JSONBody.data(of: value)))
    }

    /// JSON that is written already.
    static func json(_ body: ByteBuffer) -> Answer {
        Answer(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    /// What the client has is still right.
    static func notModified(_ tag: EntityTag) -> Answer {
        Answer(status: .notModified, headers: [.eTag: tag.text])
    }

    static func bytes(_ bytes: [UInt8], mediaType: String, headers: HTTPFields = [:]) -> Answer {
        var headers = headers
        headers[.contentType] = mediaType
        return Answer(status: .ok, headers: headers, body: ByteBuffer(bytes: bytes))
    }

    static func refusal(
        _ refusal: Refusal, requestID: String, as form: ErrorForm = .problem
    ) -> Answer {
        var headers: HTTPFields = [
            .contentType: form == .problem ? "application/problem+json" : "application/json"
        ]
        if refusal.code.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"carrel\"" }
        if refusal.code.isRetriable { headers[.retryAfter] = "1" }
        if !refusal.allowedMethods.isEmpty {
            headers[.allow] = refusal.allowedMethods.joined(separator: ", ")
        }
        // All forms are made of strings and numbers: encoding them cannot fail.
        let body =
            switch form {
            case .problem: try? JSONBody.data(of: Problem(refusal, requestID: requestID))
            case .openAI: try? JSONBody.data(of: OpenAIErrorObject(refusal))
            case .jsonRPC:
                try? JSONBody.data(
                    of: RPCReply(
                        id: refusal.messageID, outcome: .error(RPCErrorObject(refusal, requestID: requestID)))
                )
            }
        return Answer(
            status: refusal.status ?? refusal.code.status(in: form), headers: headers,
            body: body.map { ByteBuffer(bytes: $0) })
    }

    var response: Response {
        let content =
            if let stream { ResponseBody(stream) } else {
                body.map(ResponseBody.init(byteBuffer:)) ?? .init()
            }
        return Response(status: status, headers: headers, body: content)
    }
}

/// JSON as the wire has it.
enum JSONBody {
    static func data(of value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        // With a line's end, for people who look at it in a terminal.
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
