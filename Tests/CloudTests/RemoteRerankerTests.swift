import Cloud
import Embedding
import Foundation
import TestSupport
import Testing

/// What becomes of a question that a reranking API is to decide.
struct RemoteRerankerTests {
    private static let key = "sk-rerank-0123456789abcdef"
    private static let passages = ["a petrel", "a lamp", "a gull"]

    /// The right answer to three passages, in a provider's order.
    private static let right =
        #"{"results":[{"index":2,"relevance_score":0.9},{"index":0,"relevance_score":-4.5},"#
        + #"{"index":1,"relevance_score":0.1}]}"#

    /// A reranker over a scripted provider, and both at hand.
    private struct Scripted {
        let clock = JumpingClock()
        let provider: ScriptedProvider
        let reranker: RemoteReranker

        init(
            _ endpoint: String = "https://provider.test/v1/rerank", jitter: Double = 1,
            respond: @escaping @Sendable (ScriptedProvider.Call) async throws -> TransportAnswer
        ) throws {
            var configuration = RerankerConfiguration(endpoint: endpoint, model: "m")
            configuration.apiKey = RemoteRerankerTests.key
            provider = ScriptedProvider(clock: clock, respond: respond)
            reranker = try RemoteReranker(
                configuration: configuration, transport: provider, clock: clock, jitter: { jitter })
        }

        func scores(of passages: [String] = RemoteRerankerTests.passages) async throws -> [Double] {
            try await reranker.scores(of: passages, for: "where does it nest?")
        }

        /// What it fails with; nil if it does not.
        func failure(of passages: [String] = RemoteRerankerTests.passages) async -> CloudError? {
            do {
                _ = try await scores(of: passages)
                return nil
            } catch {
                return (error as? RerankerFailure)?.cause
            }
        }
    }

    // MARK: Shapes

    @Test(arguments: [
        ("https://api.cohere.com", RerankShape.cohere, "https://api.cohere.com/v2/rerank"),
        ("https://api.cohere.com/v2/", .cohere, "https://api.cohere.com/v2/rerank"),
        ("https://api.jina.ai", .jina, "https://api.jina.ai/v1/rerank"),
        ("https://api.jina.ai/v1", .jina, "https://api.jina.ai/v1/rerank"),
        ("http://localhost:8000/v1/rerank", .jina, "http://localhost:8000/v1/rerank"),
        ("http://localhost:8000/v2", .cohere, "http://localhost:8000/v2/rerank"),
        ("http://localhost:8080", .tei, "http://localhost:8080/rerank"),
        ("http://localhost:8080/rerank/", .tei, "http://localhost:8080/rerank"),
        ("http://notcohere.com/x?y=1", .tei, "http://notcohere.com/x/rerank?y=1"),
    ])
    func `the kind is told by host and path, and a base URL is completed to the route`(
        endpoint: String, shape: RerankShape, url: String
    ) async throws {
        #expect(RerankShape(guessedFrom: endpoint) == shape)
        let test = try Scripted(endpoint) { _ in .json(Self.right) }
        _ = try await test.scores()
        #expect(test.provider.log.map(\.url) == [url])
    }

    @Test func `each kind is asked in its own fields, with the key in the header`() async throws {
        let fields: [(String, Set<String>)] = [
            ("https://api.cohere.com", ["model", "query", "top_n"]),
            ("https://api.jina.ai", ["model", "query", "top_n", "return_documents"]),
            ("http://localhost:8080", ["query", "truncate"]),
        ]
        for (endpoint, names) in fields {
            let test = try Scripted(endpoint) { _ in .json(Self.right) }
            _ = try await test.scores()
            let call = try #require(test.provider.log.first)
            #expect(Set(call.fields.keys) == names && call.texts == Self.passages)
            #expect(call.fields["query"] == "where does it nest?")
            #expect(call.fields["top_n"] ?? "3" == "3" && call.fields["model"] ?? "m" == "m")
            #expect(call.headers == ["authorization": "Bearer \(Self.key)"])
        }
    }

    @Test(arguments: [
        right,
        #"[{"index":2,"score":0.9},{"index":0,"score":-4.5},{"index":1,"score":0.1}]"#,
        #"{"message":"ok","error":null,"results":[{"index":0,"relevance_score":-4.5,"document":{"text":"a petrel"}},"#
            + #"{"index":1,"relevance_score":0.1},{"index":2,"relevance_score":0.9}]}"#,
    ])
    func `scores come in the passages' order, in whichever form they are answered`(body: String) async throws
    {
        let test = try Scripted { _ in .json(body) }
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
        #expect(test.provider.log.count == 1 && test.reranker.model == "m")
    }

    @Test(arguments: RerankShape.allCases)
    func `over real HTTP each kind is asked at its route`(shape: RerankShape) async throws {
        let server = try await StubHTTPServer.start([.reply(status: 200, body: Self.right)])
        var configuration = RerankerConfiguration(endpoint: "http://127.0.0.1:\(server.port)", model: "m")
        configuration.shape = shape
        let reranker = try RemoteReranker(configuration: configuration, transport: HTTPTransport())
        let scores = try await reranker.scores(of: Self.passages, for: "where?")
        try await server.stop()
        #expect(scores == [-4.5, 0.1, 0.9])
        let routes: [RerankShape: String] = [.cohere: "/v2/rerank", .jina: "/v1/rerank", .tei: "/rerank"]
        let received = try #require(server.received.first)
        #expect(received.method == "POST" && received.path == routes[shape])
        #expect(received.headers["authorization"] == nil)
    }

    // MARK: Wrong answers

    @Test(arguments: [
        (#"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1}]}"#, "2 scores", "3"),
        (
            #"[{"index":0,"score":1},{"score":1},{"index":2,"score":1}]"#, "a score without an index",
            "each of 0 to 2 once"
        ),
        (
            #"[{"index":0,"score":1},{"index":2,"score":1},{"index":2,"score":1}]"#, "index 2",
            "each of 0 to 2 once"
        ),
        (
            #"[{"index":0,"score":1},{"index":1,"score":1},{"index":3,"score":1}]"#, "index 3",
            "each of 0 to 2 once"
        ),
        (
            #"[{"index":0,"score":1},{"index":1,"score":1},{"index":-1,"score":1}]"#, "index -1",
            "each of 0 to 2 once"
        ),
        (
            #"[{"index":0,"score":1},{"index":1,"score":NaN},{"index":2,"score":1}]"#, "nan at index 1",
            "a finite number"
        ),
        (
            #"[{"index":0,"score":1},{"index":1,"score":null},{"index":2,"score":1}]"#, "no score at index 1",
            "a finite number"
        ),
        ("<html>gateway</html>", "20 bytes that do not decode", "the scores of 3 passages"),
        (#"{"error":{"message":"out of memory"}}"#, "the error 'out of memory'", "the scores of 3 passages"),
        (#"{"detail":"overloaded"}"#, "the error 'overloaded'", "the scores of 3 passages"),
        (String(right.dropLast()) + #","error":"partly"}"#, "the error 'partly'", "the scores of 3 passages"),
        ("{}", "0 scores", "3"),
    ])
    func `an answer under 200 that is not what was asked for is not used, and asked for again once`(
        body: String, found: String, expected: String
    ) async throws {
        let test = try Scripted { call in .json(call.number == 0 ? body : Self.right) }
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
        #expect(test.provider.log.count == 2)
        let never = try Scripted { _ in .json(body) }
        let failure = await never.failure()
        guard case .gaveUp(2, _, let last) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(last == .wrongAnswer(found: found, expected: expected))
        #expect(never.provider.log.count == 2)
    }

    @Test func `an error of a gateway under 200 is treated as the status that it states`() async throws {
        let test = try Scripted { _ in .json(#"{"error":{"message":"bad key","code":401}}"#) }
        #expect(await test.failure() == .refused(status: 401, message: "bad key"))
        #expect(test.provider.log.count == 1)
    }

    @Test func `an answer larger than any right one is not read to its end`() async throws {
        let server = try await StubHTTPServer.start { _ in
            .reply(status: 200, body: String(repeating: " ", count: 100_000) + Self.right)
        }
        let reranker = try RemoteReranker(
            configuration: RerankerConfiguration(endpoint: "http://127.0.0.1:\(server.port)", model: "m"),
            transport: HTTPTransport())
        // 256 bytes a passage, six for each of their 20, and 65,536.
        let expected = RerankerFailure(cause: .answerTooLarge(byteCountMax: 66_424))
        await #expect(throws: expected) { try await reranker.scores(of: Self.passages, for: "where?") }
        try await server.stop()
        #expect(server.received.count == 1)
    }

    // MARK: Again, and no more

    @Test func `who is told to come back later does so once, and not before`() async throws {
        let test = try Scripted { call in
            call.number == 0
                ? .refusal(429, "slow down", headers: ["retry-after": "2"]) : .json(Self.right)
        }
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
        #expect(test.provider.log.map(\.time) == [.zero, .milliseconds(2_200)])
    }

    @Test func `a wait that is longer than the deadline is not begun`() async throws {
        let test = try Scripted { _ in .refusal(429, "later", headers: ["retry-after": "6"]) }
        #expect(await test.failure() == .throttled(status: 429, message: "later", retryAfter: .seconds(6)))
        #expect(test.provider.log.count == 1 && test.clock.sleeps.isEmpty)
        // The next knows, and does not even ask.
        #expect(await test.failure() == .patienceExhausted(needed: .seconds(6), left: .seconds(5)))
        #expect(test.provider.log.count == 1)
    }

    @Test(arguments: [
        CloudError.connectionLost(reason: "reset"), .unreachable(reason: "refused"),
        .deadlineExceeded(milliseconds: 1),
    ])
    func `a call that was not answered is made again once`(error: CloudError) async throws {
        let test = try Scripted { call in
            if call.number == 0 { throw error }
            return .json(Self.right)
        }
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
        let never = try Scripted { _ in throw error }
        #expect(await never.failure() == .gaveUp(callCount: 2, after: .milliseconds(200), last: error))
        #expect(never.provider.log.count == 2)
    }

    @Test func `a deadline that is over leaves no second call`() async throws {
        let clock = JumpingClock()
        let provider = ScriptedProvider(clock: clock) { _ in
            clock.pass(.seconds(5))
            throw CloudError.deadlineExceeded(milliseconds: 5_000)
        }
        let reranker = try RemoteReranker(
            configuration: RerankerConfiguration(endpoint: "http://provider.test", model: "m"),
            transport: provider, clock: clock, jitter: { 0 })
        let expected = RerankerFailure(cause: .deadlineExceeded(milliseconds: 5_000))
        await #expect(throws: expected) { try await reranker.scores(of: Self.passages, for: "where?") }
        #expect(provider.log.count == 1)
    }

    @Test func `a provider that falls silent meets the deadline`() async throws {
        let server = try await StubHTTPServer.start([.neverReply])
        var configuration = RerankerConfiguration(endpoint: "http://127.0.0.1:\(server.port)", model: "m")
        configuration.deadline = .milliseconds(50)
        let reranker = try RemoteReranker(configuration: configuration, transport: HTTPTransport())
        await #expect {
            try await reranker.scores(of: Self.passages, for: "where?")
        } throws: { error in
            guard case .deadlineExceeded = (error as? RerankerFailure)?.cause else { return false }
            return true
        }
        try await server.stop()
        #expect(server.received.count == 1)
    }

    @Test(arguments: [400, 401, 402, 403, 404, 413, 422])
    func `a refusal that is our fault is not repeated`(status: Int) async throws {
        let test = try Scripted { _ in .refusal(status, "no") }
        #expect(await test.failure() == .refused(status: status, message: "no"))
        #expect(test.provider.log.count == 1)
    }

    @Test func `a provider that is down is left alone for a while`() async throws {
        let test = try Scripted { call in
            if call.time < .seconds(3) { throw CloudError.unreachable(reason: "refused") }
            return .json(Self.right)
        }
        for _ in 0..<5 { _ = await test.failure() }
        #expect(test.provider.log.count == 10)
        guard case .circuitOpen = await test.failure() else {
            Issue.record("\(test.reranker.circuit)")
            return
        }
        #expect(test.provider.log.count == 10 && test.reranker.circuit.phase == .open)
        test.clock.pass(.seconds(5))
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
        #expect(test.reranker.circuit.phase == .closed)
    }

    @Test func `texts that are refused do not open the circuit`() async throws {
        let test = try Scripted { _ in .refusal(422, "too long") }
        for _ in 0..<20 { _ = await test.failure() }
        #expect(test.provider.log.count == 20 && test.reranker.circuit.phase == .closed)
    }

    // MARK: Bounds and keys

    @Test func `of no passages nothing is asked, and more than are taken are refused with both numbers`()
        async throws
    {
        let test = try Scripted { _ in .json(Self.right) }
        #expect(try await test.scores(of: []).isEmpty)
        #expect(
            await test.failure(of: Array(repeating: "a", count: 201)) == .tooManyTexts(found: 201, max: 200))
        let large = String(repeating: "x", count: RemoteReranker.textBytesMax)
        #expect(await test.failure(of: [large]) == .textsTooLarge(found: 2_000_019, max: 2_000_000))
        #expect(test.provider.log.isEmpty)
    }

    @Test func `no error shows the key, whatever the provider repeats of it`() async throws {
        let test = try Scripted { call in .refusal(401, "wrong key: \(Self.key), \(call.headers)") }
        let failure = await test.failure()
        #expect(failure != nil && !"\(String(describing: failure))".contains("0123456789"))
        let body = #"{"error":"wrong key: \#(Self.key)"}"#
        let under200 = try Scripted { _ in .json(body) }
        #expect(await under200.failure().map { !"\($0)".contains("0123456789") } == true)
    }

    @Test(arguments: ["", "rerank", "ftp://127.0.0.1/", "https://me:secret@x.test/v1"])
    func `an endpoint that is no URL of a web server is refused, and no password of it shown`(
        endpoint: String
    ) {
        #expect {
            try RemoteReranker(
                configuration: RerankerConfiguration(endpoint: endpoint, model: "m"),
                transport: HTTPTransport())
        } throws: { error in
            guard case .invalidEndpoint = (error as? RerankerFailure)?.cause else { return false }
            return !"\(error)".contains("secret")
        }
    }

    @Test func `a key that no header can carry is refused, and not shown`() {
        var configuration = RerankerConfiguration(endpoint: "https://x.test/v1", model: "m")
        configuration.apiKey = "two words"
        let expected = RerankerFailure(
            cause: .invalidKey(expected: "visible ASCII characters without spaces"))
        #expect(throws: expected) {
            try RemoteReranker(configuration: configuration, transport: HTTPTransport())
        }
    }

    @Test func `a call that is called off ends at once`() async throws {
        let test = try Scripted { call in
            if call.number > 0 { return .json(Self.right) }
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            for await _ in stream {}
            withExtendedLifetime(continuation) {}
            throw CancellationError()
        }
        let running = Task { try await test.scores() }
        while test.provider.log.isEmpty { await Task.yield() }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(try await test.scores() == [-4.5, 0.1, 0.9])
    }
}
