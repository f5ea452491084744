import Cloud
import Embedding
import Foundation
import Synchronization
import Testing

/// What becomes of a call, by a provider without a network and a clock on which nobody waits.
struct RemoteEmbedderTests {
    private static func failure(_ body: () async throws -> some Any) async -> CloudError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? CloudError
        }
    }

    // MARK: Answers

    @Test func `rows come in input order and at unit length, whatever order and length they were sent in`()
        async throws
    {
        let test = try ScriptedEmbedder { _ in
            .json(#"{"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}]}"#)
        }
        let matrix = try await test.embedder.embed(["a", "b"], as: .passage)
        #expect(matrix.row(0) == [0.6, 0.8])
        #expect(matrix.row(1) == [0, 1])
    }

    @Test(arguments: [
        // The first of a server that leaves out what is zero.
        #"{"data":[{"embedding":[3,4]},{"index":1,"embedding":[0,2]}]}"#,
        // A server that numbers nothing.
        #"{"data":[{"embedding":[3,4]},{"embedding":[0,2]}]}"#,
        // Base64 that was asked for: 3, 4 and 0, 2.
        #"{"data":[{"index":0,"embedding":"AABAQAAAgEA="},{"index":1,"embedding":"AAAAAAAAAEA="}]}"#,
        #"{"data":[{"index":0,"embedding":[3,4]},{"index":1,"embedding":[0,2]}],"usage":"?","error":null}"#,
    ])
    func `an answer is read in whichever form it comes`(body: String) async throws {
        let test = try ScriptedEmbedder { _ in .json(body) }
        let matrix = try await test.embedder.embed(["a", "b"], as: .passage)
        #expect(matrix.row(0) == [0.6, 0.8] && matrix.row(1) == [0, 1])
        #expect(test.provider.log.count == 1)
    }

    @Test(arguments: [
        #"{"error":{"message":"out of memory"}}"#,
        #"{"data":[],"message":"overloaded"}"#,
        #"{"data":[{"index":0,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":7,"embedding":[1,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1,0,0]}]}"#,
        #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embed"#,
        "<html>gateway</html>", "",
    ])
    func `an answer under 200 that is not what was asked for is not used, and asked for again`(
        body: String
    ) async throws {
        let test = try ScriptedEmbedder { call in
            call.number == 0 ? .json(body) : .vectors(of: call.texts)
        }
        #expect(try await test.outcome(of: ["aa", "b"]).delivered == [0, 1])
        #expect(test.provider.log.count == 2)
        // A single vector would be a right answer to the word that is asked about when all else failed.
        let never = try ScriptedEmbedder { call in
            call.texts.count == 1 ? .json(#"{"data":[]}"#) : .json(body)
        }
        let error = await Self.failure { try await never.embedder.embed(["aa", "b"], as: .passage) }
        guard case .gaveUp(let count, _, .wrongAnswer) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(count == RetryPolicy().faultsMax)
    }

    @Test(arguments: [
        #"{"index":1,"embedding":[null,1]}"#, #"{"index":1,"embedding":null}"#, #"{"index":1}"#,
        #"{"index":1,"embedding":[0,0]}"#, #"{"index":1,"embedding":[1e39,0]}"#,
        #"{"index":1,"embedding":[NaN,0]}"#, #"{"index":1,"embedding":"AADAfwAAgD8="}"#,
    ])
    func `a row without numbers is asked for again alone, and the others are kept`(row: String) async throws {
        let bad = "{\"data\":[{\"index\":0,\"embedding\":[2,1]},\(row)]}"
        let test = try ScriptedEmbedder { call in
            call.number == 0 ? .json(bad) : .vectors(of: call.texts)
        }
        let outcome = try await test.outcome(of: ["aa", "b"])
        #expect(outcome.delivered == [0, 1] && outcome.refusals.isEmpty)
        #expect(test.provider.log.map(\.texts) == [["aa", "b"], ["b"]])
    }

    @Test func `a text that never gets numbers fails alone`() async throws {
        let test = try ScriptedEmbedder { call in
            let rows = call.texts.enumerated().map { index, text in
                text == "b"
                    ? #"{"index":\#(index),"embedding":[null,1]}"#
                    : #"{"index":\#(index),"embedding":[\#(text.utf8.count),1]}"#
            }
            return .json(#"{"data":[\#(rows.joined(separator: ","))]}"#)
        }
        let outcome = try await test.outcome(of: ["aa", "b", "ccc"])
        #expect(outcome.delivered == [0, 2])
        #expect(
            outcome.refusals
                == [TextRefusal(index: 1, reason: "it is answered with null in component 0")])
        // As often as any fault, and one word in the end, to know that the provider is well.
        #expect(
            test.provider.log.map(\.texts.count) == [3]
                + Array(repeating: 1, count: RetryPolicy().faultsMax + 1))
        #expect(test.provider.log.last?.texts == ["word"])
    }

    @Test func `a model that makes numbers of no text is not asked about each of them`() async throws {
        let test = try ScriptedEmbedder { call in
            let rows = call.texts.indices.map { #"{"index":\#($0),"embedding":[0,0]}"# }
            return .json(#"{"data":[\#(rows.joined(separator: ","))]}"#)
        }
        let outcome = try await test.outcome(of: Array(repeating: "a", count: 100))
        #expect(outcome.delivered.isEmpty && outcome.refusals.count == 100)
        #expect(outcome.refusals.first?.reason == "it is answered with only zeros")
        #expect(test.provider.log.count == 3)
    }

    // MARK: Refusals

    @Test(arguments: [400, 413, 422])
    func `a batch that is refused is halved until the bad text stands alone`(status: Int) async throws {
        let texts = (0..<100).map { String(repeating: "x", count: $0 + 1) }
        let poison = texts[61]
        let test = try ScriptedEmbedder { call in
            call.texts.contains(poison) ? .refusal(status, "bad input") : .vectors(of: call.texts)
        }
        let outcome = try await test.outcome(of: texts)
        #expect(outcome.delivered == texts.indices.filter { $0 != 61 })
        #expect(outcome.refusals == [TextRefusal(index: 61, reason: "status \(status): bad input")])
        // Each halving asks about two parts; and one word, to know that it is a text which is wrong.
        #expect(test.provider.log.count <= 2 + 2 * 7)
    }

    @Test func `a provider that takes fewer texts than its kind is sent so many from then on`() async throws {
        let test = try ScriptedEmbedder { call in
            call.texts.count > 10 ? .refusal(400, "batch size is invalid") : .vectors(of: call.texts)
        }
        let texts = (0..<64).map { String(repeating: "x", count: $0 + 1) }
        #expect(try await test.outcome(of: texts).delivered.count == 64)
        let before = test.provider.log.count
        #expect(try await test.outcome(of: texts).delivered.count == 64)
        #expect(test.provider.log.dropFirst(before).map(\.texts.count) == Array(repeating: 8, count: 8))
    }

    @Test func `a provider that knows no base64 is asked for numbers, which costs two words`() async throws {
        let test = try ScriptedEmbedder { call in
            call.fields["encoding_format"] == "base64"
                ? .refusal(400, "base64 encoding is not currently supported") : .vectors(of: call.texts)
        }
        let outcome = try await test.outcome(of: ["a", "bb", "ccc"])
        #expect(outcome.delivered == [0, 1, 2] && outcome.refusals.isEmpty)
        #expect(test.provider.log.map(\.texts.count) == [3, 1, 1, 3])
        _ = try await test.outcome(of: ["a", "bb"])
        #expect(test.provider.log.last?.fields["encoding_format"] == "float")
        #expect(test.provider.log.count == 5)
    }

    @Test func `a provider that refuses the field itself is asked without it`() async throws {
        let test = try ScriptedEmbedder { call in
            call.fields["encoding_format"] != nil ? .refusal(422, "unknown field") : .vectors(of: call.texts)
        }
        #expect(try await test.outcome(of: ["a", "bb"]).delivered == [0, 1])
    }

    @Test func `settings that are refused are not looked for among a thousand texts`() async throws {
        let test = try ScriptedEmbedder { _ in .refusal(400, "model has no dimensions") }
        let texts = Array(repeating: "text", count: 1_000)
        let error = await Self.failure { try await test.embedder.embed(texts, as: .passage) }
        #expect(error == .refused(status: 400, message: "model has no dimensions"))
        #expect(test.provider.log.count == 4)
        #expect(test.embedder.circuit.phase == .open)
        let next = await Self.failure { try await test.embedder.embed(texts, as: .passage) }
        guard case .circuitOpen(let report) = next else {
            Issue.record("\(String(describing: next))")
            return
        }
        #expect(report.lastFailure == error && next?.isRetriable == false)
        #expect(test.provider.log.count == 4)
    }

    @Test func `a provider that begins to refuse everything is not asked about every text`() async throws {
        let test = try ScriptedEmbedder { call in
            call.number == 0 ? .vectors(of: call.texts) : .refusal(400, "your credit is used up")
        }
        _ = try await test.outcome(of: ["a"])
        let error = await Self.failure {
            try await test.embedder.embed(Array(repeating: "b", count: 1_024), as: .passage)
        }
        #expect(error == .refusesAll(reason: "status 400: your credit is used up"))
        #expect(test.provider.log.count <= 16)
    }

    @Test func `a fault that one text causes is found, though the provider says it is its own`() async throws
    {
        let texts = (0..<32).map { String(repeating: "x", count: $0 + 1) }
        let test = try ScriptedEmbedder { call in
            call.texts.contains(texts[0])
                ? .json(#"{"error":"json: unsupported value: NaN"}"#, status: 500) : .vectors(of: call.texts)
        }
        let outcome = try await test.outcome(of: texts)
        #expect(outcome.delivered == Array(1..<32))
        #expect(
            outcome.refusals
                == [TextRefusal(index: 0, reason: "status 500: json: unsupported value: NaN")])
    }

    @Test func `a question that is refused says so, with the provider's reason`() async throws {
        let test = try ScriptedEmbedder { call in
            call.texts == ["bad"] ? .refusal(400, "too long") : .vectors(of: call.texts)
        }
        let error = await Self.failure { try await test.embedder.embed(["bad"], as: .query) }
        #expect(error == .textsRefused(count: 1, index: 0, reason: "status 400: too long"))
    }

    // MARK: Again

    @Test(arguments: [408, 500, 502, 503, 504, 529])
    func `a fault that passes is waited out`(status: Int) async throws {
        let test = try ScriptedEmbedder { call in
            call.number < 3 ? .refusal(status) : .vectors(of: call.texts)
        }
        #expect(try await test.outcome(of: ["a", "bb"]).delivered == [0, 1])
        #expect(test.clock.sleeps == [.milliseconds(500), .seconds(1), .seconds(2)])
    }

    @Test(arguments: [
        CloudError.connectionLost(reason: "reset"), .unreachable(reason: "refused"),
        .deadlineExceeded(milliseconds: 1),
    ])
    func `a call that was not answered is made again`(error: CloudError) async throws {
        let test = try ScriptedEmbedder { call in
            if call.number == 0 { throw error }
            return .vectors(of: call.texts)
        }
        #expect(try await test.outcome(of: ["a", "bb"]).delivered == [0, 1])
    }

    @Test(arguments: [401, 402, 403, 404])
    func `a refusal that is our fault is not repeated`(status: Int) async throws {
        let test = try ScriptedEmbedder { _ in .refusal(status, "bad key") }
        let error = await Self.failure { try await test.embedder.embed(["a", "b"], as: .passage) }
        #expect(error == .refused(status: status, message: "bad key"))
        #expect(test.provider.log.count == 1 && test.clock.sleeps.isEmpty)
    }

    @Test func `a quota that is used up is no matter of waiting`() async throws {
        let body = #"{"error":{"message":"check your plan","code":"insufficient_quota"}}"#
        let test = try ScriptedEmbedder { _ in .json(body, status: 429, headers: ["retry-after": "1"]) }
        let error = await Self.failure { try await test.embedder.embed(["a"], as: .passage) }
        #expect(error == .refused(status: 402, message: "check your plan"))
        #expect(test.provider.log.count == 1)
    }

    @Test func `an error of a gateway under 200 is treated as the status that it states`() async throws {
        let test = try ScriptedEmbedder { call in
            call.number == 0
                ? .json(#"{"error":{"message":"slow down","code":429}}"#, headers: ["retry-after": "4"])
                : .vectors(of: call.texts)
        }
        #expect(try await test.outcome(of: ["a"]).delivered == [0])
        #expect(test.provider.log.map(\.time) == [.zero, .seconds(4.5)])
    }

    @Test func `nobody calls before the moment that one call was told`() async throws {
        let test = try ScriptedEmbedder(jitter: 0) { call in
            call.number == 0 ? .refusal(429, headers: ["retry-after": "30"]) : .vectors(of: call.texts)
        }
        async let first = test.outcome(of: ["a", "bb"])
        async let second = test.outcome(of: ["ccc"])
        let delivered = try await (first.delivered, second.delivered)
        #expect(delivered == ([0, 1], [0]))
        let early = test.provider.log.dropFirst().filter { $0.time < .seconds(30) }
        // The other call may have been under way already.
        #expect(early.count <= 1)
        _ = try await test.outcome(of: ["a"])
        #expect(test.provider.log.count == 4)
    }

    @Test func `a wait longer than all patience is not begun, and the error says how long it is`()
        async throws
    {
        let test = try ScriptedEmbedder { _ in .refusal(429, "later", headers: ["retry-after": "3600"]) }
        let error = await Self.failure { try await test.embedder.embed(["a"], as: .passage) }
        #expect(error == .throttled(status: 429, message: "later", retryAfter: .seconds(3_600)))
        #expect(test.clock.sleeps.isEmpty && test.provider.log.count == 1)
        // All others know by now, and do not even ask.
        let next = await Self.failure { try await test.embedder.embed(["b"], as: .query) }
        #expect(next == .patienceExhausted(needed: .seconds(3_600), left: .seconds(60)))
        #expect(test.provider.log.count == 1)
    }

    @Test func `what is left of an allowance is kept to before the provider has to refuse`() async throws {
        let test = try ScriptedEmbedder { call in
            .vectors(
                of: call.texts,
                headers: [
                    "x-ratelimit-remaining-requests": "0", "x-ratelimit-limit-requests": "10",
                    "x-ratelimit-reset-requests": "50s",
                ])
        }
        for _ in 0..<3 { _ = try await test.outcome(of: ["a"]) }
        #expect(test.provider.log.map(\.time) == [.zero, .seconds(5), .seconds(10)])
    }

    @Test func `a batch that is too slow for the deadline is halved, and smaller ones are sent from then on`()
        async throws
    {
        let test = try ScriptedEmbedder { call in
            if call.texts.count > 5 { throw CloudError.deadlineExceeded(milliseconds: 60_000) }
            return .vectors(of: call.texts)
        }
        let texts = (0..<20).map { String(repeating: "x", count: $0 + 1) }
        #expect(try await test.outcome(of: texts).delivered == Array(0..<20))
        let before = test.provider.log.count
        #expect(try await test.outcome(of: texts).delivered == Array(0..<20))
        #expect(test.provider.log.dropFirst(before).map(\.texts.count) == [5, 5, 5, 5])
    }

    // MARK: The circuit

    @Test func `a provider that is down is left alone, and the error says how the circuit stands`()
        async throws
    {
        let test = try ScriptedEmbedder { _ in throw CloudError.unreachable(reason: "refused") }
        for _ in 0..<2 { _ = await Self.failure { try await test.embedder.embed(["a"], as: .query) } }
        let calls = test.provider.log.count
        #expect(calls == CircuitBreaker.failuresMax)
        let error = await Self.failure { try await test.embedder.embed(["a"], as: .query) }
        guard case .circuitOpen(let report) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(report.phase == .open && report.failureCount == calls)
        #expect(report.nextTryIn > .zero && report.nextTryIn + report.openFor == .seconds(5))
        #expect(report.lastFailure == .unreachable(reason: "refused"))
        #expect(report == test.embedder.circuit)
        #expect(test.provider.log.count == calls)
    }

    @Test func `an ingest waits for a provider that comes back`() async throws {
        let test = try ScriptedEmbedder { call in
            if call.time < .seconds(120) { throw CloudError.unreachable(reason: "refused") }
            return .vectors(of: call.texts)
        }
        var delivered = 0
        for _ in 0..<12 where delivered == 0 {
            delivered = (try? await test.outcome(of: ["a", "bb"]).delivered.count) ?? 0
        }
        #expect(delivered == 2)
        #expect(test.embedder.circuit.phase == .closed)
        #expect(test.provider.log.count < 25)
    }

    @Test func `an ingest of many documents does not wait for each of them when the provider stays away`()
        async throws
    {
        let test = try ScriptedEmbedder { _ in throw CloudError.unreachable(reason: "refused") }
        for _ in 0..<1_000 { _ = await Self.failure { try await test.outcome(of: ["a"]) } }
        #expect(test.clock.now < .seconds(1_500))
        #expect(test.provider.log.count < 100)
    }

    // MARK: Spend

    @Test func `calls and tokens are counted, those of answers of no use too`() async throws {
        let test = try ScriptedEmbedder {
            $0.pricePerMillion = 2
        } respond: { call in
            switch call.number {
            case 0: .json(#"{"data":[{"embedding":[1]}],"usage":{"total_tokens":40}}"#)
            case 1: .refusal(500)
            default: .vectors(of: call.texts, tokens: 60)
            }
        }
        _ = try await test.outcome(of: ["a"])
        let spend = try #require(test.embedder.spend)
        #expect(spend.callCount == 3 && spend.tokenCount == 100 && spend.uncertainTokenCount == 0)
        #expect(abs((spend.cost ?? 0) - 0.0002) < 1e-12)
    }

    @Test func `what a lost answer cost is kept apart`() async throws {
        let test = try ScriptedEmbedder { call in
            if call.number == 0 { throw CloudError.connectionLost(reason: "reset") }
            return .vectors(of: call.texts, tokens: 3)
        }
        _ = try await test.outcome(of: ["a b c"])
        #expect(
            test.embedder.spend == EmbeddingSpend(callCount: 2, tokenCount: 3, uncertainTokenCount: 3))
    }

    @Test func `the cap stops before the call that would exceed it, and what was delivered stays`()
        async throws
    {
        let test = try ScriptedEmbedder {
            $0.spendTokensMax = 25
            $0.textsPerCall = 1
            $0.concurrency = 1
        } respond: { call in
            .vectors(of: call.texts, tokens: 10)
        }
        let text = "one two three four five six seven eight nine ten"
        let delivered = Mutex(0)
        let error = await Self.failure {
            try await test.embedder.embed(Array(repeating: text, count: 5), as: .passage) { part in
                delivered.withLock { $0 += part.indexes.count }
            }
        }
        #expect(error == .spendCapReached(spent: 20, needed: 12, max: 25))
        #expect(delivered.withLock { $0 } == 2 && test.provider.log.count == 2)
        #expect(test.embedder.spend?.tokenCount == 20)
    }

    // MARK: The key

    @Test func `no error shows the key, whatever the provider repeats of it`() async throws {
        let test = try ScriptedEmbedder { call in
            .refusal(401, "Incorrect API key provided: \(ScriptedEmbedder.key), \(call.headers)")
        }
        let error = await Self.failure { try await test.embedder.embed(["a"], as: .passage) }
        #expect(error != nil && !"\(String(describing: error))".contains("0123456789"))
    }

    @Test(arguments: ["", "two words", "line\nbreak", "ключ"])
    func `a key that no header can carry is refused, and not shown`(key: String) {
        var configuration = RemoteConfiguration(endpoint: "https://x.test/v1", model: "m", dimension: 2)
        configuration.apiKey = key
        #expect(throws: CloudError.invalidKey(expected: "visible ASCII characters without spaces")) {
            try RemoteEmbedder(configuration: configuration, transport: HTTPTransport())
        }
    }

    // MARK: Bounds

    @Test func `no call is made for no text, and none for more than are taken`() async throws {
        let test = try ScriptedEmbedder { .vectors(of: $0.texts) }
        #expect(try await test.embedder.embed([], as: .passage).rowCount == 0)
        let many = Array(repeating: "x", count: RemoteEmbedder.textsMax + 1)
        let error = await Self.failure { try await test.embedder.embed(many, as: .passage) }
        #expect(error == .tooManyTexts(found: 16_385, max: 16_384))
        #expect(test.provider.log.isEmpty)
    }

    @Test func `as many calls are under way as the provider has shown to bear, and never more than the most`()
        async throws
    {
        let busy = Mutex((now: 0, most: 0))
        let test = try ScriptedEmbedder {
            $0.textsPerCall = 1
            $0.concurrency = 6
        } respond: { call in
            busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            for _ in 0..<20 { await Task.yield() }
            busy.withLock { $0.now -= 1 }
            return .vectors(of: call.texts)
        }
        let texts = (0..<200).map { String(repeating: "x", count: $0 + 1) }
        #expect(try await test.outcome(of: texts).delivered.count == 200)
        #expect(busy.withLock { $0.most } <= 6)
        #expect(test.embedder.callsAllowed > 4)
    }

    @Test func `a call that is called off ends at once, and the next finds everything in order`() async throws
    {
        let test = try ScriptedEmbedder { call in
            if call.texts == ["wait"] {
                // Ends when it is called off, and not before.
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                for await _ in stream {}
                withExtendedLifetime(continuation) {}
                throw CancellationError()
            }
            return .vectors(of: call.texts)
        }
        let running = Task { try await test.embedder.embed(["wait"], as: .passage) }
        while test.provider.log.isEmpty { await Task.yield() }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(try await test.outcome(of: ["a"]).delivered == [0])
    }

    @Test(arguments: ["", "embeddings", "ftp://127.0.0.1/", "http:///v1", "https://me:secret@x.test/v1"])
    func `an endpoint that is no URL of a web server is refused, and no password of it shown`(
        endpoint: String
    ) {
        let configuration = RemoteConfiguration(endpoint: endpoint, model: "m", dimension: 2)
        #expect {
            try RemoteEmbedder(configuration: configuration, transport: HTTPTransport())
        } throws: { error in
            guard case .invalidEndpoint = error as? CloudError else { return false }
            return !"\(error)".contains("secret")
        }
    }

    @Test func `a limit beyond what the provider's kind takes is refused with its bounds`() {
        var configuration = RemoteConfiguration(
            endpoint: "https://api.cohere.com", model: "embed-v4.0", dimension: 1_536)
        configuration.textsPerCall = 97
        #expect(throws: CloudError.invalidLimit(name: "texts-per-call", found: 97, allowed: 1...96)) {
            try RemoteEmbedder(configuration: configuration, transport: HTTPTransport())
        }
    }
}
