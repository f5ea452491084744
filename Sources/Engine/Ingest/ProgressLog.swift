import Synchronization

/// Collects the events of one ingest, which come from several threads, and passes each on, one at a time.
final class ProgressLog: Sendable {
    private let progress = Mutex(IngestProgress())
    private let report: @Sendable (IngestEvent) -> Void

    init(report: @escaping @Sendable (IngestEvent) -> Void) {
        self.report = report
    }

    func record(_ event: IngestEvent) {
        progress.withLock { progress in
            progress.apply(event)
            report(event)
        }
    }

    var value: IngestProgress { progress.withLock { $0 } }
}
