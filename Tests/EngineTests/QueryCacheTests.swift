import Embedding
import Engine
import Synchronization
import TestSupport
import Testing

struct QueryCacheTests {
    private static let space = EmbeddingSpace(model: "m", revision: "1", precision: "float32", dimension: 2)

    /// Computes vectors when it is let to, and counts how often it was asked.
    private final class Computer: Sendable {
        struct Failed: Error {}

        private struct State {
            var callCount = 0
            var cancelledCount = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
            var fails = false
        }

        private let state = Mutex(State())
        private let arrivals = AsyncStream.makeStream(of: Void.self)

        var callCount: Int { state.withLock { $0.callCount } }
        var cancelledCount: Int { state.withLock { $0.cancelledCount } }

        func compute() async throws -> [Float] {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.callCount += 1
                    $0.waiting.append(continuation)
                }
                arrivals.continuation.yield()
            }
            return try state.withLock { state in
                if Task.isCancelled { state.cancelledCount += 1 }
                if state.fails { throw Failed() }
                return [Float(state.callCount), 0]
            }
        }

        func arrived() async {
            var iterator = arrivals.stream.makeAsyncIterator()
            _ = await iterator.next()
        }

        func finish(failing fails: Bool = false) {
            let waiting = state.withLock { state in
                state.fails = fails
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func vector(
        _ text: String, in space: EmbeddingSpace = space, as role: EmbeddingRole = .query,
        from cache: QueryCache, _ value: Float
    ) async throws -> [Float] {
        try await cache.vector(of: text, as: role, in: space) { [value, 0] }
    }

    @Test func `the same text, space and role is computed once, anything else anew`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20)
        #expect(try await vector("a", from: cache, 1) == [1, 0])
        #expect(try await vector("a", from: cache, 2) == [1, 0])
        #expect(try await vector("a ", from: cache, 3) == [3, 0])
        #expect(try await vector("A", from: cache, 4) == [4, 0])
        #expect(try await vector("a", as: .passage, from: cache, 5) == [5, 0])
        for (index, other) in [
            EmbeddingSpace(model: "n", revision: "1", precision: "float32", dimension: 2),
            EmbeddingSpace(model: "m", revision: "2", precision: "float32", dimension: 2),
            EmbeddingSpace(model: "m", revision: "1", precision: "int8-1", dimension: 2),
            EmbeddingSpace(model: "m", revision: "1", precision: "float32", dimension: 3),
        ].enumerated() {
            let value = Float(10 + index)
            #expect(try await vector("a", in: other, from: cache, value) == [value, 0])
        }
        let figures = cache.figures
        #expect(figures.hitCount == 1 && figures.missCount == 8 && figures.joinedCount == 0)
        #expect(figures.entryCount == 8)
    }

    @Test func `who asks while the same is computed waits for that`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20)
        let computer = Computer()
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await cache.vector(of: "a", as: .query, in: Self.space, computing: computer.compute)
                }
            }
            await computer.arrived()
            while cache.figures.joinedCount < 7 { await Task.yield() }
            computer.finish()
            for try await vector in group { #expect(vector == [1, 0]) }
        }
        #expect(computer.callCount == 1 && cache.figures.missCount == 1)
    }

    @Test func `a failure is told to all who wait, and not kept`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20)
        let computer = Computer()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do {
                        _ = try await cache.vector(
                            of: "a", as: .query, in: Self.space, computing: computer.compute)
                        return false
                    } catch is Computer.Failed {
                        return true
                    }
                }
            }
            await computer.arrived()
            while cache.figures.joinedCount < 3 { await Task.yield() }
            computer.finish(failing: true)
            for try await hasFailed in group { #expect(hasFailed) }
        }
        #expect(computer.callCount == 1 && cache.figures.entryCount == 0)
        #expect(try await vector("a", from: cache, 7) == [7, 0])
    }

    @Test func `one who is cancelled leaves the computation to the others`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20)
        let computer = Computer()
        let first = Task {
            try await cache.vector(of: "a", as: .query, in: Self.space, computing: computer.compute)
        }
        await computer.arrived()
        let second = Task {
            try await cache.vector(of: "a", as: .query, in: Self.space, computing: computer.compute)
        }
        while cache.figures.joinedCount < 1 { await Task.yield() }
        first.cancel()
        computer.finish()
        #expect(try await second.value == [1, 0])
        _ = await first.result
        #expect(computer.callCount == 1 && computer.cancelledCount == 0)
    }

    @Test func `when all are cancelled the computation is, and the next begins anew`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20)
        let computer = Computer()
        let only = Task {
            try await cache.vector(of: "a", as: .query, in: Self.space, computing: computer.compute)
        }
        await computer.arrived()
        only.cancel()
        let next = Task {
            try await cache.vector(of: "a", as: .query, in: Self.space, computing: computer.compute)
        }
        await computer.arrived()
        computer.finish()
        #expect(try await next.value == [2, 0])
        _ = await only.result
        #expect(computer.callCount == 2 && computer.cancelledCount == 1)
    }

    @Test func `it never holds more than it may`() async throws {
        let cache = QueryCache(byteCountMax: 3_000)
        for number in 0..<100 {
            _ = try await vector("\(number)", from: cache, Float(number))
            #expect(cache.figures.byteCount <= 3_000)
        }
        // 3,000 bytes, 264 each.
        #expect(cache.figures.entryCount == 11)
        let few = QueryCache(byteCountMax: 1 << 20, entriesMax: 3)
        for number in 0..<100 { _ = try await vector("\(number)", from: few, Float(number)) }
        #expect(few.figures.entryCount == 3)
    }

    @Test func `what is asked again and again outlives what is asked once`() async throws {
        let cache = QueryCache(byteCountMax: 1 << 20, entriesMax: 8)
        for number in 0..<200 {
            #expect(try await vector("often", from: cache, number == 0 ? 1 : 2) == [1, 0])
            _ = try await vector("once \(number)", from: cache, 0)
        }
        // Of those asked once, the last seven are there, and only these.
        let before = cache.figures.hitCount
        for number in 193..<200 { _ = try await vector("once \(number)", from: cache, 0) }
        #expect(cache.figures.hitCount == before + 7)
        _ = try await vector("once 192", from: cache, 0)
        #expect(cache.figures.hitCount == before + 7 && cache.figures.entryCount == 8)
    }

    // MARK: In the engine

    @Test func `a question that was asked is not embedded again, in whatever workspace`() async throws {
        let test = try TestEngine { $0.queryCacheBytesMax = 1 << 20 }
        try await test.ingest(["a.md": "lighthouse keeper", "b.md": "petrel at night"])
        try test.engine.library.createWorkspace(named: "other")
        let other = try test.engine.library.operatorScope(forWorkspace: "other")
        _ = try await test.engine.ingest([TestEngine.item("c.md", bytes: Array("a storm".utf8))], in: other)
        let first = try await test.search("lighthouse")
        let embedded = test.embedder.textCount
        let second = try await test.search("lighthouse", limit: 1)
        #expect(second.hits.first?.citation.path == first.hits.first?.citation.path)
        #expect(second.hits.first?.similarity == first.hits.first?.similarity)
        let elsewhere = try await test.engine.search(SearchRequest(query: "lighthouse"), in: other)
        #expect(elsewhere.hits.map(\.citation.path) == ["c.md"])
        #expect(test.embedder.textCount == embedded)
        _ = try await test.search("Lighthouse")
        #expect(test.embedder.textCount == embedded + 1)
        #expect(test.engine.queryCacheFigures?.hitCount == 2)
        #expect(test.engine.queryCacheFigures?.missCount == 2)
    }

    @Test func `a question that could not be embedded is embedded when it is asked again`() async throws {
        let test = try TestEngine { $0.queryCacheBytesMax = 1 << 20 }
        try await test.ingest(["a.md": "lighthouse keeper"])
        test.embedder.fail(onCalls: [2])
        await #expect(throws: WordHashEmbedder.Refusal(callNumber: 2)) { try await test.search("lighthouse") }
        #expect(try await test.search("lighthouse").hits.count == 1)
    }

    @Test func `without room for one there is no cache`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "lighthouse keeper"])
        for _ in 0..<2 { _ = try await test.search("lighthouse") }
        #expect(test.embedder.textCount == 3 && test.engine.queryCacheFigures == nil)
    }
}
