import Cloud
import Embedding
import Foundation
import Synchronization
import TestSupport
import Testing

/// All at once, over real HTTP, and by a clock that nobody waits for.
struct HostileProviderTests {
    private static let dimension = 16
    private static let chunkCount = 10_000
    private static let chunksPerDocument = 250
    private static let poisonIndex = 6_789
    private static let key = "sk-hostile-0123456789abcdef"

    private static let chunks = (0..<chunkCount).map { number in
        "chunk \(number) of a document"
            + String(repeating: " about something", count: number % 7)
            + (number == poisonIndex ? " \(ProviderMood.poison)" : "")
    }

    /// What came of all chunks.
    private final class Harvest: Sendable {
        let vectors = Mutex<[Int: [Float]]>([:])
        let repeated = Mutex(0)

        func add(_ part: EmbeddedPart, offset: Int) {
            for (row, index) in part.indexes.enumerated() {
                let old = vectors.withLock { $0.updateValue(part.matrix.row(row), forKey: index + offset) }
                if old != nil { repeated.withLock { $0 += 1 } }
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `of ten thousand chunks all good ones end right, the bad one fails alone, and the bill is exact`(
        seed: UInt64
    ) async throws {
        let time = VirtualTime()
        let mood = ProviderMood(seed: seed, time: time, key: Self.key)
        let provider = try await EmbeddingProvider.start(
            dimension: Self.dimension, now: { time.now }, judge: { mood.fault(for: $0) })
        var configuration = RemoteConfiguration(
            endpoint: provider.url, model: "hostile", dimension: Self.dimension)
        configuration.apiKey = Self.key
        configuration.textsPerCall = 40
        configuration.patience = .seconds(86_400)
        let jitter = Mutex(SplitMix64(seed: seed))
        let embedder = try RemoteEmbedder(
            configuration: configuration, transport: VirtualTransport(time: time), clock: time,
            policy: ProviderMood.policy,
            jitter: { jitter.withLock { Double.random(in: 0...1, using: &$0) } })

        let harvest = Harvest()
        let refusals = try await ingest(by: embedder, into: harvest)
        try await provider.stop()

        check(harvest)
        let refusal = try #require(refusals.first)
        #expect(refusals.count == 1 && refusal.index == Self.poisonIndex)
        #expect(refusal.reason == "status 400: bad input, key [key]")
        checkSpend(embedder, provider)
        checkLog(provider.log)
        #expect(embedder.circuit.phase == .closed)
    }

    /// Documents, ten at once, as an ingest has them.
    private func ingest(by embedder: RemoteEmbedder, into harvest: Harvest) async throws -> [TextRefusal] {
        try await withThrowingTaskGroup(of: [TextRefusal].self) { group in
            var starts = stride(from: 0, to: Self.chunkCount, by: Self.chunksPerDocument).makeIterator()
            func add(_ start: Int) {
                let texts = Array(Self.chunks[start..<start + Self.chunksPerDocument])
                group.addTask {
                    try await embedder.embed(texts, as: .passage) { harvest.add($0, offset: start) }
                        .map { TextRefusal(index: $0.index + start, reason: $0.reason) }
                }
            }
            for _ in 0..<10 { if let start = starts.next() { add(start) } }
            var refusals: [TextRefusal] = []
            while let refused = try await group.next() {
                refusals += refused
                if let start = starts.next() { add(start) }
            }
            return refusals
        }
    }

    private func check(_ harvest: Harvest) {
        let vectors = harvest.vectors.withLock { $0 }
        #expect(vectors.count == Self.chunkCount - 1 && vectors[Self.poisonIndex] == nil)
        #expect(harvest.repeated.withLock { $0 } == 0)
        var wrong = 0
        for (index, found) in vectors {
            let expected = EmbeddingProvider.vector(of: Self.chunks[index], dimension: Self.dimension)
            let distance = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1 / 3)) }
            if !(distance < 1e-5) { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    private func checkSpend(_ embedder: RemoteEmbedder, _ provider: EmbeddingProvider) {
        let spend = embedder.spend
        #expect(spend?.callCount == provider.log.count)
        #expect(spend?.tokenCount == provider.billedTokens)
        // What stalled, broke off and was cut may have been charged.
        #expect((spend?.uncertainTokenCount ?? 0) > 0)
    }

    private func checkLog(_ log: [EmbeddingProvider.Entry]) {
        let kinds: [(String, (EmbeddingProvider.Fault) -> Bool)] = [
            ("429 with a time", { if case .status(429, .some, _) = $0 { true } else { false } }),
            ("429 without", { if case .status(429, nil, _) = $0 { true } else { false } }),
            ("500", { if case .status(500, _, _) = $0 { true } else { false } }),
            ("reset", { $0 == .reset }), ("stall", { $0 == .stall }), ("truncated", { $0 == .truncated }),
            ("wrong order", { $0 == .wrongOrder }), ("wrong dimension", { $0 == .wrongDimension }),
            ("NaN", { $0 == .notANumber }), ("null", { $0 == .null }),
            ("error under 200", { $0 == .errorUnder200 }),
        ]
        for (name, matches) in kinds {
            #expect(log.contains { $0.fault.map(matches) == true }, "no \(name) among \(log.count) calls")
        }
        #expect(log.allSatisfy { $0.headers["authorization"] == "Bearer \(Self.key)" })
        checkRetryAfter(log)
        let poisoned = log.filter { $0.texts.contains { $0.contains(ProviderMood.poison) } }
        #expect(poisoned.count <= 8, "\(poisoned.map(\.texts.count))")
        #expect(poisoned.last?.texts.count == 1)
    }

    /// No batch that was told when to come back came back before, by the provider's own log.
    private func checkRetryAfter(_ log: [EmbeddingProvider.Entry]) {
        var told = 0
        for (position, entry) in log.enumerated() {
            guard case .status(429, let text?, _) = entry.fault else { continue }
            let seconds =
                Double(text) ?? (HTTPDate.date(text)?.timeIntervalSince1970 ?? 0) - entry.time / .seconds(1)
            let next = log[(position + 1)...].first { $0.texts.first == entry.texts.first }
            guard let next else {
                Issue.record("a batch that was told to come back in \(seconds) s never did")
                continue
            }
            told += 1
            #expect(
                next.time >= entry.time + .seconds(seconds) - .milliseconds(1),
                "told \(text) at \(entry.time), came at \(next.time)")
        }
        #expect(told >= 20)
    }
}
