import Foundation
import Kernels
import Synchronization
import Testing

struct ComputePoolTests {
    /// Holds pool threads up until it is opened.
    private final class Barrier: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func wait() { semaphore.wait() }
        func open(for count: Int) { (0..<count).forEach { _ in semaphore.signal() } }
    }

    @Test func `interactive work does not wait for background work, however much of it there is`()
        async throws
    {
        let pool = ComputePool(threadCount: 2)
        let barrier = Barrier()
        let work = Task { try await pool.map(count: 50, in: .background) { _ in barrier.wait() } }
        #expect(try await pool.run { 7 } == 7)
        #expect(try await pool.map(count: 20) { $0 } == Array(0..<20))
        barrier.open(for: 50)
        #expect(try await work.value.count == 50)
    }

    @Test(arguments: ComputePool.Lane.allCases, [1, 2, 5])
    func `a lane runs as many pieces at once as it has threads, and no more`(
        lane: ComputePool.Lane, threadCount: Int
    ) async throws {
        let pool = ComputePool(threadCount: threadCount)
        let barrier = Barrier()
        let running = Mutex(0)
        let (starts, start) = AsyncStream.makeStream(of: Int.self)
        let work = Task {
            try await pool.map(count: 12, in: lane) { _ in
                start.yield(
                    running.withLock {
                        $0 += 1; return $0
                    })
                barrier.wait()
                running.withLock { $0 -= 1 }
            }
        }
        let most = lane == .maintenance ? 1 : threadCount
        #expect(pool.threadCount(of: lane) == most)
        var iterator = starts.makeAsyncIterator()
        for _ in 0..<most { _ = await iterator.next() }
        #expect(running.withLock { $0 } == most)
        barrier.open(for: 12)
        _ = try await work.value
        start.finish()
        while let count = await iterator.next() { #expect(count <= most) }
    }

    @Test func `work that nobody waits for is run, in the order in which it came`() async throws {
        let pool = ComputePool(threadCount: 2)
        let order = Mutex<[Int]>([])
        for number in 0..<100 {
            pool.start(in: .maintenance) { order.withLock { $0.append(number) } }
        }
        // The lane has one thread: what is queued last ends last.
        try await pool.run(in: .maintenance) {}
        #expect(order.withLock { $0 } == Array(0..<100))
    }

    @Test func `what is thrown comes back, and the thread goes on`() async throws {
        struct Refusal: Error {}
        let pool = ComputePool(threadCount: 1)
        await #expect(throws: Refusal.self) { try await pool.run { throw Refusal() } }
        #expect(try await pool.run { true })
    }

    @Test func `many pieces are each run once and come back in order`() async throws {
        let pool = ComputePool(threadCount: 2)
        let runs = Mutex([Int](repeating: 0, count: 5_000))
        let results = try await pool.map(count: 5_000) { index in
            runs.withLock { $0[index] += 1 }
            return index
        }
        #expect(results == Array(0..<5_000))
        #expect(runs.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test func `only threads of lanes that nobody waits for give way`() async throws {
        let pool = ComputePool(threadCount: 2, backgroundNiceness: 5)
        let before = ComputePool.niceness()
        #expect(try await pool.run(in: .background) { ComputePool.niceness() } >= 5)
        #expect(try await pool.run(in: .maintenance) { ComputePool.niceness() } >= 5)
        #expect(try await pool.run { ComputePool.niceness() } == before)
    }
}
