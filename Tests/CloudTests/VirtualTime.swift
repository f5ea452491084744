import Cloud
import Foundation
import Synchronization

/// Time that passes only while nobody has anything to do: it jumps to the next moment that somebody waits for, once
/// every call that is under way is one that the provider will not answer.
///
/// So a test of hours takes no time, and no deadline passes because a machine was slow.
final class VirtualTime: CallClock {
    private struct Sleeper {
        var until: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Call {
        /// Of the moment at which its deadline is over; nil once it is.
        var deadline: Duration?
        var isStalled = false
        var continuation: CheckedContinuation<Void, any Error>?
    }

    private struct State {
        var now = Duration.zero
        var sleepers: [Int: Sleeper] = [:]
        var calls: [Int: Call] = [:]
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// What runs until it waits has then run: more than tasks are about at once.
    private static let turns = 64

    var now: Duration { state.withLock { $0.now } }
    var date: Date { Date(timeIntervalSince1970: now / .seconds(1)) }

    func wait(until moment: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let verdict: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if moment <= state.now { return .success(()) }
                    state.sleepers[id] = Sleeper(until: moment, continuation: continuation)
                    return nil
                }
                if let verdict { continuation.resume(with: verdict) }
                advance()
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    // MARK: Calls

    /// A call is under way: time stands still, unless the provider stalls it.
    func begin(deadline: Duration) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.calls[state.nextID] = Call(deadline: state.now + deadline)
            return state.nextID
        }
    }

    /// The provider will never answer this call.
    func stall(_ id: Int) {
        state.withLock { $0.calls[id]?.isStalled = true }
        advance()
    }

    func end(_ id: Int) {
        state.withLock { $0.calls[id] = nil }
        advance()
    }

    /// Returns when the deadline of a call is over.
    func deadline(of id: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !Task.isCancelled, state.calls[id]?.deadline != nil else { return true }
                    state.calls[id]?.continuation = continuation
                    return false
                }
                if isOver { continuation.resume() }
                advance()
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.calls[id]?.continuation
                state.calls[id]?.continuation = nil
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
        try Task.checkCancellation()
    }

    private func advance() {
        let due = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            // Whoever waits for a deadline must have said so before it can pass.
            guard
                state.calls.values.allSatisfy({ $0.isStalled && $0.deadline != nil && $0.continuation != nil }
                )
            else { return [] }
            let moments = state.sleepers.values.map(\.until) + state.calls.values.compactMap(\.deadline)
            guard let next = moments.min() else { return [] }
            state.now = max(state.now, next)
            var due: [CheckedContinuation<Void, any Error>] = []
            for (id, sleeper) in state.sleepers where sleeper.until <= state.now {
                due.append(sleeper.continuation)
                state.sleepers[id] = nil
            }
            for (id, call) in state.calls where call.deadline.map({ $0 <= state.now }) == true {
                if let continuation = call.continuation { due.append(continuation) }
                state.calls[id] = Call(deadline: nil, isStalled: call.isStalled)
            }
            return due
        }
        for continuation in due { continuation.resume() }
        // Who is woken may find that it has to wait for somebody else: time goes on once all have had their turn.
        if !due.isEmpty {
            Task {
                for _ in 0..<Self.turns { await Task.yield() }
                advance()
            }
        }
    }
}

/// The network, with deadlines by virtual time.
struct VirtualTransport: EmbeddingTransport {
    let time: VirtualTime
    let network = try? HTTPTransport()

    /// Names a call to the provider, which says by it that it stalls.
    static let callHeader = "x-call"

    func post(_ request: TransportRequest) async throws -> TransportAnswer {
        let id = time.begin(deadline: request.deadline)
        defer { time.end(id) }
        var patient = request
        patient.deadline = .seconds(3_600)
        patient.headers.append((Self.callHeader, String(id)))
        let sent = patient
        return try await withThrowingTaskGroup(of: TransportAnswer.self) { group in
            group.addTask {
                guard let network else { throw CancellationError() }
                return try await network.post(sent)
            }
            group.addTask {
                try await time.deadline(of: id)
                throw CloudError.deadlineExceeded(milliseconds: Int64(request.deadline / .milliseconds(1)))
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
