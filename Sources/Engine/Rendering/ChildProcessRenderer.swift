import Dispatch
package import Documents

/// Renders in processes of their own, which are bounded in memory and time and know nothing of this one: what
/// a document does to its parser, it does to that document alone.
///
/// A process serves many documents in turn, two processes at most beside each other. One in which anything
/// went wrong is ended, and so is one that has served its share.
package actor ChildProcessRenderer: Renderer {
    /// Documents that one process reads: what a parser leaks stays bounded, and a start costs a tenth of a
    /// second on a busy machine.
    private static let documentsPerProcessMax = 200

    /// Reading is one step of several, and each process may take 512 MiB.
    private static let processesMax = 2

    private let executable: String
    private let arguments: [String]
    private let timeout: Duration
    private var idle: [RenderProcess] = []
    private var busyCount = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    // Where calls block that are made of waiting: not the pool, which is made for arithmetic.
    private let queue = DispatchQueue(label: "carrel.rendering", attributes: .concurrent)

    /// - Parameters:
    ///   - executable: a program that calls `RenderService.run` when it is given `arguments`.
    ///   - timeout: for one document.
    package init(
        executable: String, arguments: [String], timeout: Duration = .seconds(DocumentLimits.renderSecondsMax)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.timeout = timeout
    }

    package func render(_ bytes: [UInt8], as mediaType: MediaType) async throws -> Rendition {
        await takeTurn()
        defer { passTurn() }
        // A process that was idle may have been ended by somebody: its failure is not the document's.
        if let process = idle.popLast() {
            if let result = try? await ask(process, bytes, mediaType) { return try result.get() }
        }
        let process: RenderProcess
        do {
            process = try RenderProcess(executable: executable, arguments: arguments)
        } catch {
            throw EngineError.rendererStopped(error)
        }
        return try await ask(process, bytes, mediaType).get()
    }

    /// - Throws: `EngineError.rendererStopped`, the process having been ended.
    private func ask(
        _ process: RenderProcess, _ bytes: [UInt8], _ mediaType: MediaType
    ) async throws -> Result<Rendition, DocumentError> {
        let timeout = timeout
        let answer: Result<Result<Rendition, DocumentError>, RendererStop> = await withCheckedContinuation {
            turn in
            queue.async { turn.resume(returning: process.ask(bytes, as: mediaType, within: timeout)) }
        }
        switch answer {
        case .success(let result):
            if process.servedCount < Self.documentsPerProcessMax {
                idle.append(process)
            } else {
                process.end()
            }
            return result
        case .failure(let stop): throw EngineError.rendererStopped(stop)
        }
    }

    private func takeTurn() async {
        if busyCount < Self.processesMax {
            busyCount += 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// The turn goes to who has waited longest.
    private func passTurn() {
        if waiting.isEmpty {
            busyCount -= 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

extension RendererStop: Error {}
