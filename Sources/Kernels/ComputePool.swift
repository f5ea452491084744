/// Where arithmetic, and all that blocks on files, leaves Swift's cooperative threads.
///
/// A matrix product or a scan holds its thread for milliseconds; on a cooperative thread it would hold up
/// every other task. All heavy work passes through one pool, made by the composition root with as many
/// threads as the process may use. BLAS itself is held to one thread (`MatrixProduct`).
///
/// There are three lanes, each with threads of its own, so that what somebody waits for never stands in a queue
/// behind what nobody does. Together they may run twice as many threads as there are cores, and one; those of
/// the lanes that nobody waits for then give way, if the pool was made with a niceness for them.
package final class ComputePool: Sendable {
    /// Who waits for the work.
    package enum Lane: Sendable, CaseIterable {
        /// Somebody: a question, a list.
        case interactive

        /// Nobody in particular: an ingest.
        case background

        /// Nobody at all: work that may take minutes and can always be put off. One piece at a time, in the order
        /// in which it came, so that it never holds up an ingest or fills the machine.
        case maintenance
    }

    /// Threads of each lane but the maintenance lane, which has one.
    package let threadCount: Int
    private let interactive: WorkerThreads
    private let background: WorkerThreads
    private let maintenance: WorkerThreads

    /// - Parameters:
    ///   - threadCount: from 1 to 256. Threads start with a lane's first work.
    ///   - backgroundNiceness: from 0 (as any other thread) to 19 (only when nothing else runs). The system's
    ///     scheduler gives a thread of niceness 5 about a quarter of a core that it shares with one of 0.
    package init(threadCount: Int, backgroundNiceness: Int = 0) {
        precondition((1...256).contains(threadCount), "threadCount must be 1...256, found \(threadCount)")
        precondition(
            (0...19).contains(backgroundNiceness),
            "backgroundNiceness must be 0...19, found \(backgroundNiceness)")
        self.threadCount = threadCount
        interactive = WorkerThreads(name: "carrel.ask", count: threadCount, niceness: 0)
        background = WorkerThreads(name: "carrel.work", count: threadCount, niceness: backgroundNiceness)
        maintenance = WorkerThreads(name: "carrel.keep", count: 1, niceness: backgroundNiceness)
    }

    deinit {
        for lane in Lane.allCases { threads(of: lane).finish() }
    }

    /// Pieces of work that a lane runs at once.
    package func threadCount(of lane: Lane) -> Int {
        switch lane {
        case .interactive, .background: threadCount
        case .maintenance: 1
        }
    }

    /// Runs `work` on one of the lane's threads. Waiting costs no thread; cancellation is the work's own
    /// affair.
    package func run<Success: Sendable>(
        in lane: Lane = .interactive, _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try await withCheckedThrowingContinuation { continuation in
            threads(of: lane).add { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// Queues work whose end nobody waits for.
    package func start(in lane: Lane, _ work: @escaping @Sendable () -> Void) {
        threads(of: lane).add(work)
    }

    /// Runs `work` for every index in `0..<count`, as many at once as the lane has threads, and returns the results in
    /// order.
    package func map<Success: Sendable>(
        count: Int, in lane: Lane = .interactive, _ work: @escaping @Sendable (Int) throws -> Success
    ) async throws -> [Success] {
        // The usual question is one batch: a group of tasks would cost more than the hop.
        if count == 1 { return [try await run(in: lane) { try work(0) }] }
        return try await withThrowingTaskGroup(of: (Int, Success).self) { group in
            for index in 0..<count {
                group.addTask { try await self.run(in: lane) { (index, try work(index)) } }
            }
            var results = [Success?](repeating: nil, count: count)
            for try await (index, result) in group {
                results[index] = result
            }
            return results.compactMap { $0 }
        }
    }

    /// The calling thread's niceness, as the system has it.
    package static func niceness() -> Int {
        ThreadPriority.current
    }

    private func threads(of lane: Lane) -> WorkerThreads {
        switch lane {
        case .interactive: interactive
        case .background: background
        case .maintenance: maintenance
        }
    }
}
