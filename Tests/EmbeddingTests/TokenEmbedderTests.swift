import Embedding
import Foundation
import Kernels
import Testing

/// The local model by its tokens.
struct TokenEmbedderTests {
    private static let loading = Result {
        try LocalEmbedder(modelDirectory: Fixtures.modelDirectory, pool: ComputePool(threadCount: 2))
    }

    private let embedder: LocalEmbedder

    init() throws {
        embedder = try Self.loading.get()
    }

    @Test func `a text's tokens are the reference's, and those of ids stand for the same text`() throws {
        #expect(embedder.vocabularyCount == 30_522)
        for item in try Golden.load() {
            let tokens = embedder.tokens(of: item.text, as: .passage, tokensMax: .max)
            #expect(tokens == item.ids, "\(item.text.debugDescription)")
            #expect(embedder.tokens(framing: item.ids, as: .query) == item.ids)
            let bare = Array(item.ids.dropFirst().dropLast())
            #expect(embedder.tokens(framing: bare, as: .query) == item.ids)
        }
    }

    @Test func `tokens are cut where it is asked for, and nowhere else`() {
        let text = String(repeating: "word ", count: 1_000)
        #expect(embedder.tokens(of: text, as: .passage, tokensMax: 257).count == 257)
        #expect(embedder.tokens(of: text, as: .passage, tokensMax: .max).count == 1_002)
    }

    @Test(arguments: [false, true])
    func `tokens have the vectors of their texts, in either lane`(inBackground: Bool) async throws {
        let items = try Golden.load().filter { $0.ids.count <= embedder.windowTokens }
        #expect(items.count > 20)
        let expected = try await embedder.embed(items.map(\.text), as: .passage)
        let found = try await embedder.embed(items.map(\.ids), inBackground: inBackground)
        #expect(found == expected)
    }
}
