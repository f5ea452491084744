import ArgumentParser
import Embedding
import Engine
import Foundation

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Reads documents into a workspace: files, folders, archives, streams, pages.",
        discussion: """
            Markdown, plain text, HTML, PDF, Word (.docx), EPUB, CSV, JSON and source code, up to 10 MiB a file. What \
            has not changed since the last time costs nothing; what has changed is replaced whole. A killed ingest \
            is simply run again.

            In folders, .gitignore and .carrelignore are heeded, and hidden files passed over. Archives (.tar, \
            .tar.gz, .tgz, .zip) are read as folders are. Patterns stand in quotes.

            Example:
              carrel ingest ~/handbook --workspace handbook
              carrel ingest ~/handbook --workspace handbook --sync --watch --exclude 'drafts/**'
              carrel ingest 'docs/**/*.md' notes.txt handbook.tar.gz https://example.org/power --workspace handbook
              export-tickets | carrel ingest - --format ndjson --source tickets --workspace handbook
            """)

    @Argument(
        help: "Files, folders, archives, patterns, addresses of pages, or - for standard input.",
        completion: .file())
    var paths: [String]

    @Option(name: [.short, .long], help: "The workspace's name.", completion: .workspaces)
    var workspace: String

    @OptionGroup var sources: SourceOptions

    @Flag(help: "Create the workspace if there is none of this name.")
    var create = false

    @Flag(help: "Say what would be done, and what it would cost; embed nothing, write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Embed no more where it would cost more, in the currency of embedder.price.",
            valueName: "amount"))
    var maxCost: Double?

    @Flag(help: "Print the summary as JSON, with --watch a line for each round of changes.")
    var json = false

    @OptionGroup var options: EngineOptions

    func validate() throws {
        guard maxCost.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--max-cost takes 0 or more, found \(maxCost ?? 0).")
        }
        guard !dryRun || !sources.watch else {
            throw ValidationError("--dry-run looks once: leave --watch out.")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let settings = try await settings()
            let selection = try SourceSelection(paths, sources, pages: settings.makePageFetcher())
            if dryRun { return try await plan(selection, settings) }
            let engine = try settings.makeEngine(follows: !options.namesEmbedder)
            if create, try !engine.library.hasWorkspace(named: workspace) {
                try engine.library.createWorkspace(named: workspace)
            }
            let scope = try engine.library.operatorScope(forWorkspace: workspace)
            // Watched before it is read: what changes meanwhile is read again.
            var watch: FolderWatch?
            if sources.watch, let folder = selection.folder { watch = try await engine.watch(folder) }
            let progress = try await ingest(selection, engine, scope)
            try await follow(selection, watch, engine, scope)
            try await engine.close()
            if !progress.failures.isEmpty || progress.interruption != nil { throw ExitCode(1) }
        }
    }

    private func settings() async throws -> Settings {
        let settings = try Settings(reading: await options.reader())
        guard let tokens = try settings.tokensMax(atCost: maxCost) else { return settings }
        let cap: [Setting: (flag: String, value: String)] = [
            .embedderTokensMax: ("--max-cost", String(tokens))
        ]
        return try Settings(reading: await options.reader(adding: cap))
    }

    private func ingest(
        _ selection: SourceSelection, _ engine: Engine, _ scope: WorkspaceScope
    ) async throws -> IngestProgress {
        let line = ProgressLine(spend: { engine.spend })
        let started = ContinuousClock.now
        var progress = try await engine.ingest(
            from: selection.source(), expecting: selection.survey(),
            named: paths.joined(separator: " "), in: scope, report: line.show)
        line.end()
        if sources.sync, let folder = selection.folder {
            let count = try await engine.deleteGone(from: folder, within: sources.deletionGuard, in: scope)
            progress.noteDeleted(count)
        }
        await settle(engine, scope)
        try show(progress, engine, since: started)
        return progress
    }

    private func follow(
        _ selection: SourceSelection, _ watch: FolderWatch?, _ engine: Engine, _ scope: WorkspaceScope
    ) async throws {
        guard let watch, let folder = selection.folder else { return }
        let follower = FolderFollower(
            engine: engine, source: folder, scope: scope, given: try sources.given,
            bounds: sources.sync ? sources.deletionGuard : nil
        ) { progress in
            try show(progress, engine, since: nil)
        }
        try await follower.run(watch)
        await settle(engine, scope)
    }

    private func show(
        _ progress: IngestProgress, _ engine: Engine, since started: ContinuousClock.Instant?
    ) throws {
        let summary = IngestSummary(
            progress, workspace: workspace, elapsed: started.map { ContinuousClock.now - $0 } ?? .zero,
            spend: engine.spend)
        Terminal.print(json ? try Terminal.json(summary) : summary.text)
    }

    /// Works on a copy of the databases: no byte of the data directory changes.
    private func plan(_ selection: SourceSelection, _ settings: Settings) async throws {
        let copy = try DataCopy(of: settings.dataDirectory, workspace: workspace)
        let engine = try settings.makeEngine(dataDirectory: copy.directory, follows: !options.namesEmbedder)
        let isNew = try create && !engine.library.hasWorkspace(named: workspace)
        let scope = try isNew ? nil : engine.library.operatorScope(forWorkspace: workspace)
        let started = ContinuousClock.now
        let plan = try await engine.plan(selection.source(), in: scope)
        let reading = ContinuousClock.now - started
        var gone = 0
        if sources.sync, let folder = selection.folder, let scope {
            gone = try await engine.countGone(from: folder, within: sources.deletionGuard, in: scope)
        }
        let isRemote = settings.text(.embedderURL) != nil
        let output = PlanOutput(
            plan, workspace: workspace, deleted: gone, reading: reading,
            pricePerMillion: isRemote ? settings.text(.embedderPrice).flatMap { Double($0) } : 0,
            tokensPerSecond: try await EmbeddingRate.measured(of: engine))
        try await engine.close()
        withExtendedLifetime(copy) {}
        Terminal.print(json ? try Terminal.json(output) : output.text)
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
    var deleted: Int
    var skipped: Int
    var failed: [Failure]

    /// Why the source was not read to its end; absent where it was.
    var interrupted: String?
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
        documents = max(progress.documentCount, progress.finishedCount)
        ingested = progress.ingestedCount
        replaced = progress.replacedCount
        unchanged = progress.unchangedCount
        deleted = progress.deletedCount
        skipped = progress.skippedCount
        interrupted = progress.interruption.map { ErrorText.describe($0) }
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
        if deleted > 0 { parts.append("\(deleted) deleted") }
        if skipped > 0 { parts.append("\(skipped) skipped (other types)") }
        if !failed.isEmpty { parts.append("\(failed.count) failed") }
        return """
            \(workspace): \(Figure.count(documents, "document")): \(parts.joined(separator: ", "))
            \(Figure.bytes(bytes)) read, \(Figure.count(chunks, "chunk")), \(Figure.count(embedded, "text")) embedded, \
            \(Figure.count(tokens, "token")), \(String(format: "%.1f", seconds)) s
            """ + (interrupted.map { "\nnot read to the end: \($0)" } ?? "")
                + (spend.map { "\n" + $0.text } ?? "")
    }
}
