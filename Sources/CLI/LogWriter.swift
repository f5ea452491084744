import Foundation
import Synchronization

/// Writes log lines on a thread of its own, so that a log that nobody takes holds up nobody.
///
/// What does not fit the queue is dropped and counted, and the count is written once there is room: a server
/// that serves without a log is better than one that waits for it.
final class LogWriter: Sendable {
    private struct State {
        var lines: [String] = []
        var droppedCount = 0
        var isWriting = false
        var isFinished = false
    }

    /// At about 300 bytes a line, 2 MB.
    private static let lineCountMax = 8_192

    private let file: FileHandle

    /// For waiting. The state has a lock besides, which the compiler sees.
    private let condition = NSCondition()
    private let state = Mutex(State())

    init(file: FileHandle = .standardError) {
        self.file = file
        let thread = Thread { self.run() }
        thread.name = "carrel.log"
        thread.start()
    }

    /// - Parameter line: whole, its end included.
    func write(_ line: String) {
        condition.lock()
        state.withLock { state in
            if state.lines.count < Self.lineCountMax {
                state.lines.append(line)
            } else {
                state.droppedCount += 1
            }
        }
        condition.signal()
        condition.unlock()
    }

    /// Waits until what is queued is written, but no longer than `seconds`.
    func finish(within seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        state.withLock { $0.isFinished = true }
        condition.broadcast()
        while state.withLock({ !$0.lines.isEmpty || $0.isWriting }), condition.wait(until: deadline) {}
    }

    private func run() {
        while let lines = take() {
            // A log that cannot be written (a closed pipe, a full disk) is no reason to stop serving.
            try? file.write(contentsOf: Data(lines.joined().utf8))
            condition.lock()
            state.withLock { $0.isWriting = false }
            condition.broadcast()
            condition.unlock()
        }
    }

    private func take() -> [String]? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (lines, isFinished) = state.withLock { state in
                defer {
                    state.isWriting = !state.lines.isEmpty
                    state.lines = []
                    state.droppedCount = 0
                }
                let note = state.droppedCount == 0 ? [] : [Self.note(state.droppedCount)]
                return (state.lines + note, state.isFinished)
            }
            if !lines.isEmpty { return lines }
            if isFinished { return nil }
            condition.wait()
        }
    }

    private static func note(_ count: Int) -> String {
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return #"{"count":\#(count),"level":"warning","message":"log lines were dropped","time":"\#(time)"}"#
            + "\n"
    }
}
