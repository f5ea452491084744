import Embedding
import Foundation
import Kernels
import Testing

/// A model's folder keeps its weights as the products want them. What is in that file is derived: the tests compare
/// with an embedder that keeps nothing.
@Suite struct PackedFileTests {
    private static let tiny = Fixtures.packageRoot.appending(
        path: "Tests/EmbeddingTests/Goldens/tiny-uncased")
    private static let texts = ["the lamp", "an old island of water"]

    /// The folder's names that begin with `packed`, sorted.
    private func packedNames(in directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("packed") }
            .sorted()
    }

    private func packedFile(in directory: URL) throws -> URL {
        directory.appending(path: try #require(try packedNames(in: directory).first))
    }

    private func inode(_ file: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        return try #require(attributes[.systemFileNumber] as? NSNumber).intValue
    }

    private func vectors(
        in directory: URL, _ precision: Precision = .float32, keepsPacked: Bool = true
    ) async throws -> EmbeddingMatrix {
        let hasManifest = FileManager.default.fileExists(atPath: directory.appending(path: "model.json").path)
        let manifest =
            hasManifest
            ? nil
            : try ModelManifest.derived(from: directory) { _ in
                // As if the digest were not looked at: what must tell files apart is their time and length.
                String(repeating: "ab", count: 32)
            }
        let embedder = try LocalEmbedder(
            modelDirectory: directory, manifest: manifest, pool: ComputePool(threadCount: 1),
            precision: precision, keepsPacked: keepsPacked)
        return try await embedder.embed(Self.texts, as: .passage)
    }

    /// Runs `body` with a copy of the tiny checkpoint.
    private func withTinyModel(_ body: (URL) async throws -> Void) async throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "packed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        let directory = parent.appending(path: "tiny")
        try FileManager.default.copyItem(at: Self.tiny, to: directory)
        try await body(directory)
    }

    /// Runs `body` with the local model in a folder of its own, where files can be put.
    private func withLocalModel(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "packed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["model.json", "config.json", "tokenizer.json", "model.safetensors"] {
            try FileManager.default.createSymbolicLink(
                at: directory.appending(path: name), withDestinationURL: Fixtures.model(name))
        }
        try FileManager.default.copyItem(
            at: Fixtures.model("calibration.json"), to: directory.appending(path: "calibration.json"))
        try await body(directory)
    }

    @Test(arguments: Precision.allCases)
    func `the second start takes the packed file as it is, and gives the same vectors`(
        precision: Precision
    ) async throws {
        try await withLocalModel { directory in
            let expected = try await vectors(in: directory, precision, keepsPacked: false)
            #expect(try packedNames(in: directory).isEmpty)
            #expect(try await vectors(in: directory, precision) == expected)
            let file = try packedFile(in: directory)
            let made = try inode(file)
            #expect(try await vectors(in: directory, precision) == expected)
            #expect(try packedNames(in: directory) == [file.lastPathComponent])
            #expect(try inode(file) == made)
        }
    }

    @Test func `weights of one precision lie beside those of another`() async throws {
        try await withLocalModel { directory in
            let floats = try await vectors(in: directory)
            let bytes = try await vectors(in: directory, .int8)
            #expect(try packedNames(in: directory).count == 2)
            #expect(try await vectors(in: directory) == floats)
            #expect(try await vectors(in: directory, .int8) == bytes)
        }
    }

    @Test(arguments: [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
    func `a packed file with a wrong byte anywhere is packed anew`(place: Double) async throws {
        try await withTinyModel { directory in
            let expected = try await vectors(in: directory)
            let file = try packedFile(in: directory)
            let right = try Data(contentsOf: file)
            var wrong = right
            wrong[Int(place * Double(right.count))] ^= 0x40
            try FileManager.default.removeItem(at: file)
            try wrong.write(to: file)
            #expect(try await vectors(in: directory) == expected)
            #expect(try Data(contentsOf: file) == right)
        }
    }

    @Test(arguments: [0, 7, 300, 20_000])
    func `a packed file that was cut off is packed anew`(byteCount: Int) async throws {
        try await withTinyModel { directory in
            let expected = try await vectors(in: directory)
            let file = try packedFile(in: directory)
            let right = try Data(contentsOf: file)
            #expect(right.count > byteCount)
            try FileManager.default.removeItem(at: file)
            try right.prefix(byteCount).write(to: file)
            #expect(try await vectors(in: directory) == expected)
            #expect(try Data(contentsOf: file) == right)
        }
    }

    @Test func `weights that were replaced by others of the same size are packed anew`() async throws {
        try await withTinyModel { directory in
            let before = try await vectors(in: directory)
            let weights = directory.appending(path: "model.safetensors")
            var bytes = try Data(contentsOf: weights)
            // The last tensors are those of a layer's maps and normalisations: halve what their numbers stand for.
            for index in stride(from: bytes.count - 40_001, to: bytes.count, by: 4) { bytes[index] ^= 0x80 }
            try FileManager.default.removeItem(at: weights)
            try bytes.write(to: weights)
            let expected = try await vectors(in: directory, keepsPacked: false)
            #expect(expected != before)
            #expect(try await vectors(in: directory) == expected)
        }
    }

    @Test func `another calibration is another packed file`() async throws {
        try await withLocalModel { directory in
            let before = try await vectors(in: directory, .int8)
            try FileManager.default.removeItem(at: directory.appending(path: "calibration.json"))
            let expected = try await vectors(in: directory, .int8, keepsPacked: false)
            #expect(expected != before)
            #expect(try await vectors(in: directory, .int8) == expected)
        }
    }

    @Test func `where no file can be put the model runs from memory`() async throws {
        try await withTinyModel { directory in
            let expected = try await vectors(in: directory)
            let file = try packedFile(in: directory)
            try FileManager.default.removeItem(at: file)
            // A folder with something in it gives way to no file.
            try FileManager.default.createDirectory(
                at: file.appending(path: "taken"), withIntermediateDirectories: true)
            #expect(try await vectors(in: directory) == expected)
            #expect(try packedNames(in: directory) == [file.lastPathComponent])
        }
    }

    @Test func `what a stopped process left half written is cleared away`() async throws {
        try await withTinyModel { directory in
            let expected = try await vectors(in: directory)
            let file = try packedFile(in: directory)
            let part = file.appendingPathExtension("part")
            try FileManager.default.moveItem(at: file, to: part)
            #expect(try await vectors(in: directory) == expected)
            #expect(try packedNames(in: directory).isEmpty)
            #expect(try await vectors(in: directory) == expected)
            #expect(try packedNames(in: directory) == [file.lastPathComponent])
        }
    }
}
