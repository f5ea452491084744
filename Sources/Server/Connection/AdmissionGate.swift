import Synchronization

/// Lets so many in at once, so many more wait, first come, first served, and turns the others away.
///
/// Nobody gets more than a share, however early: what one tenant does, another must not have to wait for.
package final class AdmissionGate: Sendable {
    private struct State {
        var insideCount = 0
        var insideByTenant: [String: Int] = [:]
        var nextTicket = 0
        var waiting: [(ticket: Int, tenant: String, continuation: CheckedContinuation<Bool, Never>)] = []

        mutating func admits(_ tenant: String, _ countMax: Int, share: Int) -> Bool {
            guard insideCount < countMax, insideByTenant[tenant, default: 0] < share else { return false }
            insideCount += 1
            insideByTenant[tenant, default: 0] += 1
            return true
        }

        mutating func leave(_ tenant: String) {
            insideCount -= 1
            let count = insideByTenant[tenant, default: 1] - 1
            insideByTenant[tenant] = count == 0 ? nil : count
        }
    }

    private let countMax: Int
    private let share: Int
    private let waitingMax: Int
    private let waitMax: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - share: how many of one tenant are let in at once; all if nil.
    ///   - waitMax: who has waited so long is turned away.
    package init(countMax: Int, share: Int? = nil, waitingMax: Int = 0, waitMax: Duration = .zero) {
        precondition(
            countMax > 0 && waitingMax >= 0, "a gate for \(countMax) with room for \(waitingMax) to wait")
        self.countMax = countMax
        self.share = max(share ?? countMax, 1)
        self.waitingMax = waitingMax
        self.waitMax = waitMax
    }

    /// Runs `body` once there is room.
    ///
    /// - Throws: `ServerError.overloaded`; what `body` throws.
    package func run<Success>(
        for tenant: String = "", _ body: () async throws -> Success
    ) async throws -> Success {
        try await enter(tenant)
        defer { leave(tenant) }
        return try await body()
    }

    /// How many are inside, and how many wait.
    package var counts: (inside: Int, waiting: Int) {
        state.withLock { ($0.insideCount, $0.waiting.count) }
    }

    private func enter(_ tenant: String) async throws(ServerError) {
        let isAdmitted = state.withLock { $0.admits(tenant, countMax, share: share) }
        if isAdmitted { return }
        guard waitingMax > 0, await wait(tenant) else { throw .overloaded(countMax: countMax) }
    }

    private func wait(_ tenant: String) async -> Bool {
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
                    if state.admits(tenant, countMax, share: share) { return true }
                    guard state.waiting.count < waitingMax, !Task.isCancelled else { return false }
                    state.waiting.append((ticket, tenant, continuation))
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

    private func leave(_ tenant: String) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.leave(tenant)
            // The first whose tenant has not its share already.
            let index = state.waiting.indices.first {
                state.admits(state.waiting[$0].tenant, countMax, share: share)
            }
            return index.map { state.waiting.remove(at: $0).continuation }
        }
        next?.resume(returning: true)
    }
}
