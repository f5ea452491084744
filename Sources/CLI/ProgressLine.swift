import Documents
import Embedding
import Engine
import Foundation
import Synchronization

/// Shows an ingest: a bar that redraws itself on a terminal, plain lines elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var progress = IngestProgress()
        var lastDraw: ContinuousClock.Instant?
        var linesPrinted = 0
    }

    private let state = Mutex(State())
    private let isLive: Bool
    private let started = ContinuousClock.now

    /// Often enough to look alive, seldom enough to cost nothing.
    private static let redrawInterval = Duration.milliseconds(100)

    /// Plain lines are printed at every tenth of the documents.
    private static let plainLineCount = 10

    /// What an embeddings API was asked for so far.
    private let spend: @Sendable () -> EmbeddingSpend?

    init(
        isLive: Bool = Terminal.errorIsTerminal, spend: @escaping @Sendable () -> EmbeddingSpend? = { nil }
    ) {
        self.isLive = isLive
        self.spend = spend
    }

    func show(_ event: IngestEvent) {
        state.withLock { state in
            state.progress.apply(event)
            if case .finished(let path, _, .failed(let error)) = event {
                printLine("failed: \(Terminal.harmless(path)): \(ErrorText.describe(error))")
            }
            if case .finished(let path, _, .ingested(let version)) = event {
                for notice in version.notices where !notice.isRoutine {
                    printLine("note: \(Terminal.harmless(path)): \(notice.words)")
                }
            }
            isLive ? redraw(&state) : printProgress(&state)
        }
    }

    func end() {
        if isLive { Terminal.redraw("") }
    }

    private func printLine(_ text: String) {
        if isLive { Terminal.redraw("") }
        Terminal.printError(text)
    }

    private func redraw(_ state: inout State) {
        let now = ContinuousClock.now
        if let last = state.lastDraw, now - last < Self.redrawInterval { return }
        state.lastDraw = now
        Terminal.redraw(bar(state.progress))
    }

    private func printProgress(_ state: inout State) {
        let progress = state.progress
        guard progress.documentCount > 0 else { return }
        let tenths = progress.finishedCount * Self.plainLineCount / progress.documentCount
        guard tenths > state.linesPrinted else { return }
        state.linesPrinted = tenths
        Terminal.printError(figures(progress))
    }

    private func bar(_ progress: IngestProgress) -> String {
        let share = Double(progress.finishedCount) / Double(max(progress.documentCount, 1))
        let width = 24
        let filled = Int(share * Double(width))
        let cells = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(cells) \(figures(progress))"
    }

    private func figures(_ progress: IngestProgress) -> String {
        let seconds = max((ContinuousClock.now - started) / .seconds(1), 0.001)
        // Of a stream nobody knows how many are to come.
        let all = progress.documentCount > 0 ? "/\(progress.documentCount)" : ""
        var parts = [
            "\(progress.finishedCount)\(all) documents", "\(progress.chunkCount) chunks",
            "\(Int(Double(progress.tokenCount) / seconds)) tokens/s",
        ]
        parts += [Self.remaining(progress, after: seconds), spend().flatMap(Self.text)].compactMap(\.self)
        return parts.joined(separator: ", ")
    }

    /// How long it will still take if the rest is as what was; nil before anything was done, and at the end.
    static func remaining(_ progress: IngestProgress, after seconds: Double) -> String? {
        let (done, all) = (progress.finishedByteCount, progress.byteCount)
        guard done > 0, all > done else { return nil }
        let left = seconds * Double(all - done) / Double(done)
        return left < 100 ? "\(Int(left.rounded(.up))) s left" : "\(Int((left / 60).rounded(.up))) min left"
    }

    private static func text(of spend: EmbeddingSpend) -> String? {
        guard spend.callCount > 0 else { return nil }
        return spend.cost.map { String(format: "cost %.4f", $0) } ?? "\(spend.tokenCount) tokens paid for"
    }
}
