import Engine
import Synchronization

/// Shows a migration: a line that redraws itself on a terminal, a line for each tenth elsewhere.
final class MigrationLine: Sendable {
    private struct State {
        var lastDraw: ContinuousClock.Instant?
        var linesPrinted = 0
    }

    private let state = Mutex(State())
    private let isLive: Bool
    private let started = ContinuousClock.now

    /// Often enough to look alive, seldom enough to cost nothing.
    private static let redrawInterval = Duration.milliseconds(100)

    private static let plainLineCount = 10

    init(isLive: Bool = Terminal.errorIsTerminal) {
        self.isLive = isLive
    }

    func show(_ event: MigrationEvent) {
        switch event {
        case .began(let from, let to, let passageCount):
            printLine(
                "from \(ErrorText.model(from)) to \(ErrorText.model(to)), \(Figure.count(passageCount, "passage"))"
            )
        case .embedded(let progress): show(progress)
        case .indexed: printLine("the index is built")
        case .indexing, .cutOver: break
        }
    }

    func end() {
        if isLive { Terminal.redraw("") }
    }

    private func show(_ progress: MigrationProgress) {
        state.withLock { state in
            let now = ContinuousClock.now
            if isLive {
                if let last = state.lastDraw, now - last < Self.redrawInterval { return }
                state.lastDraw = now
                Terminal.redraw(figures(progress))
            } else {
                let tenths = progress.passedCount * Self.plainLineCount / max(progress.passageCount, 1)
                guard tenths > state.linesPrinted else { return }
                state.linesPrinted = tenths
                Terminal.printError(figures(progress))
            }
        }
    }

    private func printLine(_ text: String) {
        if isLive { Terminal.redraw("") }
        Terminal.printError(text)
    }

    private func figures(_ progress: MigrationProgress) -> String {
        let seconds = max((ContinuousClock.now - started) / .seconds(1), 0.001)
        return "\(progress.passedCount)/\(progress.passageCount) passages, "
            + "\(Figure.count(progress.embeddedCount, "text")) embedded, "
            + "\(Int(Double(progress.tokenCount) / seconds)) tokens/s"
    }
}
