import Documents
import Engine
import Foundation
import TestSupport
import Testing

/// Programs that are no renderers in the place of one: what must not happen to a document's parser, happening.
@Suite struct RendererTests {
    /// - Parameter timeout: longer than a loaded machine needs for what does not last.
    private func stop(
        _ program: String, _ arguments: [String], timeout: Duration = .seconds(60)
    ) async -> EngineError? {
        let renderer = ChildProcessRenderer(executable: program, arguments: arguments, timeout: timeout)
        do {
            _ = try await renderer.render(Array("<p>x</p>".utf8), as: .html)
            return nil
        } catch {
            return error as? EngineError
        }
    }

    @Test func `a parser that dies fails its document with the signal`() async {
        #expect(await stop("/bin/sh", ["-c", "kill -SEGV $$"]) == .rendererStopped(.crash(signal: SIGSEGV)))
        #expect(await stop("/bin/sh", ["-c", "exit 3"]) == .rendererStopped(.crash(signal: nil)))
    }

    @Test func `a parser that does not answer is stopped`() async {
        let error = await stop("/usr/bin/tail", ["-f", "/dev/null"], timeout: .milliseconds(200))
        #expect(error == .rendererStopped(.timeout(seconds: 0)))
    }

    @Test func `an answer that is none is not believed`() async {
        let answer = "printf '\\1\\0\\0\\0\\1\\0\\0\\0'; printf '%034d' 0"
        #expect(await stop("/bin/sh", ["-c", "(\(answer)) >&0"]) == .rendererStopped(.garbled))
    }

    @Test func `a program that is not there is told as that`() async {
        #expect(await stop("/no/such/program", []) == .rendererStopped(.notStarted(code: ENOENT)))
    }
}
