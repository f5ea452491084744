package import Embedding
import Synchronization

/// An embedder without a model: a text is the sum of its words, each a fixed pseudo-random direction.
///
/// Texts that share words are near one another, which is all a test of the product needs. It counts what it
/// embeds, and can be told to fail.
package final class WordHashEmbedder: TokenEmbedder {
    package struct Refusal: EmbedderFailure, Equatable {
        package let callNumber: Int

        package init(callNumber: Int) {
            self.callNumber = callNumber
        }

        package var isRetriable: Bool { true }
    }

    private struct State {
        var callCount = 0
        var textCount = 0
        var failingCalls: Set<Int> = []
        var refusedWord: String?
    }

    package let space: EmbeddingSpace
    package let windowTokens: Int
    package let specialTokenCount = 2
    package let vocabularyCount = Int(Int32.max)
    private let seed: UInt64
    private let state = Mutex(State())

    /// What stands around every text; words are the ids after them.
    private static let specialIDs: (begin: Int32, end: Int32) = (0, 1)

    /// - Parameter seed: of the directions: with another one the same words lie elsewhere.
    package init(
        model: String = "word-hash", dimension: Int = 64, windowTokens: Int = 256, seed: UInt64 = 0
    ) {
        self.seed = seed
        space = EmbeddingSpace(model: model, revision: "1", precision: "float32", dimension: dimension)
        self.windowTokens = windowTokens
    }

    /// Texts embedded so far, queries included.
    package var textCount: Int { state.withLock { $0.textCount } }

    /// Makes the calls with these numbers, counted from 1, throw `Refusal`.
    package func fail(onCalls calls: Set<Int>) {
        state.withLock { $0.failingCalls = calls }
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
        Self.words(of: text).count
    }

    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await embed(texts.map { tokens(of: $0, as: role, tokensMax: .max) }, inBackground: false)
    }

    package func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        let words = Self.words(of: text).prefix(tokensMax - 2).map(Self.id(of:))
        return [Self.specialIDs.begin] + words + [Self.specialIDs.end]
    }

    package func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] {
        if ids.first == Self.specialIDs.begin, ids.last == Self.specialIDs.end { return ids }
        return [Self.specialIDs.begin] + ids + [Self.specialIDs.end]
    }

    package func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        let (call, fails) = state.withLock { state in
            state.callCount += 1
            let fails = state.failingCalls.contains(state.callCount)
            if !fails { state.textCount += sequences.count }
            return (state.callCount, fails)
        }
        if fails { throw Refusal(callNumber: call) }
        let values = sequences.flatMap(vector)
        return EmbeddingMatrix(rowCount: sequences.count, dimension: space.dimension, values: values)
    }

    private func vector(of ids: [Int32]) -> [Float] {
        var sum = [Float](repeating: 0, count: space.dimension)
        // One of the two special tokens counts, so that a text without words has a vector.
        for id in ids.dropFirst() {
            var generator = SplitMix64(seed: UInt64(UInt32(bitPattern: id)) ^ seed)
            for index in sum.indices {
                sum[index] += Float(generator.next() >> 40) / Float(1 << 24) - 0.5
            }
        }
        let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / norm }
    }

    private static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// From 2, so that no word is a special token.
    private static func id(of word: String) -> Int32 {
        2 + Int32(hash(of: word) % UInt64(Int32.max - 2))
    }

    /// FNV-1a (Fowler, Noll, Vo): the same on every run, unlike `Hasher`.
    private static func hash(of word: String) -> UInt64 {
        word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
