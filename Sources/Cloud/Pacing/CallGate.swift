import Embedding
import Synchronization

/// Where calls wait until they may begin. Questions go before passages, and each kind in order of arrival.
///
/// A `CallGovernor` decides; this puts calls to sleep and wakes them.
final class CallGate: Sendable {
    private struct Waiter {
        let id: Int
        let role: EmbeddingRole
        var continuation: CheckedContinuation<Void, any Error>?
    }

    private struct State {
        var governor: CallGovernor
        var waiters: [Waiter] = []
        var nextID = 0

        /// Grows with every change that may let somebody in.
        var changeCount = 0
    }

    private enum Step {
        case go(CallGovernor.Pass)
        case sleep(until: Duration)
        case wait(sinceChange: Int)
    }

    private let state: Mutex<State>
    private let clock: any CallClock

    init(governor: CallGovernor, clock: any CallClock) {
        state = Mutex(State(governor: governor))
        self.clock = clock
    }

    /// Waits until a call may begin. Whoever gets a pass gives it back with `leave`.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for an open circuit; nil for not at all.
    ///   - giveUpAt: no pass is worth anything after this.
    /// - Throws: `CloudError.circuitOpen`, `.patienceExhausted`; `CancellationError`.
    func enter(
        tokens: Int, as role: EmbeddingRole, patience: Duration?, giveUpAt: Duration
    ) async throws -> CallGovernor.Pass {
        let id = state.withLock { state in
            state.nextID += 1
            state.waiters.append(Waiter(id: state.nextID, role: role))
            return state.nextID
        }
        defer { drop(id) }
        while true {
            try Task.checkCancellation()
            switch try step(id, tokens, role, patience, giveUpAt) {
            case .go(let pass): return pass
            case .sleep(let moment): try await clock.wait(until: moment)
            case .wait(let change): try await waitForChange(id, since: change)
            }
        }
    }

    private func step(
        _ id: Int, _ tokens: Int, _ role: EmbeddingRole, _ patience: Duration?, _ giveUpAt: Duration
    ) throws(CloudError) -> Step {
        let now = clock.now
        let verdict = state.withLock { state in
            let ahead =
                state.waiters.prefix { $0.id != id }.count { $0.role == role || $0.role == .query }
                + (role == .passage ? state.waiters.drop { $0.id != id }.count { $0.role == .query } : 0)
            let verdict = state.governor.verdict(
                tokens: tokens, as: role, ahead: ahead, patience: patience, now: now)
            return (verdict, state.changeCount)
        }
        switch verdict {
        case (.go(let wasProbe), _):
            return .go(CallGovernor.Pass(role: role, begunAt: now, wasProbe: wasProbe))
        case (.refuse(let report), _): throw .circuitOpen(report)
        case (.waitUntil(let moment), _):
            guard moment <= giveUpAt else {
                throw .patienceExhausted(needed: moment - now, left: giveUpAt - now)
            }
            return .sleep(until: moment)
        case (.waitForOthers, let change):
            guard now <= giveUpAt else { throw .patienceExhausted(needed: .zero, left: giveUpAt - now) }
            return .wait(sinceChange: change)
        }
    }

    /// The call has ended.
    func leave(_ pass: CallGovernor.Pass, _ outcome: CallGovernor.Outcome, _ headers: RateLimitHeaders? = nil)
    {
        let now = clock.now
        change { $0.governor.ended(pass, outcome, headers, now: now) }
    }

    /// See `CallGovernor.trip`.
    func trip(_ error: CloudError) {
        let now = clock.now
        change { $0.governor.trip(error, now: now) }
    }

    var circuit: CircuitReport { state.withLock { $0.governor.report(now: clock.now) } }

    /// Calls that may be under way at once, as far as is known by now.
    var slots: Int { state.withLock { $0.governor.concurrency.slots } }

    // MARK: Waiting

    private func drop(_ id: Int) {
        change { $0.waiters.removeAll { $0.id == id } }
    }

    /// Makes a change, and wakes all who wait for one: each looks for itself whether its turn has come.
    private func change(_ body: (inout State) -> Void) {
        let woken = state.withLock { state in
            body(&state)
            state.changeCount += 1
            var woken: [CheckedContinuation<Void, any Error>] = []
            for index in state.waiters.indices {
                if let continuation = state.waiters[index].continuation { woken.append(continuation) }
                state.waiters[index].continuation = nil
            }
            return woken
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when something has changed since `change`, which may have been before this was called.
    private func waitForChange(_ id: Int, since change: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isPast = state.withLock { state in
                    guard state.changeCount == change, !Task.isCancelled,
                        let index = state.waiters.firstIndex(where: { $0.id == id })
                    else { return true }
                    state.waiters[index].continuation = continuation
                    return false
                }
                if isPast { continuation.resume() }
            }
        } onCancel: {
            self.change { _ in }
        }
        try Task.checkCancellation()
    }
}
