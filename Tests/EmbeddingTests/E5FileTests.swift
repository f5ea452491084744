import Embedding
import Foundation
import Kernels
import Testing

/// Damage in every place of a file of the form: the answer is an error that says what was found, never a crash.
@Suite struct E5FileTests {
    private static let tiny = Result {
        try Data(contentsOf: E5Tests.Model.tiny.file)
    }

    private let file: Data

    init() throws {
        file = try Self.tiny.get()
    }

    /// Where the small file's parts begin; by its head comment in E5File.swift and its 43 pieces.
    private enum Place {
        static let version = 4
        static let hiddenSize = 8
        static let headCount = 16
        static let block = 40
        static let pieceCount = 44
        static let unknown = 60
        static let pieceBytes = 64
        static let offsets = 72
        static let scores = offsets + 4 * 44
    }

    private func open<Result>(_ data: Data, _ body: (E5File) throws -> Result) throws -> Result {
        try Fixtures.withDirectory { directory in
            let url = directory.appending(path: "tiny.bin")
            try data.write(to: url)
            return try body(E5File(url))
        }
    }

    /// Everything that is read of a file when a model is loaded and a text embedded.
    private func use(_ data: Data) throws {
        try open(data) { file in
            _ = file.tokenizer().encode("圖書館 abc <s> 🐍é")
            for layer in 0..<file.configuration.layerCount {
                for name in ["attention.self.query", "output.dense"] {
                    _ = try? file.floats("encoder.layer.\(layer).\(name).weight", shape: [32, 32])
                }
            }
            let width = file.configuration.hiddenSize
            let rowCount = file.configuration.vocabularyCount
            let rows = try file.rows("embeddings.word_embeddings.weight", rowCount: rowCount, width: width)
            var values = [Float](repeating: 0, count: width)
            rows.read([rowCount - 1], into: &values)
        }
    }

    private func changed(_ place: Int, to value: UInt32) -> Data {
        var data = file
        for byte in 0..<4 { data[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
        return data
    }

    @Test func `shape and vocabulary are those the file states`() throws {
        try use(file)
        try open(file) { file in
            #expect(file.configuration.hiddenSize == 32 && file.configuration.layerCount == 2)
            #expect(file.configuration.headCount == 2 && file.configuration.intermediateSize == 64)
            #expect(file.configuration.vocabularyCount == 46 && file.configuration.positionCount == 24)
            #expect(file.configuration.activation == .gelu)
            #expect(file.hasTensor("encoder.layer.1.output.LayerNorm.bias"))
            #expect(!file.hasTensor("encoder.layer.2.output.LayerNorm.bias"))
        }
    }

    @Test func `weights and rows are what the blocks stand for`() throws {
        try open(file) { file in
            let rows = try file.rows("embeddings.word_embeddings.weight", rowCount: 46, width: 32)
            let all = try file.floats("embeddings.word_embeddings.weight", shape: [46, 32])
            var two = [Float](repeating: 0, count: 64)
            rows.read([45, 7], into: &two)
            #expect(two[..<32] == all[(45 * 32)...] && two[32...].elementsEqual(all[(7 * 32)..<(8 * 32)]))
        }
    }

    @Test(
        arguments: [
            (0, 0x3145_3545, "magic"), (Place.version, 2, "version"), (Place.hiddenSize, 0, "hidden_size"),
            (Place.hiddenSize, 0xFFFF_FFFF, "hidden_size"), (Place.hiddenSize, 48, "matrix"),
            (Place.headCount, 3, "num_attention_heads"), (Place.block, 64, "block"),
            (Place.pieceCount, 0, "malformedField"), (Place.pieceCount, 47, "malformedField"),
            (Place.pieceCount, 0xFFFF_FFFF, "malformedField"), (Place.unknown, 43, "malformedField"),
            (Place.pieceBytes, 0xFFFF_FFFF, "malformedHeader"),
            (Place.pieceBytes, 16 << 20, "malformedHeader"),
            (Place.offsets + 8, 0xFFFF_FFFF, "malformedField"), (Place.offsets + 4, 9, "malformedField"),
            (Place.scores, 0x7FC0_0000, "malformedField"), (Place.scores + 16, 0xFF80_0000, "malformedField"),
        ] as [(Int, UInt32, String)])
    func `a field that cannot be is refused by name`(place: Int, value: UInt32, words: String) {
        #expect {
            try use(changed(place, to: value))
        } throws: { error in
            "\(error)".contains(words)
        }
    }

    @Test func `a file cut anywhere is refused`() {
        for count in stride(from: 0, to: file.count, by: 7) {
            #expect(throws: (any Error).self, "\(count) bytes") { try use(file.prefix(count)) }
        }
    }

    /// The head and the directory, byte by byte, two ways; of the weights, which may be anything, none.
    @Test func `any byte of the head changed gives another model or an error`() throws {
        let directoryEnd = try #require(file.firstRange(of: Data("l1.oln.b".utf8))).upperBound + 21
        var refused = 0
        for place in 0..<directoryEnd {
            for change: UInt8 in [1, 0xFF] {
                var damaged = file
                damaged[place] ^= change
                do { try use(damaged) } catch { refused += 1 }
            }
        }
        // Found: about half; a score or a piece's letter may be another one.
        #expect(refused > directoryEnd / 2)
    }

    @Test func `numbers of a seed in place of the head's are refused or read, never a crash`() {
        var state: UInt64 = 7
        for _ in 0..<2_000 {
            var damaged = file
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(state >> 33) % 1_900
                for byte in 0..<4 { damaged[place + byte] = UInt8(truncatingIfNeeded: state >> (8 * byte)) }
            }
            try? use(damaged)
        }
    }
}
