import Synchronization

/// Lets so many in at once, so many more wait, first come, first served, and turns the others away.
package final class AdmissionGate: Sendable {
    private struct State {
        var insideCount = 0
        var nextTicket = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []

        mutating func admitsAnother(_ countMax: Int) -> Bool {
            guard insideCount < countMax else { return false }
            insideCount += 1
            return true
        }
    }

    private let countMax: Int
    private let waitingMax: Int
    private let waitMax: Duration
    private let state = Mutex(State())

    /// - Parameter waitMax: who has waited so long is turned away.
    package init(countMax: Int, waitingMax: Int = 0, waitMax: Duration = .zero) {
        precondition(
            countMax > 0 && waitingMax >= 0, "a gate for \(countMax) with room for \(waitingMax) to wait")
        self.countMax = countMax
        self.waitingMax = waitingMax
        self.waitMax = waitMax
    }

    /// Runs `body` once there is room.
    ///
    /// - Throws: `ServerError.overloaded`; what `body` throws.
    package func run<Success>(_ body: () async throws -> Success) async throws -> Success {
        try await enter()
        defer { leave() }
        return try await body()
    }

    /// How many are inside, and how many wait.
    package var counts: (inside: Int, waiting: Int) {
        state.withLock { ($0.insideCount, $0.waiting.count) }
    }

    private func enter() async throws(ServerError) {
        let isAdmitted = state.withLock { $0.admitsAnother(countMax) }
        if isAdmitted { return }
        guard waitingMax > 0, await wait() else { throw .overloaded(countMax: countMax) }
    }

    private func wait() async -> Bool {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let timeout = Task {
            try await Task.sleep(for: waitMax)
            turnAway(ticket)
        }
        defer { timeout.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAdmitted = state.withLock { state -> Bool? in
                    // Room may have been made meanwhile.
                    if state.admitsAnother(countMax) { return true }
                    guard state.waiting.count < waitingMax, !Task.isCancelled else { return false }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let isAdmitted { continuation.resume(returning: isAdmitted) }
            }
        } onCancel: {
            turnAway(ticket)
        }
    }

    private func turnAway(_ ticket: Int) {
        let continuation = state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(returning: false)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.insideCount -= 1
            return nil
        }
        next?.resume(returning: true)
    }
}
