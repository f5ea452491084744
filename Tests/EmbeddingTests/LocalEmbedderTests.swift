import Embedding
import Foundation
import Kernels
import Testing

/// Vectors and ids made by another implementation: see `Goldens/make_goldens.py`, and the tools the file
/// names.
struct Golden: Decodable {
    struct Item: Decodable {
        let text: String
        let ids: [Int32]
        let idsWithSpecialTokensParsed: [Int32]
        let vector: [Float]
    }

    let items: [Item]

    static func load() throws -> [Item] {
        try JSONDecoder().decode(Golden.self, from: Fixtures.golden("embeddings.json")).items
    }
}

@Suite struct LocalEmbedderTests {
    private static let pool = ComputePool(threadCount: 2)
    private static let loading = Result {
        _ = try Fixtures.model("model.safetensors")
        return try LocalEmbedder(modelDirectory: Fixtures.modelDirectory, pool: pool)
    }

    private let embedder: LocalEmbedder

    init() throws {
        embedder = try Self.loading.get()
    }

    private func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
    }

    @Test func `it says which model it is`() {
        #expect(
            embedder.space
                == EmbeddingSpace(
                    model: "all-minilm-l6-v2", revision: "53aa51172d14", precision: "float32", dimension: 384)
        )
        #expect(embedder.windowTokens == 256)
        #expect(embedder.specialTokenCount == 2)
    }

    @Test func `vectors equal those of a float64 implementation within 1e-5`() async throws {
        let items = try Golden.load()
        #expect(items.count == 34)
        let vectors = try await embedder.embed(items.map(\.text), as: .passage)
        #expect(vectors.rowCount == items.count)
        for (row, item) in items.enumerated() {
            // Found: 1.8e-7 at most (Zen 5, AVX-512).
            #expect(greatestDifference(vectors.row(row), item.vector) < 1e-5, "\(item.text.debugDescription)")
        }
    }

    @Test(
        .enabled(
            if: Fixtures.shared("data/minilm/minilm_golden.json") != nil,
            "the reference data is neither at ../shared nor where CARREL_SHARED says"))
    func `vectors equal those of the reference data within 1e-4`() async throws {
        struct Reference: Decodable {
            struct Item: Decodable {
                let text: String
                let token_ids: [Int32]
                let embedding: [Float]
            }
            let items: [Item]
        }
        let file = try #require(Fixtures.shared("data/minilm/minilm_golden.json"))
        // One item has literal special tokens, which the reference parses and the embedder does not.
        let items = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file)).items
        let model = try BertModel(directory: Fixtures.modelDirectory)
        for item in items {
            let vector = model.embed([item.token_ids])
            #expect(greatestDifference(vector, item.embedding) < 1e-4, "\(item.text.debugDescription)")
        }
        let comparable = items.filter { !$0.text.contains("[SEP]") }
        #expect(comparable.count == items.count - 1)
        let vectors = try await embedder.embed(comparable.map(\.text), as: .query)
        for (row, item) in comparable.enumerated() {
            #expect(
                greatestDifference(vectors.row(row), item.embedding) < 1e-4, "\(item.text.debugDescription)")
        }
    }

    @Test func `a text has the same vector alone, among others and in any order`() async throws {
        let texts = try Golden.load().map(\.text)
        let together = try await embedder.embed(texts + texts.reversed(), as: .passage)
        for (row, text) in texts.enumerated() {
            let alone = try await embedder.embed([text], as: .passage).row(0)
            #expect(greatestDifference(alone, together.row(row)) < 1e-6)
            #expect(greatestDifference(alone, together.row(2 * texts.count - 1 - row)) < 1e-6)
        }
    }

    @Test func `every vector has unit length`() async throws {
        let vectors = try await embedder.embed(Golden.load().map(\.text), as: .query)
        for row in 0..<vectors.rowCount {
            let squares = vectors.row(row).reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(squares - 1) < 1e-6)
        }
    }

    @Test func `what is beyond the window changes nothing`() async throws {
        let words = String(repeating: "word ", count: 254)
        let vectors = try await embedder.embed([words, words + "and much more [SEP]"], as: .passage)
        #expect(greatestDifference(vectors.row(0), vectors.row(1)) < 1e-6)
    }

    @Test func `no texts give no rows`() async throws {
        #expect(
            try await embedder.embed([], as: .query)
                == EmbeddingMatrix(rowCount: 0, dimension: 384, values: []))
    }

    @Test func `too many texts and too long a text are refused with the bound`() async throws {
        let many = [String](repeating: "a", count: LocalEmbedder.textsMax + 1)
        await #expect {
            try await embedder.embed(many, as: .query)
        } throws: { error in
            if case EmbeddingError.tooManyTexts(found: 16_385, max: 16_384) = error { true } else { false }
        }
        let long = String(repeating: "a", count: LocalEmbedder.textBytesMax + 1)
        await #expect {
            try await embedder.embed(["b", long], as: .query)
        } throws: { error in
            if case EmbeddingError.textTooLong(index: 1, found: 10_485_761, max: 10_485_760) = error {
                true
            } else {
                false
            }
        }
    }

    @Test func `a cancelled task embeds nothing`() async {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await embedder.embed(["a"], as: .query)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `int8 says so, with the version of what it is fitted to`() throws {
        let bytes = try LocalEmbedder(
            modelDirectory: Fixtures.modelDirectory, pool: Self.pool, precision: .int8)
        #expect(bytes.space.precision == "int8-2" && bytes.space != embedder.space)
    }

    @Test func `int8 vectors point where those of Float32 do`() async throws {
        let texts = try Golden.load().map(\.text)
        let bytes = try LocalEmbedder(
            modelDirectory: Fixtures.modelDirectory, pool: Self.pool, precision: .int8)
        let found = try await bytes.embed(texts, as: .passage)
        let expected = try await embedder.embed(texts, as: .passage)
        let cosines = texts.indices.map { row in
            zip(found.row(row), expected.row(row)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        }
        // Found: 0.9989 on average, for half of these texts have a word or two, if any, or are in no language of the
        // model's; 5,000 glosses and passages: 0.9994, least 0.9980.
        #expect(cosines.reduce(0, +) / Float(cosines.count) > 0.998)
        #expect(cosines.allSatisfy { $0 > 0.995 }, "\(cosines)")
    }

    @Test func `an int8 vector does not depend on what else is embedded`() async throws {
        let bytes = try LocalEmbedder(
            modelDirectory: Fixtures.modelDirectory, pool: Self.pool, precision: .int8)
        let texts = ["A petrel comes at night.", "The generator starts by itself when the wind drops."]
        let both = try await bytes.embed(texts, as: .passage)
        for (row, text) in texts.enumerated() {
            #expect(try await bytes.embed([text], as: .passage).row(0) == both.row(row))
        }
    }

    @Test func `a calibration is measured on texts, and grows with them`() throws {
        let one = embedder.calibration(on: ["A petrel comes at night."], version: 7)
        let two = embedder.calibration(
            on: ["A petrel comes at night.", "Keep outdoor lights off."], version: 7)
        #expect(one.version == 7 && one.layers.count == 6 && one.layers[0].attention.count == 384)
        for (first, second) in zip(one.layers, two.layers) {
            #expect(zip(first.attention, second.attention).allSatisfy { $0 <= $1 && $0 > 0 })
            #expect(zip(first.expansion, second.expansion).allSatisfy { $0 <= $1 && $0 > 0 })
        }
        #expect(one != two)
    }
}
