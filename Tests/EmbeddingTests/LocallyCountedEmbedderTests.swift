import Embedding
import Foundation
import Kernels
import Testing

/// A model's tokenizer without the model, for an embedder elsewhere.
struct LocallyCountedEmbedderTests {
    private static let loading = Result {
        try LocalEmbedder(modelDirectory: Fixtures.modelDirectory, pool: ComputePool(threadCount: 2))
    }

    private let embedder: LocalEmbedder

    init() throws {
        embedder = try Self.loading.get()
    }

    @Test func `the tokenizer alone counts as the model does`() throws {
        let tokenizer = try LocalTokenizer(modelDirectory: Fixtures.modelDirectory)
        #expect(tokenizer.windowTokens == embedder.windowTokens)
        for item in try Golden.load() {
            #expect(tokenizer.tokenCount(of: item.text) == embedder.tokenCount(of: item.text))
        }
    }

    @Test func `an embedder elsewhere is counted by the tokenizer here, and embeds as before`() async throws {
        struct Elsewhere: Embedder {
            let space = EmbeddingSpace(model: "m", revision: "remote", precision: "float32", dimension: 1)
            let windowTokens = 8_192
            let specialTokenCount = 0
            func tokenCount(of text: String) -> Int { text.utf8.count / 4 }
            func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
                EmbeddingMatrix(rowCount: texts.count, dimension: 1, values: texts.map { _ in 1 })
            }
        }
        let counted = LocallyCountedEmbedder(
            Elsewhere(), by: try LocalTokenizer(modelDirectory: Fixtures.modelDirectory))
        #expect(counted.windowTokens == 256 && counted.specialTokenCount == 2)
        #expect(
            counted.tokenCount(of: "unaffable, isn't it?") == embedder.tokenCount(of: "unaffable, isn't it?"))
        #expect(counted.space == Elsewhere().space)
        #expect(try await counted.embed(["a", "b"], as: .query).rowCount == 2)
    }
}
