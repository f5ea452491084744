package import Embedding
import Foundation
import Synchronization

/// An embedder on somebody else's machine.
///
/// Texts go in batches, several at once where the provider bears it; what fails is tried again where that helps;
/// what is refused is parted until the bad text stands alone; every answer is checked before a number of it is
/// used. Rows are scaled to unit length, whatever the provider sends.
///
/// One embedder is for one provider and one key: its calls share what is known of both.
package final class RemoteEmbedder: Embedder {
    package let space: EmbeddingSpace
    package let windowTokens: Int
    package let specialTokenCount = 0
    private let configuration: RemoteConfiguration
    private let caller: BatchCaller
    private let ladder: EncodingLadder
    private let limits: BatchEmbedder.Limits
    private let clock: any CallClock

    /// Texts of one call of `embed` at most: their vectors are held in memory. More belong into several calls.
    package static let textsMax = 16_384

    /// - Parameters:
    ///   - jitter: random numbers from 0 to 1, which spread out calls that are made again.
    /// - Throws: `CloudError.invalidEndpoint`, `.invalidLimit`, `.invalidKey`.
    package init(
        configuration: RemoteConfiguration, transport: any EmbeddingTransport,
        clock: any CallClock = SystemCallClock(), policy: RetryPolicy = RetryPolicy(),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) throws(CloudError) {
        try configuration.check()
        let shape = configuration.effectiveShape
        let wire = shape.wire(
            url: try configuration.url(), model: configuration.model,
            dimensions: configuration.asksForDimension ? configuration.dimension : nil)
        self.configuration = configuration
        self.clock = clock
        windowTokens = configuration.windowTokens
        space = EmbeddingSpace(
            model: configuration.model, revision: "remote", precision: "float32",
            dimension: configuration.dimension)
        ladder = EncodingLadder(wire.encodings)
        limits = BatchEmbedder.Limits(
            BatchLimits(
                textsMax: configuration.textsPerCall ?? shape.textsMax,
                tokensMax: configuration.tokensPerCall ?? shape.tokensMax))
        caller = BatchCaller(
            wire: wire,
            reader: AnswerReader(
                wire: wire, dimension: configuration.dimension,
                redaction: Redaction(key: configuration.apiKey)),
            keyHeader: configuration.apiKey.map(wire.keyHeader), transport: transport,
            gate: CallGate(
                governor: CallGovernor(
                    concurrencyMax: configuration.concurrency, deadline: configuration.deadline),
                clock: clock),
            ledger: BatchCaller.Ledger(
                SpendLedger(
                    tokensMax: configuration.spendTokensMax,
                    pricePerMillion: configuration.pricePerMillion)),
            policy: policy, deadline: configuration.deadline, clock: clock, jitter: jitter)
    }

    /// An estimate: the provider's tokenizer is not known here.
    package func tokenCount(of text: String) -> Int {
        TokenEstimate.tokens(in: text)
    }

    package var callsAtOnce: Int { configuration.concurrency }

    /// Enough for a few calls at once; not so many that their vectors wait long to be stored.
    package var textsAtOnce: Int { 2_048 }

    package var spend: EmbeddingSpend? { caller.ledger.value.withLock { $0.spend } }

    /// How the circuit to the provider stands.
    package var circuit: CircuitReport { caller.gate.circuit }

    /// Calls that may be under way at once, as far as it is known what the provider bears.
    package var callsAllowed: Int { caller.gate.slots }

    /// - Throws: `CloudError`; `.textsRefused` if the provider does not embed one of the texts.
    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        let dimension = space.dimension
        let collected = CollectedRows(count: texts.count, dimension: dimension)
        let refusals = try await embed(texts, as: role) { collected.add($0) }
        if let first = refusals.first {
            throw CloudError.textsRefused(count: refusals.count, index: first.index, reason: first.reason)
        }
        return EmbeddingMatrix(rowCount: texts.count, dimension: dimension, values: collected.values)
    }

    package func embed(
        _ texts: [String], as role: EmbeddingRole,
        deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async throws -> [TextRefusal] {
        guard texts.count <= Self.textsMax else {
            throw CloudError.tooManyTexts(found: texts.count, max: Self.textsMax)
        }
        let tokens = texts.map { TokenEstimate.tokens(in: $0) }
        var start = 0
        var refusals: [TextRefusal] = []
        var failure: (any Error)?
        await withTaskGroup(of: Result<[TextRefusal], any Error>.self) { group in
            // The gate decides how many of these call at once; the batches behind them are cut when their time
            // comes, by what was learned until then.
            for _ in 0..<configuration.concurrency where start < texts.count {
                let items = nextBatch(of: texts, tokens, from: &start)
                group.addTask { await self.outcome(of: items, role, deliver) }
            }
            for await outcome in group {
                switch outcome {
                case .success(let refused): refusals += refused
                case .failure(let error): failure = failure ?? error
                }
                if failure == nil, start < texts.count {
                    let items = nextBatch(of: texts, tokens, from: &start)
                    group.addTask { await self.outcome(of: items, role, deliver) }
                }
            }
        }
        try Task.checkCancellation()
        if let failure { throw failure }
        return refusals.sorted { $0.index < $1.index }
    }

    private func nextBatch(
        of texts: [String], _ tokens: [Int], from start: inout Int
    ) -> [BatchEmbedder.Item] {
        let scale = caller.ledger.value.withLock { $0.scale }
        let range = limits.value.withLock { $0.batch(from: start, tokens: tokens, scale: scale) }
        start = range.upperBound
        return range.map { BatchEmbedder.Item(index: $0, text: texts[$0], tokenCount: tokens[$0]) }
    }

    private func outcome(
        of items: [BatchEmbedder.Item], _ role: EmbeddingRole,
        _ deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async -> Result<[TextRefusal], any Error> {
        // A person waits for a question's answer: it has no time for a provider to become well.
        let patience = BatchCaller.Patience(
            circuit: role == .query ? nil : configuration.patience,
            giveUpAt: clock.now + (role == .query ? configuration.deadline : configuration.patience))
        let batch = BatchEmbedder(
            caller: caller, ladder: ladder, limits: limits, role: role, patience: patience,
            dimension: space.dimension, deliver: deliver)
        do {
            return .success(try await batch.embed(items))
        } catch {
            return .failure(error)
        }
    }
}

/// Rows of one call, which come in parts and in any order.
private final class CollectedRows: Sendable {
    private let dimension: Int
    private let state: Mutex<[Float]>

    init(count: Int, dimension: Int) {
        self.dimension = dimension
        state = Mutex([Float](repeating: 0, count: count * dimension))
    }

    func add(_ part: EmbeddedPart) {
        state.withLock { values in
            for (row, index) in part.indexes.enumerated() {
                let source = row * dimension..<(row + 1) * dimension
                values.replaceSubrange(
                    index * dimension..<(index + 1) * dimension, with: part.matrix.values[source])
            }
        }
    }

    var values: [Float] { state.withLock { $0 } }
}
