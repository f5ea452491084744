import Store
import Synchronization

/// The jobs that this process is doing: what it knows of them, the Store learns only with what is kept.
final class ActiveJobs: Sendable {
    private let runs = Mutex<[JobID: JobRun]>([:])

    func add(_ run: JobRun) {
        runs.withLock { $0[run.id] = run }
    }

    func remove(_ run: JobRun) {
        runs.withLock { $0[run.id] = nil }
    }

    /// What the documents in hand are, by path.
    func states(of job: JobID) -> [String: ItemState] {
        runs.withLock { $0[job] }?.inHand ?? [:]
    }
}
