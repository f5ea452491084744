import Synchronization

/// Workers that one thread at a time takes out, works with and gives back; at most `idleMax` are kept.
final class WorkerPool<Worker>: Sendable {
    // SAFETY: a worker is in one hand only: made for whoever asks, or taken out of `idle` under its lock.
    private struct Idle: @unchecked Sendable {
        var worker: Worker
    }

    private let idle = Mutex<[Idle]>([])
    private let idleMax: Int
    private let make: @Sendable () -> Worker

    init(idleMax: Int, make: @escaping @Sendable () -> Worker) {
        self.idleMax = idleMax
        self.make = make
    }

    func withWorker<Result>(_ body: (inout Worker) -> Result) -> Result {
        var worker = idle.withLock { $0.popLast() } ?? Idle(worker: make())
        let result = body(&worker.worker)
        let returned = worker
        idle.withLock { idle in
            if idle.count < idleMax { idle.append(returned) }
        }
        return result
    }
}
