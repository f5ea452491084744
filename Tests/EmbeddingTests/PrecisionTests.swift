import Embedding
import Foundation
import Kernels
import Testing

/// Which precision new vectors get where nobody named one.
@Suite struct PrecisionTests {
    private func automatic(
        _ set: InstructionSet, precisions: [Precision] = Precision.allCases, isFitted: Bool = true
    ) throws -> Precision {
        try Fixtures.withDirectory { directory in
            let listed = precisions.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            let text = """
                {"id": "m", "architecture": "bert", "format": "E5S1", "dimension": 64, "windowTokens": 8,
                 "pooling": "mean", "normalized": true, "prefixes": {"query": "", "passage": ""},
                 "precisions": [\(listed)], "files": [{"name": "m.bin", "byteCount": 1, "sha256": "00"}]}
                """
            try Data(text.utf8).write(to: directory.appending(path: "model.json"))
            if isFitted { try Data("{}".utf8).write(to: directory.appending(path: "calibration.json")) }
            return .automatic(for: try ModelManifest.read(from: directory), in: directory, set: set)
        }
    }

    @Test func `bytes are chosen where the processor multiplies them`() throws {
        #expect(try automatic(.avx512vnni) == .int8)
    }

    @Test(arguments: [InstructionSet.scalar, .avx2, .avx512, .neon])
    func `elsewhere Float32 is`(set: InstructionSet) throws {
        #expect(try automatic(set) == .float32)
    }

    @Test
    func `a model whose rounding is fitted to nothing stays exact, and one that has one precision has that`()
        throws
    {
        #expect(try automatic(.avx512vnni, isFitted: false) == .float32)
        #expect(try automatic(.avx512vnni, precisions: [.float32]) == .float32)
        #expect(try automatic(.scalar, precisions: [.int8]) == .int8)
    }
}
