import Embedding
import Synchronization

/// Embeds one batch of texts, whatever part of it the provider takes: what is refused together is halved until
/// the bad text stands alone.
struct BatchEmbedder: Sendable {
    let caller: BatchCaller
    let ladder: EncodingLadder
    let limits: Limits
    let role: EmbeddingRole
    let patience: BatchCaller.Patience
    let dimension: Int
    let deliver: @Sendable (EmbeddedPart) async throws -> Void

    /// What was learned of a provider's limits.
    final class Limits: Sendable {
        let value: Mutex<BatchLimits>

        init(_ value: BatchLimits) {
            self.value = Mutex(value)
        }
    }

    /// A text, its place in the whole call, and its tokens by estimate.
    struct Item: Sendable {
        var index: Int
        var text: String
        var tokenCount: Int
    }

    /// Further calls for several texts to which an answer gave no usable vector, while it gave one to others. One
    /// text alone is asked about as often as the policy says.
    private static let unusableTriesMax = 2

    /// Calls that may fail of a part of a batch that failed whole, once it is known that the provider is well.
    private static let suspectFaultsMax = 2

    /// What became of some texts.
    private struct Result {
        var deliveredCount = 0
        var refusals: [TextRefusal] = []

        static func + (left: Result, right: Result) -> Result {
            Result(
                deliveredCount: left.deliveredCount + right.deliveredCount,
                refusals: left.refusals + right.refusals)
        }
    }

    /// - Returns: the texts that were refused.
    /// - Throws: as `BatchCaller.call` does.
    func embed(_ items: [Item]) async throws -> [TextRefusal] {
        try await attempt(items, patience).refusals
    }

    private func attempt(
        _ items: [Item], _ patience: BatchCaller.Patience, triesLeft: Int = unusableTriesMax
    ) async throws -> Result {
        let encoding = ladder.encoding
        let outcome: BatchCaller.Outcome
        do {
            outcome = try await caller.call(batch(items, encoding), patience)
        } catch let error as CloudError where error.mayBeOneText {
            return try await part(items, after: error, patience)
        } catch let error as CloudError where error.mayBeTooMuch && items.count > 1 {
            limits.value.withLock { $0.learn(taken: (items.count + 1) / 2) }
            return try await halves(of: items, patience)
        }
        switch outcome {
        case .vectors(let answer):
            ladder.settle(on: encoding)
            return try await keep(answer, items, patience, triesLeft)
        case .textsRefused(let status, let message):
            return try await refused(items, status, message, encoding, patience)
        }
    }

    /// After a fault that stays, though the provider does not say that it is a text's: if it embeds a harmless
    /// word, it is.
    private func part(
        _ items: [Item], after error: CloudError, _ patience: BatchCaller.Patience
    ) async throws -> Result {
        var patience = patience
        patience.faultsMax = Self.suspectFaultsMax
        guard try await isWell(patience) else { throw error }
        guard items.count > 1 else {
            return Result(refusals: [TextRefusal(index: items[0].index, reason: error.reason)])
        }
        return try await halves(of: items, patience)
    }

    private func batch(_ items: [Item], _ encoding: VectorEncoding) -> BatchCaller.Batch {
        BatchCaller.Batch(
            texts: items.map(\.text), tokenCount: items.reduce(0) { $0 + $1.tokenCount }, role: role,
            encoding: encoding)
    }

    /// Hands out the rows that there are, and asks again for those that are missing.
    private func keep(
        _ answer: CheckedAnswer, _ items: [Item], _ patience: BatchCaller.Patience, _ triesLeft: Int
    ) async throws -> Result {
        var indexes: [Int] = []
        var values: [Float] = []
        for (item, row) in zip(items, answer.rows) {
            guard let row else { continue }
            indexes.append(item.index)
            values += row
        }
        if !indexes.isEmpty {
            try await deliver(
                EmbeddedPart(
                    indexes: indexes,
                    matrix: EmbeddingMatrix(rowCount: indexes.count, dimension: dimension, values: values)))
        }
        let kept = Result(deliveredCount: indexes.count)
        guard !answer.unusable.isEmpty else { return kept }
        if triesLeft > 0 {
            let rest = answer.unusable.map { items[$0.index] }
            return kept + (try await attempt(rest, patience, triesLeft: triesLeft - 1))
        }
        let refusals = answer.unusable.map {
            TextRefusal(index: items[$0.index].index, reason: "it is answered with \($0.found)")
        }
        return kept + Result(refusals: refusals)
    }

    /// Finds out what a refusal means, and halves the batch if it is about its texts.
    private func refused(
        _ items: [Item], _ status: Int, _ message: String, _ encoding: VectorEncoding,
        _ patience: BatchCaller.Patience
    ) async throws -> Result {
        switch ladder.meaning(ofRefusalIn: encoding) {
        case .encoding:
            return try await attempt(items, patience)
        case .open(let encodings):
            guard let taken = try await firstTaken(of: encodings, patience) else {
                let error = CloudError.refused(status: status, message: message)
                caller.gate.trip(error)
                throw error
            }
            ladder.settle(on: taken)
            if taken != encoding { return try await attempt(items, patience) }
        case .texts: break
        }
        guard items.count > 1 else {
            return Result(
                refusals: [TextRefusal(index: items[0].index, reason: "status \(status): \(message)")])
        }
        let result = try await halves(of: items, patience)
        if result.deliveredCount == items.count {
            // No text was bad: there were too many of them.
            limits.value.withLock { $0.learn(taken: (items.count + 1) / 2) }
        }
        return result
    }

    private func halves(of items: [Item], _ patience: BatchCaller.Patience) async throws -> Result {
        let middle = (items.count + 1) / 2
        let first = try await attempt(Array(items[..<middle]), patience)
        if middle > 1, first.deliveredCount == 0 {
            // Nothing of so many: the provider may have begun to refuse all.
            guard try await isTaken(in: ladder.encoding, patience) else {
                let error = CloudError.refusesAll(reason: first.refusals.first?.reason ?? "")
                caller.gate.trip(error)
                throw error
            }
        }
        return first + (try await attempt(Array(items[middle...]), patience))
    }

    // MARK: The harmless word

    /// The first encoding in which it is taken; nil if it is refused in all of them.
    private func firstTaken(
        of encodings: [VectorEncoding], _ patience: BatchCaller.Patience
    ) async throws -> VectorEncoding? {
        for encoding in encodings where try await isTaken(in: encoding, patience) { return encoding }
        return nil
    }

    private func isTaken(
        in encoding: VectorEncoding, _ patience: BatchCaller.Patience
    ) async throws -> Bool {
        let word = Item(
            index: 0, text: EncodingLadder.harmlessText,
            tokenCount: TokenEstimate.tokens(in: EncodingLadder.harmlessText))
        switch try await caller.call(batch([word], encoding), patience) {
        case .vectors: return true
        case .textsRefused: return false
        }
    }

    private func isWell(_ patience: BatchCaller.Patience) async throws -> Bool {
        do {
            return try await isTaken(in: ladder.encoding, patience)
        } catch is CloudError {
            return false
        }
    }
}

extension CloudError {
    /// What it says of a text, in a few of the provider's words.
    fileprivate var reason: String {
        switch self {
        case .refused(let status, let message): "status \(status): \(message)"
        case .wrongAnswer(let found, _): "it is answered with \(found)"
        case .gaveUp(_, _, let last): last.reason
        default: "\(self)"
        }
    }
}
