import Foundation

/// Where arithmetic leaves Swift's cooperative threads.
///
/// A matrix product or a scan holds its thread for milliseconds; on a cooperative thread it would hold up
/// every other task. All heavy work passes through one pool, made by the composition root with as many
/// threads as the process may use, so that callers together never run more arithmetic than there are cores.
/// BLAS itself is held to one thread (`MatrixProduct`).
package final class ComputePool: Sendable {
    package let threadCount: Int
    private let queue: OperationQueue

    /// - Parameter threadCount: from 1 to 256.
    package init(threadCount: Int) {
        precondition((1...256).contains(threadCount), "threadCount must be 1...256, found \(threadCount)")
        self.threadCount = threadCount
        queue = OperationQueue()
        queue.name = "carrel.compute"
        queue.maxConcurrentOperationCount = threadCount
    }

    /// Runs `work` on one of the pool's threads. Waiting costs no thread; cancellation is the work's own
    /// affair.
    package func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                continuation.resume(with: Result(catching: work))
            }
        }
    }

    /// Runs `work` for every index in `0..<count`, at most `threadCount` at once, and returns the results in
    /// order.
    package func map<Success: Sendable>(
        count: Int, _ work: @escaping @Sendable (Int) throws -> Success
    ) async throws -> [Success] {
        try await withThrowingTaskGroup(of: (Int, Success).self) { group in
            for index in 0..<count {
                group.addTask { try await self.run { (index, try work(index)) } }
            }
            var results = [Success?](repeating: nil, count: count)
            for try await (index, result) in group {
                results[index] = result
            }
            return results.compactMap { $0 }
        }
    }
}
