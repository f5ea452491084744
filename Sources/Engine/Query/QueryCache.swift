package import Embedding
import Store
import Synchronization

/// Vectors of questions, in memory: who asks what was asked a moment ago does not wait for the model again.
///
/// One for all workspaces of an engine, since a question's vector depends on no workspace. It holds no text, only the
/// text's digest. Who asks while the same question is being embedded waits for that; what fails is not kept.
package final class QueryCache: Sendable {
    /// Everything that decides a vector: two spaces, or two precisions, never meet.
    private struct Key: Hashable, Sendable {
        let space: EmbeddingSpace
        let role: EmbeddingRole
        let text: ContentDigest
    }

    /// A vector that is being computed, and how many wait for it.
    private struct Computation {
        let number: Int
        let task: Task<[Float], any Error>
        var waitingCount = 1
    }

    private struct State {
        var kept: ClockEntries<Key, [Float]>
        var running: [Key: Computation] = [:]
        var lastNumber = 0
        var figures = QueryCacheFigures()
    }

    /// Entries at most, whatever their size: with 384 dimensions 64 MiB are 40,000.
    package static let entriesMax = 131_072

    /// Of an entry beside its vector: two array headers, the digest, the key in the table, and their places.
    private static let entryOverheadBytes = 256

    private let state: Mutex<State>

    /// - Parameter byteCountMax: of all vectors and what is kept with them.
    package init(byteCountMax: Int, entriesMax: Int = entriesMax) {
        state = Mutex(State(kept: ClockEntries(countMax: entriesMax, byteCountMax: byteCountMax)))
    }

    package var figures: QueryCacheFigures {
        state.withLock { state in
            var figures = state.figures
            (figures.entryCount, figures.byteCount) = (state.kept.count, state.kept.byteCount)
            return figures
        }
    }

    /// The vector of `text`: the one that is kept, or that is being computed, or else what `compute` gives.
    ///
    /// A caller that is cancelled leaves the computation to the others; the last to leave ends it.
    ///
    /// - Throws: what `compute` throws, to everybody who waits for it.
    package func vector(
        of text: String, as role: EmbeddingRole, in space: EmbeddingSpace,
        computing compute: @escaping @Sendable () async throws -> [Float]
    ) async throws -> [Float] {
        let key = Key(space: space, role: role, text: ContentDigest(of: text))
        let found = state.withLock { look(up: key, in: &$0, compute) }
        switch found {
        case .kept(let vector): return vector
        case .running(let number, let task):
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                leave(key, number)
            }
        }
    }

    private enum Found: Sendable {
        case kept([Float])
        case running(number: Int, Task<[Float], any Error>)
    }

    private func look(
        up key: Key, in state: inout State, _ compute: @escaping @Sendable () async throws -> [Float]
    ) -> Found {
        if let vector = state.kept.value(for: key) {
            state.figures.hitCount += 1
            return .kept(vector)
        }
        if let running = state.running[key] {
            state.figures.joinedCount += 1
            state.running[key]?.waitingCount += 1
            return .running(number: running.number, running.task)
        }
        state.figures.missCount += 1
        state.lastNumber += 1
        let number = state.lastNumber
        let task = Task {
            do {
                let vector = try await compute()
                end(key, number, keeping: vector)
                return vector
            } catch {
                end(key, number, keeping: nil)
                throw error
            }
        }
        state.running[key] = Computation(number: number, task: task)
        return .running(number: number, task)
    }

    private func end(_ key: Key, _ number: Int, keeping vector: [Float]?) {
        state.withLock { state in
            if state.running[key]?.number == number { state.running[key] = nil }
            guard let vector else { return }
            let byteCount = vector.count * MemoryLayout<Float>.stride + Self.entryOverheadBytes
            state.kept.insert(vector, for: key, byteCount: byteCount)
        }
    }

    /// Whoever comes after the last has left begins anew.
    private func leave(_ key: Key, _ number: Int) {
        let abandoned = state.withLock { state -> Task<[Float], any Error>? in
            guard let running = state.running[key], running.number == number else { return nil }
            guard running.waitingCount == 1 else {
                state.running[key]?.waitingCount -= 1
                return nil
            }
            state.running[key] = nil
            return running.task
        }
        abandoned?.cancel()
    }
}

/// What a query cache has done since it was made, and what it holds.
package struct QueryCacheFigures: Sendable, Hashable {
    /// Questions answered from memory.
    package var hitCount = 0

    /// Questions that waited for the same one to be embedded.
    package var joinedCount = 0

    /// Questions that were embedded.
    package var missCount = 0
    package var entryCount = 0
    package var byteCount = 0
}
