package import Foundation

/// One POST of JSON.
package struct TransportRequest: Sendable {
    package var url: String

    /// The key's own among them: never to be logged.
    package var headers: [(name: String, value: String)]
    package var body: Data

    /// From the first byte sent to the last received.
    package var deadline: Duration
    package var answerBytesMax: Int

    package init(
        url: String, headers: [(name: String, value: String)], body: Data, deadline: Duration,
        answerBytesMax: Int
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.answerBytesMax = answerBytesMax
    }
}

/// A status, header fields and a whole body.
package struct TransportAnswer: Sendable {
    package var status: Int

    /// By names in lower case.
    package var headers: [String: String]
    package var body: Data

    package init(status: Int, headers: [String: String] = [:], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The network, as far as it is needed here.
package protocol EmbeddingTransport: Sendable {
    /// - Throws: `CloudError.deadlineExceeded`, `.unreachable`, `.connectionLost`, `.answerTooLarge`;
    ///   `CancellationError`. Any status is an answer.
    func post(_ request: TransportRequest) async throws -> TransportAnswer
}
