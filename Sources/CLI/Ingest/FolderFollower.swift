import Engine
import UnixSignals

/// Takes in what changes in a folder, until the process is told to stop.
struct FolderFollower {
    let engine: Engine
    let source: FileSource
    let scope: WorkspaceScope

    /// What every document of it gets.
    let given: GivenAttributes

    /// Nil: what is gone from the folder stays.
    let bounds: DeletionGuard?

    /// Called with what each round of changes came to.
    let onRound: (IngestProgress) async throws -> Void

    /// - Parameter watch: watching since before the folder was last read.
    func run(_ watch: FolderWatch) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let listening = Task {
            for await _ in signals {
                watch.stop()
                return
            }
        }
        defer { listening.cancel() }
        try await watch.follow { changes in
            var progress: IngestProgress
            switch changes {
            case .all: progress = try await take(source.steps(), at: nil)
            case .paths(let paths): progress = try await take(source.steps(at: paths), at: paths)
            }
            if progress.hasNews { try await onRound(progress) }
        }
    }

    private func take(_ steps: any IngestSource, at paths: [String]?) async throws -> IngestProgress {
        let line = ProgressLine()
        var progress = try await engine.ingest(
            from: AttributedSource(steps, giving: given), in: scope, report: line.show)
        line.end()
        if let bounds {
            do {
                let count = try await engine.deleteGone(from: source, at: paths, within: bounds, in: scope)
                progress.noteDeleted(count)
            } catch EngineError.source(let fault) {
                // The next round may be allowed again; a folder that comes back is one.
                Terminal.printError("carrel: \(SourceErrorText.describe(fault))")
            }
        }
        return progress
    }
}

extension IngestProgress {
    /// Whether anything came of it that somebody might want to know.
    fileprivate var hasNews: Bool {
        ingestedCount + deletedCount + failureCount > 0 || interruption != nil
    }
}
