import Synchronization

/// Workers that one thread at a time takes out, works with and gives back; at most `idleMax` are kept.
final class WorkerPool<Worker: AnyObject>: Sendable {
    // SAFETY: a worker is in one hand only: made for whoever asks, or taken out of `idle` under its lock.
    private struct Idle: @unchecked Sendable {
        let worker: Worker
    }

    private let idle = Mutex<[Idle]>([])
    private let idleMax: Int
    private let make: @Sendable () -> Worker

    init(idleMax: Int, make: @escaping @Sendable () -> Worker) {
        self.idleMax = idleMax
        self.make = make
    }

    func withWorker<Result>(_ body: (Worker) -> Result) -> Result {
        let worker = idle.withLock { $0.popLast() } ?? Idle(worker: make())
        let result = body(worker.worker)
        idle.withLock { idle in
            if idle.count < idleMax { idle.append(worker) }
        }
        return result
    }
}
