import Engine
import Foundation
import Synchronization

/// Holds somebody up until it is opened, and tells when an ingest has begun.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let beginning = AsyncStream.makeStream(of: Void.self)

    /// Blocks the calling thread, which must be one of the pool's.
    func wait() {
        semaphore.wait()
    }

    func open() {
        semaphore.signal()
    }

    /// To be passed as an ingest's report.
    var openAtStart: @Sendable (IngestEvent) -> Void {
        { event in
            if case .started = event { self.beginning.continuation.yield() }
        }
    }

    func started() async {
        var events = beginning.stream.makeAsyncIterator()
        _ = await events.next()
    }
}
