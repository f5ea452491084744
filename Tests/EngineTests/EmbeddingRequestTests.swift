import Embedding
import Engine
import Kernels
import Synchronization
import TestSupport
import Testing

/// Vectors for others, without a wire.
struct EmbeddingRequestTests {
    private func engine(_ embedder: any Embedder) throws -> (engine: Engine, folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        let configuration = EngineConfiguration(dataDirectory: folder.url)
        return (
            try Engine(
                configuration: configuration, embedder: embedder, pool: ComputePool(threadCount: 2)), folder
        )
    }

    private func check(
        _ request: EmbeddingRequest, fails expected: EngineError,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let test = try TestEngine()
        await #expect(throws: expected, sourceLocation: sourceLocation) {
            try await test.engine.embed(request)
        }
        #expect(test.embedder.textCount == 0, sourceLocation: sourceLocation)
    }

    @Test func `what is outside the bounds is refused before anything is embedded`() async throws {
        func request(_ inputs: [EmbeddingRequest.Input]) -> EmbeddingRequest {
            EmbeddingRequest(model: "word-hash", inputs: inputs)
        }
        try await check(
            EmbeddingRequest(model: "x", inputs: [.text("a")]),
            fails: .modelNotFound("x", served: ["word-hash"]))
        try await check(
            EmbeddingRequest(model: "word-hash", inputs: [.text("a")], dimension: 32),
            fails: .dimensionUnsupported(found: 32, expected: 64))
        try await check(request([]), fails: .inputCountOutOfRange(found: 0, allowed: 1...2_048))
        try await check(
            request(Array(repeating: .text("a"), count: 2_049)),
            fails: .inputCountOutOfRange(found: 2_049, allowed: 1...2_048))
        try await check(request([.text("a"), .tokens([])]), fails: .inputEmpty(index: 1))
        let long = String(repeating: "a ", count: 255)
        try await check(
            request([.text("a"), .text(long)]), fails: .inputTooLong(index: 1, found: 257, max: 256))
        try await check(
            request([.tokens(Array(repeating: 5, count: 300))]),
            fails: .inputTooLong(index: 0, found: 302, max: 256))
        try await check(
            request([.tokens([5]), .tokens([6, -1])]),
            fails: .tokenUnknown(
                index: 1, position: 1, found: -1, vocabularyCount: WordHashEmbedder().vocabularyCount))
        try await check(
            request(Array(repeating: .text(String(repeating: "a ", count: 254)), count: 1_172)),
            fails: .tooManyInputTokens(found: 300_032, max: 300_000))
    }

    @Test func `every input has its row, in order, however many go through the model at once`() async throws {
        let embedder = RecordingEmbedder()
        let (engine, folder) = try engine(embedder)
        let lengths = (0..<700).map { 1 + $0 * 37 % 200 }
        let response = try await engine.embed(
            EmbeddingRequest(
                model: "recording", inputs: lengths.map { .tokens(Array(repeating: 7, count: $0)) }))
        #expect(response.rowCount == 700 && response.dimension == 1)
        #expect(response.values == lengths.map { Float($0) })
        #expect(response.tokenCount == lengths.reduce(0, +))
        let calls = embedder.calls
        #expect(calls.allSatisfy { $0.tokenCount <= 8_192 && $0.inBackground })
        #expect(calls.count == 9, "\(calls.count)")
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: [
        ([200], false), ([100, 100], false), ([100, 101], true), ([200, 1], true),
        (Array(repeating: 200, count: 60), true),
    ])
    func `what is larger than a question may be gives way to questions`(
        lengths: [Int], inBackground: Bool
    ) async throws {
        let embedder = RecordingEmbedder()
        let (engine, folder) = try engine(embedder)
        let inputs = lengths.map { EmbeddingRequest.Input.tokens(Array(repeating: 7, count: $0)) }
        _ = try await engine.embed(EmbeddingRequest(model: "recording", inputs: inputs))
        let calls = embedder.calls
        #expect(!calls.isEmpty && calls.allSatisfy { $0.inBackground == inBackground })
        withExtendedLifetime(folder) {}
    }

    @Test func `a cancelled request goes no further than the slice in hand`() async throws {
        let embedder = RecordingEmbedder()
        let (engine, folder) = try engine(embedder)
        let inputs = Array(
            repeating: EmbeddingRequest.Input.tokens(Array(repeating: 7, count: 200)), count: 1_000)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await engine.embed(EmbeddingRequest(model: "recording", inputs: inputs))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(embedder.calls.isEmpty)
        withExtendedLifetime(folder) {}
    }
}

/// An embedder whose vectors say how long a sequence is, and that remembers its calls.
private final class RecordingEmbedder: TokenEmbedder {
    struct Call {
        var tokenCount: Int
        var inBackground: Bool
    }

    let space = EmbeddingSpace(model: "recording", revision: "1", precision: "float32", dimension: 1)
    let windowTokens = 200
    let specialTokenCount = 0
    let vocabularyCount = 10
    private let state = Mutex<[Call]>([])

    var calls: [Call] { state.withLock { $0 } }

    func tokenCount(of text: String) -> Int { text.utf8.count }

    func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        text.utf8.prefix(tokensMax).map { _ in 7 }
    }

    func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] { ids }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await embed(
            texts.map { tokens(of: $0, as: role, tokensMax: 200) }, inBackground: role == .passage)
    }

    func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        let tokenCount = sequences.reduce(0) { $0 + $1.count }
        state.withLock { $0.append(Call(tokenCount: tokenCount, inBackground: inBackground)) }
        return EmbeddingMatrix(
            rowCount: sequences.count, dimension: 1, values: sequences.map { Float($0.count) })
    }
}
