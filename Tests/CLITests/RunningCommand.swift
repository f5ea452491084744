import Foundation
import Synchronization
import TestSupport

/// A `carrel` that is running. Whoever started it ends it.
final class RunningCommand: Sendable {
    struct NoAddress: Error {
        var output: String
        var errors: String
    }

    private let process: Process
    private let folder: TemporaryFolder
    private let errorFile: URL
    private let pipe = Pipe()
    private let state = Mutex("")

    private let unread = Pipe()

    init(_ process: Process, readingErrors: Bool) throws {
        self.process = process
        folder = try TemporaryFolder()
        errorFile = try folder.write("", to: "errors")
        process.standardOutput = pipe
        process.standardError = readingErrors ? try FileHandle(forWritingTo: errorFile) : unread
        try process.run()
    }

    /// Standard output so far.
    var output: String { state.withLock { $0 } }

    var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// The port of the address that it prints once it listens. Waits for that, or for its end.
    func port() throws -> Int {
        while !output.contains("\n") {
            let part = pipe.fileHandleForReading.availableData
            if part.isEmpty { break }
            state.withLock { $0 += String(decoding: part, as: UTF8.self) }
        }
        guard let port = output.firstMatch(of: /http:\/\/[^:]+:(\d+)\n/).flatMap({ Int($0.output.1) }) else {
            throw NoAddress(output: output, errors: errors)
        }
        return port
    }

    /// The next line of standard output, or what there is of it at the end. Waits for it.
    func line() throws -> String {
        while true {
            let line = state.withLock { text -> String? in
                guard let end = text.firstIndex(of: "\n") else { return nil }
                defer { text = String(text[text.index(after: end)...]) }
                return String(text[..<end])
            }
            if let line { return line }
            let part = pipe.fileHandleForReading.availableData
            guard !part.isEmpty else { return output }
            state.withLock { $0 += String(decoding: part, as: UTF8.self) }
        }
    }

    func terminate() {
        process.terminate()
    }

    /// Asks it to stop, and returns its exit code.
    func stop() throws -> Int32 {
        terminate()
        return try waitForExit()
    }

    func waitForExit() throws -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Ends it, whatever it is doing; does nothing if it has ended.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
