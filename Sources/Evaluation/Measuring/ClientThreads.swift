import Foundation
import Synchronization

/// Clients that search at the same time, each on a thread of its own.
enum ClientThreads {
    /// Runs `body` for `0..<count` at once and returns what each made, in order. One client runs on the
    /// calling thread.
    ///
    /// - Throws: the first error of any client, after all have ended.
    static func run<Made: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws -> Made
    ) throws -> [Made] {
        precondition(count >= 1, "no client: \(count)")
        if count == 1 { return [try body(0)] }
        let results = Results<Made>(count: count)
        for client in 0..<count {
            let thread = Thread { results.put(Result { try body(client) }, at: client) }
            thread.name = "client.\(client)"
            thread.start()
        }
        return try results.wait()
    }

    private final class Results<Made: Sendable>: Sendable {
        private let made: Mutex<[Result<Made, any Error>?]>
        private let group = DispatchGroup()

        init(count: Int) {
            made = Mutex([Result<Made, any Error>?](repeating: nil, count: count))
            for _ in 0..<count { group.enter() }
        }

        func put(_ result: Result<Made, any Error>, at index: Int) {
            made.withLock { $0[index] = result }
            group.leave()
        }

        func wait() throws -> [Made] {
            group.wait()
            return try made.withLock { results in try results.compactMap { try $0?.get() } }
        }
    }
}
