package import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// One POST of JSON, and its answer.
package struct TransportRequest: Sendable {
    package var url: String
    package var bearerToken: String?
    package var body: Data
    package var deadline: Duration
    package var answerBytesMax: Int
}

/// A status and a whole body.
package struct TransportAnswer: Sendable {
    package var status: Int
    package var body: Data

    package init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

/// The network, as far as `RemoteEmbedder` needs it.
package protocol EmbeddingTransport: Sendable {
    /// Throws `CloudError.deadlineExceeded`, `.unreachable` or `.answerTooLarge`; any status is an answer.
    func post(_ request: TransportRequest) async throws -> TransportAnswer
}

/// The network through AsyncHTTPClient.
package struct HTTPTransport: EmbeddingTransport {
    private let client: HTTPClient

    package init(client: HTTPClient = .shared) {
        self.client = client
    }

    package func post(_ request: TransportRequest) async throws -> TransportAnswer {
        var http = HTTPClientRequest(url: request.url)
        http.method = .POST
        http.headers.add(name: "content-type", value: "application/json")
        http.headers.add(name: "accept", value: "application/json")
        if let token = request.bearerToken {
            http.headers.add(name: "authorization", value: "Bearer \(token)")
        }
        http.body = .bytes(ByteBuffer(data: request.body))
        let milliseconds = Int64(request.deadline / .milliseconds(1))
        do {
            let answer = try await client.execute(http, timeout: .milliseconds(milliseconds))
            let body = try await answer.body.collect(upTo: request.answerBytesMax)
            return TransportAnswer(status: Int(answer.status.code), body: Data(buffer: body))
        } catch is NIOTooManyBytesError {
            throw CloudError.answerTooLarge(byteCountMax: request.answerBytesMax)
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            throw CloudError.deadlineExceeded(milliseconds: milliseconds)
        } catch let error as CancellationError {
            throw error
        } catch {
            // The client's errors name no header, so that the key cannot leak through them.
            throw CloudError.unreachable(reason: String(describing: error))
        }
    }
}
