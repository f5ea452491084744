import Embedding
import Foundation

/// A reranker on somebody else's machine.
///
/// A question waits for it, and has an order already: one deadline holds for all of it, a call that failed is made
/// again once where that helps, and a provider that is down is not asked for a while. Nothing of an answer is used of
/// which anything is wrong.
package final class RemoteReranker: Reranker {
    package let model: String
    private let deadline: Duration
    private let wire: RerankWire
    private let reader: ScoreReader
    private let keyHeader: [(name: String, value: String)]
    private let transport: any EmbeddingTransport
    private let gate: CallGate
    private let clock: any CallClock
    private let jitter: @Sendable () -> Double

    /// UTF-8 bytes of a call's texts at most: what a TEI takes as it is installed.
    package static let textBytesMax = 2_000_000

    /// Questions that are reranked at once at most; how many are adapts below that.
    package static let concurrencyMax = 8

    /// One, and another if it fails.
    private static let callsMax = 2

    private static let policy: RetryPolicy = {
        var policy = RetryPolicy()
        policy.waitFirst = .milliseconds(200)
        return policy
    }()

    /// - Parameter jitter: random numbers from 0 to 1, which spread out calls that are made again.
    /// - Throws: `RerankerFailure` of `CloudError.invalidEndpoint`, `.invalidKey`.
    package init(
        configuration: RerankerConfiguration, transport: any EmbeddingTransport,
        clock: any CallClock = SystemCallClock(),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) throws(RerankerFailure) {
        do {
            wire = try configuration.wire()
        } catch {
            throw RerankerFailure(cause: error)
        }
        model = configuration.model
        deadline = configuration.deadline
        reader = ScoreReader(redaction: Redaction(key: configuration.apiKey))
        keyHeader = configuration.apiKey.map { [("authorization", "Bearer \($0)")] } ?? []
        self.transport = transport
        self.clock = clock
        self.jitter = jitter
        gate = CallGate(
            governor: CallGovernor(concurrencyMax: Self.concurrencyMax, deadline: configuration.deadline),
            clock: clock)
    }

    /// How the circuit to the provider stands.
    package var circuit: CircuitReport { gate.circuit }

    /// - Throws: `RerankerFailure`; `CancellationError`.
    package func scores(of passages: [String], for query: String) async throws -> [Double] {
        do {
            return try await answered(passages, query)
        } catch let error as CloudError {
            throw RerankerFailure(cause: error)
        }
    }

    private struct Call: Sendable {
        var body: Data
        var passageCount: Int

        /// By estimate, of all texts.
        var tokenCount: Int
        var answerBytesMax: Int
    }

    private func answered(_ passages: [String], _ query: String) async throws -> [Double] {
        guard !passages.isEmpty else { return [] }
        let begun = clock.now
        let giveUpAt = begun + deadline
        let call = try call(passages, query)
        var progress = RetryPolicy.Progress()
        while true {
            switch try await callOnce(call, giveUpAt) {
            case .success(let scores): return scores
            case .failure(let error):
                progress.count(error)
                guard let next = nextCall(after: error, progress, giveUpAt) else {
                    let count = progress.failureCount
                    throw count == 1
                        ? error : CloudError.gaveUp(callCount: count, after: clock.now - begun, last: error)
                }
                try await clock.wait(until: next)
            }
        }
    }

    /// - Throws: `CloudError.tooManyTexts`, `.textsTooLarge`.
    private func call(_ passages: [String], _ query: String) throws -> Call {
        guard passages.count <= RerankerLimits.passagesMax else {
            throw CloudError.tooManyTexts(found: passages.count, max: RerankerLimits.passagesMax)
        }
        let passageBytes = passages.reduce(0) { $0 + $1.utf8.count }
        let byteCount = passageBytes + query.utf8.count
        guard byteCount <= Self.textBytesMax else {
            throw CloudError.textsTooLarge(found: byteCount, max: Self.textBytesMax)
        }
        return Call(
            body: try wire.body(for: passages, query: query), passageCount: passages.count,
            tokenCount: passages.reduce(TokenEstimate.tokens(in: query)) {
                $0 + TokenEstimate.tokens(in: $1)
            },
            // Servers that copy Jina repeat the texts, of which a byte may take six.
            answerBytesMax: passages.count * 256 + passageBytes * 6 + 65_536)
    }

    private func callOnce(_ call: Call, _ giveUpAt: Duration) async throws -> Result<[Double], CloudError> {
        let pass = try await gate.enter(
            tokens: call.tokenCount, as: .query, patience: nil, giveUpAt: giveUpAt)
        do {
            let answer = try await transport.post(
                TransportRequest(
                    url: wire.url, headers: keyHeader, body: call.body,
                    deadline: max(giveUpAt - clock.now, .milliseconds(1)),
                    answerBytesMax: call.answerBytesMax))
            let headers = RateLimitHeaders(answer.headers, date: clock.date)
            let reading = reader.read(answer, headers, count: call.passageCount)
            gate.leave(pass, Self.outcome(reading), headers)
            return reading
        } catch let error as CloudError {
            gate.leave(pass, .failed(error))
            return .failure(error)
        } catch {
            gate.leave(pass, .abandoned)
            throw error
        }
    }

    private func nextCall(
        after error: CloudError, _ progress: RetryPolicy.Progress, _ giveUpAt: Duration
    ) -> Duration? {
        guard progress.failureCount < Self.callsMax else { return nil }
        let next = Self.policy.nextCall(
            after: error, progress, textCount: 1, now: clock.now, giveUpAt: giveUpAt, jitter: jitter())
        return next.flatMap { $0 < giveUpAt ? $0 : nil }
    }

    private static func outcome(_ reading: Result<[Double], CloudError>) -> CallGovernor.Outcome {
        switch reading {
        case .success: .answered
        // The provider is well, and has something against these texts.
        case .failure(.refused(400, _)), .failure(.refused(413, _)), .failure(.refused(422, _)): .answered
        case .failure(let error): error.isThrottle ? .throttled : .failed(error)
        }
    }
}

/// Why there are no scores, or no reranker.
package struct RerankerFailure: Error, Sendable, Equatable {
    package let cause: CloudError

    package init(cause: CloudError) {
        self.cause = cause
    }
}
