package import Embedding
import Synchronization

/// An embedder without a model: a text is the sum of its words, each a fixed pseudo-random direction.
///
/// Texts that share words are near one another, which is all a test of the product needs. It counts what it
/// embeds, and can be told to fail.
package final class WordHashEmbedder: TokenEmbedder {
    package struct Refusal: EmbedderFailure, Equatable {
        package let callNumber: Int

        package let isRetriable: Bool

        package init(callNumber: Int, isRetriable: Bool = true) {
            self.callNumber = callNumber
            self.isRetriable = isRetriable
        }
    }

    private struct State {
        var callCount = 0
        var textCount = 0
        var failingCalls: Set<Int> = []
        var failuresPass = true
        var refusedWord: String?
    }

    package let space: EmbeddingSpace
    package let windowTokens: Int
    package let specialTokenCount = 2
    package let vocabularyCount = Int(Int32.max)
    private let hashes: WordHashes
    private let state = Mutex(State())

    /// - Parameter seed: of the directions: with another one the same words lie elsewhere.
    package init(
        model: String = "word-hash", dimension: Int = 64, windowTokens: Int = 256, seed: UInt64 = 0
    ) {
        hashes = WordHashes(dimension: dimension, seed: seed)
        space = EmbeddingSpace(model: model, revision: "1", precision: "float32", dimension: dimension)
        self.windowTokens = windowTokens
    }

    /// Texts embedded so far, queries included.
    package var textCount: Int { state.withLock { $0.textCount } }

    /// Makes the calls with these numbers, counted from 1, throw `Refusal`.
    ///
    /// - Parameter passing: whether it says that trying again may help.
    package func fail(onCalls calls: Set<Int>, passing: Bool = true) {
        state.withLock { ($0.failingCalls, $0.failuresPass) = (calls, passing) }
    }

    /// Refuses texts that hold this word, each alone, from now on.
    package func refuse(textsWith word: String?) {
        state.withLock { $0.refusedWord = word }
    }

    package func embed(
        _ texts: [String], as role: EmbeddingRole,
        deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async throws -> [TextRefusal] {
        let word = state.withLock { $0.refusedWord }
        let refused = texts.indices.filter { index in word.map { texts[index].contains($0) } ?? false }
        let taken = texts.indices.filter { !refused.contains($0) }
        if !taken.isEmpty {
            let matrix = try await embed(taken.map { texts[$0] }, as: role)
            try await deliver(EmbeddedPart(indexes: Array(taken), matrix: matrix))
        }
        return refused.map { TextRefusal(index: $0, reason: "it does not like the word") }
    }

    package func tokenCount(of text: String) -> Int {
        WordHashes.words(of: text).count
    }

    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await embed(texts.map { tokens(of: $0, as: role, tokensMax: .max) }, inBackground: false)
    }

    package func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        WordHashes.ids(of: text, tokensMax: tokensMax)
    }

    package func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] {
        if ids.first == WordHashes.specialIDs.begin, ids.last == WordHashes.specialIDs.end { return ids }
        return [WordHashes.specialIDs.begin] + ids + [WordHashes.specialIDs.end]
    }

    package func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        let (call, fails, passes) = state.withLock { state in
            state.callCount += 1
            let fails = state.failingCalls.contains(state.callCount)
            if !fails { state.textCount += sequences.count }
            return (state.callCount, fails, state.failuresPass)
        }
        if fails { throw Refusal(callNumber: call, isRetriable: passes) }
        let values = sequences.flatMap(hashes.vector)
        return EmbeddingMatrix(rowCount: sequences.count, dimension: space.dimension, values: values)
    }
}
