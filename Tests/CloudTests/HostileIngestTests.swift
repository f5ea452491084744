import Cloud
import Documents
import Embedding
import Engine
import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

/// A whole ingest, from documents to what is found, by a hostile provider.
struct HostileIngestTests {
    private static let dimension = 32
    private static let documentCount = 120
    private static let poisoned = "d77.md"

    /// Of about ten passages each.
    private static func documents(seed: UInt64) -> [IngestItem] {
        var generator = SplitMix64(seed: seed)
        return (0..<documentCount).map { number in
            var paragraphs = (0..<10).map { paragraph in
                let words = (0..<120).map { _ in "w\(UInt32.random(in: 0..<5_000, using: &generator))" }
                return "own\(number)x\(paragraph) " + words.joined(separator: " ") + "."
            }
            let path = "d\(number).md"
            if path == poisoned { paragraphs[4] += " \(ProviderMood.poison)" }
            let bytes = Array(("# Document \(number)\n\n" + paragraphs.joined(separator: "\n\n")).utf8)
            return IngestItem(path: path, mediaType: .markdown, byteCount: bytes.count, load: { bytes })
        }
    }

    @Test
    func `all documents go in and are found but the bad one, which is then paid for only where it was bad`()
        async throws
    {
        let time = VirtualTime()
        let mood = ProviderMood(seed: 7, time: time, key: "sk-ingest-0123456789")
        let provider = try await EmbeddingProvider.start(
            dimension: Self.dimension, now: { time.now }, judge: { mood.fault(for: $0) })
        let embedder = try Self.embedder(provider, time)
        let folder = try TemporaryFolder()
        var configuration = EngineConfiguration(dataDirectory: folder.url)
        configuration.wait = { _ in }
        let engine = try Engine(
            configuration: configuration, embedder: embedder, pool: ComputePool(threadCount: 2))
        try engine.library.createWorkspace(named: "notes")
        let scope = try engine.library.operatorScope(forWorkspace: "notes")
        let items = Self.documents(seed: 7)

        let progress = try await engine.ingest(items, in: scope)
        #expect(progress.ingestedCount == Self.documentCount - 1)
        #expect(progress.failures.map(\.path) == [Self.poisoned], "\(progress.failures)")
        guard
            case .passageRefused(_, let refused, _, let reason)? = progress.failures.first?.error
                as? EngineError
        else {
            Issue.record("\(progress.failures)")
            return
        }
        #expect(reason == "status 400: bad input, key [key]")
        #expect(engine.spend?.callCount == provider.log.count)
        #expect(engine.spend?.tokenCount == provider.billedTokens)

        mood.recover()
        let before = provider.log.count
        let mended = try await engine.ingest(items, in: scope)
        #expect(mended.ingestedCount == 1 && mended.unchangedCount == Self.documentCount - 1)
        #expect(provider.log.dropFirst(before).flatMap(\.texts).count == refused)
        try await checkThatAllIsFound(engine, scope, provider)
        try await engine.close()
        try await provider.stop()
    }

    private static func embedder(_ provider: EmbeddingProvider, _ time: VirtualTime) throws -> RemoteEmbedder
    {
        var configuration = RemoteConfiguration(
            endpoint: provider.url, model: "hostile", dimension: dimension)
        configuration.apiKey = "sk-ingest-0123456789"
        configuration.patience = .seconds(86_400)
        let jitter = Mutex(SplitMix64(seed: 7))
        return try RemoteEmbedder(
            configuration: configuration, transport: VirtualTransport(time: time), clock: time,
            policy: ProviderMood.policy,
            jitter: { jitter.withLock { Double.random(in: 0...1, using: &$0) } })
    }

    /// Every tenth of the texts that were ever sent, asked for as a question, is its own nearest passage.
    private func checkThatAllIsFound(
        _ engine: Engine, _ scope: WorkspaceScope, _ provider: EmbeddingProvider
    ) async throws {
        let texts = Set(provider.log.flatMap(\.texts)).subtracting(["word"]).sorted()
        #expect(texts.count >= Self.documentCount * 5)
        for text in stride(from: 0, to: texts.count, by: 10).map({ texts[$0] }) {
            let response = try await engine.search(
                SearchRequest(query: text, limit: 1, recallTarget: 1, mode: .vector), in: scope)
            let hit = try #require(response.hits.first)
            #expect(hit.text == text && hit.similarity ?? 0 > 0.9999, "\(hit.receipt)")
        }
    }
}
