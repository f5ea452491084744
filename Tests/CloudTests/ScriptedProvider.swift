import Cloud
import Embedding
import Foundation
import Synchronization

/// A provider without a network: answers each call as a closure says, and keeps what it was sent.
final class ScriptedProvider: EmbeddingTransport {
    /// One call, as it was made.
    struct Call: Sendable {
        var number: Int
        var time: Duration
        var url: String
        var headers: [String: String]
        var texts: [String]
        var fields: [String: String]
    }

    private let calls = Mutex<[Call]>([])
    private let clock: any CallClock
    private let respond: @Sendable (Call) async throws -> TransportAnswer

    /// - Parameter respond: from one or several calls at once.
    init(clock: any CallClock, respond: @escaping @Sendable (Call) async throws -> TransportAnswer) {
        self.clock = clock
        self.respond = respond
    }

    var log: [Call] { calls.withLock { $0 } }

    func post(_ request: TransportRequest) async throws -> TransportAnswer {
        let object = try JSONSerialization.jsonObject(with: request.body) as? [String: Any] ?? [:]
        let lists = ["input", "texts", "documents"]
        let texts = lists.compactMap { object[$0] as? [String] }.first ?? []
        let fields = object.filter { !lists.contains($0.key) }.mapValues { "\($0)" }
        let headers = Dictionary(request.headers.map { ($0.name, $0.value) }) { first, _ in first }
        let call = calls.withLock { calls in
            let call = Call(
                number: calls.count, time: clock.now, url: request.url, headers: headers, texts: texts,
                fields: fields)
            calls.append(call)
            return call
        }
        return try await respond(call)
    }
}

extension TransportAnswer {
    /// The vectors of texts as OpenAI's list; each is (bytes of the text, 1).
    static func vectors(of texts: [String], tokens: Int? = nil, headers: [String: String] = [:]) -> Self {
        let rows = texts.enumerated().map { #"{"index":\#($0),"embedding":[\#($1.utf8.count),1]}"# }
        let usage = tokens.map { #","usage":{"total_tokens":\#($0)}"# } ?? ""
        return .json(#"{"data":[\#(rows.joined(separator: ","))]\#(usage)}"#, headers: headers)
    }

    static func json(_ text: String, status: Int = 200, headers: [String: String] = [:]) -> Self {
        TransportAnswer(status: status, headers: headers, body: Data(text.utf8))
    }

    static func refusal(_ status: Int, _ message: String = "no", headers: [String: String] = [:]) -> Self {
        .json(#"{"error":{"message":"\#(message)"}}"#, status: status, headers: headers)
    }
}

/// A clock on which nobody waits: to sleep is to set it forward.
final class JumpingClock: CallClock {
    private let state = Mutex((now: Duration.zero, slept: [Duration]()))

    var now: Duration { state.withLock { $0.now } }
    var date: Date { Date(timeIntervalSince1970: 1_700_000_000 + now / .seconds(1)) }

    /// How long each sleep was.
    var sleeps: [Duration] { state.withLock { $0.slept } }

    func wait(until moment: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.slept.append(max(.zero, moment - state.now))
            state.now = max(state.now, moment)
        }
    }

    func pass(_ duration: Duration) {
        state.withLock { $0.now += duration }
    }
}

/// An embedder over a scripted provider, and both at hand.
struct ScriptedEmbedder {
    let clock = JumpingClock()
    let provider: ScriptedProvider
    let embedder: RemoteEmbedder

    static let key = "sk-test-0123456789abcdef"

    init(
        jitter: Double = 1, _ adjust: (inout RemoteConfiguration) -> Void = { _ in },
        respond: @escaping @Sendable (ScriptedProvider.Call) async throws -> TransportAnswer
    ) throws {
        var configuration = RemoteConfiguration(
            endpoint: "https://provider.test/v1/embeddings", model: "m", dimension: 2)
        configuration.apiKey = Self.key
        adjust(&configuration)
        provider = ScriptedProvider(clock: clock, respond: respond)
        embedder = try RemoteEmbedder(
            configuration: configuration, transport: provider, clock: clock, jitter: { jitter })
    }

    /// What `embed` delivers and refuses; a vector stands for its text by the bytes of it.
    func outcome(
        of texts: [String], as role: EmbeddingRole = .passage
    ) async throws -> (delivered: [Int], refusals: [TextRefusal]) {
        let delivered = Mutex<[Int]>([])
        let refusals = try await embedder.embed(texts, as: role) { part in
            for (row, index) in part.indexes.enumerated() {
                let vector = part.matrix.row(row)
                let size = Float(texts[index].utf8.count)
                precondition(abs(vector[0] / vector[1] - size) < 1e-3, "row of another text at \(index)")
            }
            delivered.withLock { $0 += part.indexes }
        }
        return (delivered.withLock { $0.sorted() }, refusals)
    }
}
