import Synchronization

/// Carries a task's cancellation to threads that know no task.
final class Cancellation: Sendable {
    private let isRequested = Atomic(false)

    /// - Throws: `CancellationError` once the task was cancelled.
    func check() throws(CancellationError) {
        guard !isRequested.load(ordering: .relaxed) else { throw CancellationError() }
    }

    /// Lends `body` a flag that goes up when the calling task is cancelled.
    static func relayed<Success: Sendable>(
        to body: (Cancellation) async throws -> Success
    ) async throws -> Success {
        try Task.checkCancellation()
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await body(cancellation)
        } onCancel: {
            cancellation.isRequested.store(true, ordering: .relaxed)
        }
    }
}
