import Foundation
import Synchronization

/// An embeddings API of OpenAI's kind on a free loopback port, with a log and a bill, that can be told to misbehave.
package final class EmbeddingProvider: Sendable {
    /// What to do instead of what is asked for.
    package enum Fault: Sendable, Hashable {
        case status(Int, retryAfter: String? = nil, message: String = "no")
        case reset
        case stall
        case truncated
        case wrongOrder
        case wrongDimension

        /// The last vector has a component that is no number, as base64 has it and JSON does not.
        case notANumber

        /// The last vector has `null` among its numbers.
        case null
        case errorUnder200
    }

    /// One request, as the provider saw it.
    package struct Entry: Sendable {
        package var number: Int

        /// By the clock that was passed in.
        package var time: Duration
        package var texts: [String]
        package var headers: [String: String]
        package var fault: Fault?

        /// Tokens that the answer said were charged.
        package var billedTokens = 0
    }

    private let state = Mutex<[Entry]>([])
    private let server = Mutex<StubHTTPServer?>(nil)
    private let dimension: Int
    private let now: @Sendable () -> Duration
    private let judge: @Sendable (Entry) -> Fault?

    /// - Parameters:
    ///   - now: what the log's times are by.
    ///   - judge: called with each request, its `fault` nil; says how to misbehave.
    package static func start(
        dimension: Int, now: @escaping @Sendable () -> Duration = { .zero },
        judge: @escaping @Sendable (Entry) -> Fault? = { _ in nil }
    ) async throws -> EmbeddingProvider {
        let provider = EmbeddingProvider(dimension: dimension, now: now, judge: judge)
        let server = try await StubHTTPServer.start { provider.answer(to: $0) }
        provider.server.withLock { $0 = server }
        return provider
    }

    private init(
        dimension: Int, now: @escaping @Sendable () -> Duration, judge: @escaping @Sendable (Entry) -> Fault?
    ) {
        self.dimension = dimension
        self.now = now
        self.judge = judge
    }

    package var url: String { "http://127.0.0.1:\(server.withLock { $0?.port ?? 0 })/v1" }
    package var log: [Entry] { state.withLock { $0 } }
    package var billedTokens: Int { log.reduce(0) { $0 + $1.billedTokens } }

    package func stop() async throws {
        try await server.withLock { $0 }?.stop()
    }

    // MARK: What is right

    /// The vector of a text, three units long: whoever needs unit length must see to it.
    package static func vector(of text: String, dimension: Int) -> [Float] {
        var seed = SplitMix64(
            seed: text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
        let raw = (0..<dimension).map { _ in Float(seed.next() >> 40) / Float(1 << 24) - 0.5 }
        let norm = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return raw.map { $0 / norm * 3 }
    }

    /// By a tokenizer of its own: a third more than four bytes a token, and two for each text.
    package static func tokenCount(of text: String) -> Int {
        text.utf8.count / 3 + 2
    }

    // MARK: Answering

    private struct Request: Decodable {
        var input: [String]
        var encoding_format: String?
    }

    private struct Row: Encodable {
        var index: Int
        var embedding: String?
        var values: [Float?]?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(index, forKey: .index)
            if let values { try container.encode(values, forKey: .embedding) }
            if let embedding { try container.encode(embedding, forKey: .embedding) }
        }

        enum Key: String, CodingKey {
            case index, embedding
        }
    }

    private struct Answer: Encodable {
        struct Usage: Encodable {
            var prompt_tokens: Int
            var total_tokens: Int
        }

        var data: [Row]
        var usage: Usage
    }

    private func answer(to received: StubHTTPServer.Received) -> StubHTTPServer.Answer {
        guard let request = try? JSONDecoder().decode(Request.self, from: received.body) else {
            return .reply(status: 400, body: #"{"error":{"message":"that is no request"}}"#)
        }
        let (entry, fault) = state.withLock { log in
            var entry = Entry(
                number: log.count, time: now(), texts: request.input, headers: received.headers, fault: nil)
            entry.fault = judge(entry)
            log.append(entry)
            return (entry, entry.fault)
        }
        switch fault {
        case .status(let status, let retryAfter, let message):
            return .reply(
                status: status, headers: retryAfter.map { [("retry-after", $0)] } ?? [],
                body: #"{"error":{"message":"\#(message)","type":"invalid"}}"#)
        case .reset: return .reset
        case .stall: return .neverReply
        case .truncated: return .truncated(body: body(request, fault, bill: 0))
        case .errorUnder200: return .reply(status: 200, body: #"{"error":{"message":"out of memory"}}"#)
        case nil, .wrongOrder, .wrongDimension, .notANumber, .null:
            let bill = request.input.reduce(0) { $0 + Self.tokenCount(of: $1) }
            state.withLock { $0[entry.number].billedTokens = bill }
            return .reply(status: 200, body: body(request, fault, bill: bill))
        }
    }

    private func body(_ request: Request, _ fault: Fault?, bill: Int) -> String {
        let width = fault == .wrongDimension ? dimension + 1 : dimension
        let last = request.input.count - 1
        var rows = request.input.enumerated().map { index, text in
            var vector: [Float?] = Self.vector(of: text, dimension: width).map { $0 }
            if index == last, fault == .null { vector[1] = nil }
            if index == last, fault == .notANumber { vector[1] = .nan }
            let asNumbers = request.encoding_format != "base64" || fault == .null
            return asNumbers && fault != .notANumber
                ? Row(index: index, values: vector)
                : Row(index: index, embedding: Self.base64(vector.map { $0 ?? 0 }))
        }
        if fault == .wrongOrder { rows.reverse() }
        let answer = Answer(data: rows, usage: Answer.Usage(prompt_tokens: bill, total_tokens: bill))
        return (try? JSONEncoder().encode(answer)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func base64(_ vector: [Float]) -> String {
        let bytes = vector.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
        }
        return Data(bytes).base64EncodedString()
    }
}
