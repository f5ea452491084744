import ArgumentParser
import Embedding
import Engine
import Foundation

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Reads a file or a folder of documents into a workspace.",
        discussion: """
            Markdown, plain text, HTML, PDF, Word (.docx), EPUB, CSV, JSON and source code, up to 10 MiB a file. What \
            has not changed since the last time costs nothing; what has changed is replaced whole. A killed ingest \
            is simply run again.

            Example:
              carrel ingest ~/handbook --workspace handbook
            """)

    @Argument(help: "A file or a folder.", completion: .file())
    var path: String

    @Option(name: [.short, .long], help: "The workspace's name.", completion: .workspaces)
    var workspace: String

    @Option(help: "What the source is called; it begins every document's path. (default: the folder's name)")
    var source: String?

    @Flag(help: "Create the workspace if there is none of this name.")
    var create = false

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let engine = try await options.makeEngine()
            if create, try !engine.library.hasWorkspace(named: workspace) {
                try engine.library.createWorkspace(named: workspace)
            }
            let scope = try engine.library.operatorScope(forWorkspace: workspace)
            let files = try FileSource(
                at: URL(filePath: NSString(string: path).expandingTildeInPath), name: source)
            let line = ProgressLine()
            let started = ContinuousClock.now
            let progress = try await engine.ingest(
                files.items, skipping: files.skippedPaths, from: path, in: scope, report: line.show)
            line.end()
            await settle(engine, scope)
            try await engine.close()
            let summary = IngestSummary(
                progress, workspace: workspace, elapsed: ContinuousClock.now - started, spend: engine.spend)
            Terminal.print(json ? try Terminal.json(summary) : summary.text)
            if !progress.failures.isEmpty { throw ExitCode(1) }
        }
    }

    /// Leaves the index in good order: the next to search may be a command that lives for one search. What fails
    /// here is done by the next ingest, and nothing of this one is lost.
    private func settle(_ engine: Engine, _ scope: WorkspaceScope) async {
        do {
            try await engine.settle(in: scope)
        } catch {
            Terminal.printError("carrel: the index could not be put in order: \(ErrorText.describe(error))")
        }
    }
}

/// What an ingest did, for the end of its output.
struct IngestSummary: Encodable {
    var workspace: String
    var documents: Int
    var ingested: Int
    var replaced: Int
    var unchanged: Int
    var skipped: Int
    var failed: [Failure]
    var bytes: Int
    var chunks: Int
    var embedded: Int
    var tokens: Int
    var seconds: Double

    /// At an embeddings API; absent where the model is local.
    var spend: Spend?

    struct Failure: Encodable {
        var path: String
        var error: String
    }

    struct Spend: Encodable {
        var calls: Int
        var tokens: Int

        /// By estimate, of calls whose answer did not tell.
        var uncertain_tokens: Int
        var cost: Double?

        var text: String {
            var text = "embeddings API: \(Figure.count(calls, "call")), \(Figure.count(tokens, "token"))"
            if uncertain_tokens > 0 {
                text += ", and up to \(Figure.count(uncertain_tokens, "token")) of calls that did not tell"
            }
            return text + (cost.map { String(format: ", cost %.6f", $0) } ?? "")
        }
    }

    init(
        _ progress: IngestProgress, workspace: String, elapsed: Duration, spend: EmbeddingSpend? = nil
    ) {
        self.workspace = workspace
        documents = progress.documentCount
        ingested = progress.ingestedCount
        replaced = progress.replacedCount
        unchanged = progress.unchangedCount
        skipped = progress.skippedPaths.count
        failed = progress.failures.map { Failure(path: $0.path, error: ErrorText.describe($0.error)) }
        bytes = progress.finishedByteCount
        chunks = progress.chunkCount
        embedded = progress.embeddedCount
        tokens = progress.tokenCount
        seconds = Figure.milliseconds(elapsed) / 1000
        self.spend = spend.map {
            Spend(
                calls: $0.callCount, tokens: $0.tokenCount, uncertain_tokens: $0.uncertainTokenCount,
                cost: $0.cost)
        }
    }

    var text: String {
        var parts = ["\(ingested) ingested"]
        if replaced > 0 { parts[0] += " (\(replaced) replaced)" }
        parts.append("\(unchanged) unchanged")
        if skipped > 0 { parts.append("\(skipped) skipped (other types)") }
        if !failed.isEmpty { parts.append("\(failed.count) failed") }
        return """
            \(workspace): \(Figure.count(documents, "document")): \(parts.joined(separator: ", "))
            \(Figure.bytes(bytes)) read, \(Figure.count(chunks, "chunk")), \(Figure.count(embedded, "text")) embedded, \
            \(Figure.count(tokens, "token")), \(String(format: "%.1f", seconds)) s
            """ + (spend.map { "\n" + $0.text } ?? "")
    }
}
