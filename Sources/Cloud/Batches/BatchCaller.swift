import Embedding
import Foundation
import Synchronization

/// Makes the calls of one provider: one batch at a time and again where that helps, each call through the gate,
/// each paid for before it is made.
struct BatchCaller: Sendable {
    let wire: any EmbeddingWire
    let reader: AnswerReader
    let keyHeader: (name: String, value: String)?
    let transport: any EmbeddingTransport
    let gate: CallGate
    let ledger: Ledger
    let policy: RetryPolicy
    let deadline: Duration
    let clock: any CallClock
    let jitter: @Sendable () -> Double

    /// The one ledger of a provider.
    final class Ledger: Sendable {
        let value: Mutex<SpendLedger>

        init(_ value: SpendLedger) {
            self.value = Mutex(value)
        }
    }

    /// One batch, on its way.
    struct Batch: Sendable {
        var texts: [String]

        /// By estimate, all together.
        var tokenCount: Int
        var role: EmbeddingRole
        var encoding: VectorEncoding
    }

    /// How long one is ready to wait.
    struct Patience: Sendable {
        /// For the provider to be well again; nil for not at all.
        var circuit: Duration?
        var giveUpAt: Duration

        /// Calls that may fail, if fewer than the policy allows.
        var faultsMax = Int.max
    }

    enum Outcome {
        case vectors(CheckedAnswer)
        case textsRefused(status: Int, message: String)
    }

    /// Calls until there is an answer, or no sense in calling again.
    ///
    /// - Throws: the `CloudError` of the last call, in `.gaveUp` if there were several; `.circuitOpen`,
    ///   `.spendCapReached`, `.patienceExhausted`; `CancellationError`.
    func call(_ batch: Batch, _ patience: Patience) async throws -> Outcome {
        var progress = RetryPolicy.Progress()
        var policy = policy
        policy.faultsMax = min(policy.faultsMax, patience.faultsMax)
        let begun = clock.now
        while true {
            switch try await callOnce(batch, patience) {
            case .vectors(let answer): return .vectors(answer)
            case .textsRefused(let status, let message):
                return .textsRefused(status: status, message: message)
            case .failed(let error):
                progress.count(error)
                let next = policy.nextCall(
                    after: error, progress, textCount: batch.texts.count, now: clock.now,
                    giveUpAt: patience.giveUpAt, jitter: jitter())
                guard let next else {
                    let count = progress.failureCount
                    throw count == 1
                        ? error : CloudError.gaveUp(callCount: count, after: clock.now - begun, last: error)
                }
                try await clock.wait(until: next)
            }
        }
    }

    private func callOnce(_ batch: Batch, _ patience: Patience) async throws -> AnswerReader.Reading {
        let scaled = ledger.value.withLock { $0.scaled(batch.tokenCount) }
        let pass = try await gate.enter(
            tokens: scaled, as: batch.role, patience: patience.circuit, giveUpAt: patience.giveUpAt)
        let setAside: Int
        do {
            setAside = try ledger.value.withLock { ledger throws(CloudError) in
                try ledger.begin(estimate: batch.tokenCount)
            }
        } catch {
            gate.leave(pass, .abandoned)
            throw error
        }
        func end(_ cost: SpendLedger.Cost) {
            ledger.value.withLock { $0.end(setAside: setAside, estimate: batch.tokenCount, cost: cost) }
        }
        do {
            let answer = try await transport.post(try request(batch))
            let headers = RateLimitHeaders(answer.headers, date: clock.date)
            let (reading, tokenCount) = reader.read(answer, headers: headers, count: batch.texts.count)
            end(cost(reading, tokenCount))
            gate.leave(pass, outcome(reading), headers)
            return reading
        } catch let error as CloudError {
            end(Self.cost(error))
            gate.leave(pass, .failed(error))
            return .failed(error)
        } catch {
            // Called off: what is on its way may be charged all the same.
            end(.unknown)
            gate.leave(pass, .abandoned)
            throw error
        }
    }

    private func request(_ batch: Batch) throws -> TransportRequest {
        TransportRequest(
            url: wire.url, headers: keyHeader.map { [$0] } ?? [],
            body: try wire.body(for: batch.texts, as: batch.role, in: batch.encoding), deadline: deadline,
            answerBytesMax: answerBytesMax(batch.texts))
    }

    /// A number takes up to 24 characters in JSON, the frame around a row is small, and Cohere repeats the texts,
    /// of which a byte may take six.
    private func answerBytesMax(_ texts: [String]) -> Int {
        texts.count * (reader.dimension * 26 + 256) + texts.reduce(0) { $0 + $1.utf8.count * 6 } + 65_536
    }

    private func outcome(_ reading: AnswerReader.Reading) -> CallGovernor.Outcome {
        switch reading {
        case .vectors, .textsRefused: .answered
        case .failed(let error): error.isThrottle ? .throttled : .failed(error)
        }
    }

    private func cost(_ reading: AnswerReader.Reading, _ tokenCount: Int?) -> SpendLedger.Cost {
        if let tokenCount { return .tokens(max(0, tokenCount)) }
        return switch reading {
        case .vectors: .unknown
        case .textsRefused: .nothing
        case .failed(let error): Self.cost(error)
        }
    }

    /// Refusals are free with every provider that is known; what got lost on the way may not be.
    private static func cost(_ error: CloudError) -> SpendLedger.Cost {
        switch error {
        case .deadlineExceeded, .connectionLost, .wrongAnswer, .answerTooLarge: .unknown
        default: .nothing
        }
    }
}
