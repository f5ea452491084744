import Cloud
import Embedding
import Foundation
import TestSupport
import Testing

struct RemoteEmbedderTests {
    private static let right = """
        {"object":"list","data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}],"model":"m"}
        """

    private func embed(
        _ texts: [String] = ["a", "b"], answers: [StubHTTPServer.Answer], deadline: Duration = .seconds(20)
    ) async throws -> (result: Result<EmbeddingMatrix, any Error>, received: [StubHTTPServer.Received]) {
        let server = try await StubHTTPServer.start(answers)
        let embedder = try RemoteEmbedder(
            configuration: .init(
                endpoint: "http://127.0.0.1:\(server.port)/v1/embeddings", model: "m", dimension: 2,
                apiKey: "secret-key", deadline: deadline),
            transport: HTTPTransport())
        let result: Result<EmbeddingMatrix, any Error>
        do { result = .success(try await embedder.embed(texts, as: .passage)) } catch {
            result = .failure(error)
        }
        let received = server.received
        try await server.stop()
        return (result, received)
    }

    @Test func `rows come in input order and at unit length, whatever order and length they were sent in`()
        async throws
    {
        let (result, received) = try await embed(answers: [.reply(status: 200, body: Self.right)])
        let matrix = try result.get()
        #expect(matrix.row(0) == [0.6, 0.8])
        #expect(matrix.row(1) == [0, 1])
        #expect(received.count == 1)
        #expect(received.first?.headers["authorization"] == "Bearer secret-key")
        #expect(received.first?.path == "/v1/embeddings")
    }

    @Test(arguments: [429, 500, 503])
    func `a busy provider is asked once more, and not twice`(status: Int) async throws {
        let once = try await embed(
            answers: [.reply(status: status, body: "busy"), .reply(status: 200, body: Self.right)])
        #expect(try once.result.get().rowCount == 2)
        let twice = try await embed(
            answers: [.reply(status: status, body: "busy"), .reply(status: status, body: "busy")])
        #expect(throws: CloudError.refused(status: status, message: "busy")) { try twice.result.get() }
        #expect(twice.received.count == 2)
    }

    @Test func `a dropped connection is tried once more`() async throws {
        let (result, _) = try await embed(answers: [.close, .reply(status: 200, body: Self.right)])
        #expect(try result.get().rowCount == 2)
    }

    @Test func `a refusal that is our fault is not repeated, and does not carry the key`() async throws {
        let (result, received) = try await embed(
            answers: [.reply(status: 401, body: #"{"error":{"message":"bad key"}}"#)])
        #expect(throws: CloudError.refused(status: 401, message: "bad key")) { try result.get() }
        #expect(received.count == 1)
        #expect(!String(describing: result).contains("secret-key"))
    }

    @Test func `a provider that never answers meets the deadline`() async throws {
        let (result, _) = try await embed(answers: [.neverReply, .neverReply], deadline: .milliseconds(50))
        #expect(throws: CloudError.deadlineExceeded(milliseconds: 50)) { try result.get() }
    }

    @Test(arguments: [
        #"{"error":{"message":"out of memory"}}"#,
        #"{"data":[{"index":0,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":7,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1,0,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1e39,0]}]}"#,
        #"{"data":[{"index":0,"embed"#,
        "<html>gateway</html>",
    ])
    func `an answer under 200 that is not what was asked for is an error, and nothing of it is used`(
        body: String
    ) async throws {
        let (result, _) = try await embed(
            answers: [.reply(status: 200, body: body), .reply(status: 200, body: body)])
        #expect {
            try result.get()
        } throws: { error in
            guard case .wrongAnswer = error as? CloudError else { return false }
            return true
        }
    }

    @Test(arguments: ["", "embeddings", "ftp://127.0.0.1/", "http:///v1"])
    func `an endpoint that is no URL of a web server is refused`(endpoint: String) {
        #expect(throws: CloudError.self) {
            try RemoteEmbedder(
                configuration: .init(endpoint: endpoint, model: "m", dimension: 2), transport: HTTPTransport()
            )
        }
    }

    @Test func `no call is made for no text, and none for more than a call may carry`() async throws {
        let none = try await embed([], answers: [])
        #expect(try none.result.get().rowCount == 0)
        let many = try await embed(Array(repeating: "x", count: 2_049), answers: [])
        #expect(throws: CloudError.tooManyTexts(found: 2_049, max: 2_048)) { try many.result.get() }
        #expect(none.received.isEmpty && many.received.isEmpty)
    }
}
