import ArgumentParser
import Embedding
import Engine
import Foundation

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Moves a workspace to another model or precision, while it is searched and ingested into.",
        discussion: """
            Every passage is embedded again, in the background; nothing is parsed or cut anew. Searches are answered \
            from the old vectors until all is there, and from the new ones from then on, in a running server too. \
            Killed, or stopped by --tokens-max, it goes on where it was when it is run again.

            The old vectors are kept: --rollback goes back to them, with what was ingested since, until --drop \
            removes them. The embedder is named by --to, or by the flags of an embeddings API. Passages that it \
            refuses are listed, and the old vectors stay until their documents are changed or removed.

            Example:
              carrel admin migrate --workspace handbook --to all-minilm-l6-v2:int8
              carrel admin migrate --workspace handbook --drop
            """)

    @Option(name: [.short, .long], help: "The workspace's name.", completion: .workspaces)
    var workspace: String

    @Option(
        help: ArgumentHelp(
            "A local model by its name or its folder; a precision may follow, as in all-minilm-l6-v2:int8.",
            valueName: "model"))
    var to: String?

    @Flag(help: "Go back to the vectors before the last migration.")
    var rollback = false

    @Flag(help: "Remove the vectors before the last migration: there is no way back then.")
    var drop = false

    @Flag(help: "Give up a migration that was begun, and remove its vectors.")
    var cancel = false

    @Flag(help: "Tell which vectors there are.")
    var status = false

    @Option(
        help: ArgumentHelp(
            "Stop when this run has embedded so many tokens.", valueName: "tokens"))
    var tokensMax: Int?

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var options: EngineOptions

    /// As far as the uploads of a server on the same machine give way to its searches.
    private static let niceness = 5

    func validate() throws {
        let verbs = [rollback, drop, cancel, status].count { $0 }
        guard verbs <= 1, verbs == 0 || to == nil else {
            throw ValidationError("Give one of --to, --rollback, --drop, --cancel and --status.")
        }
        guard verbs == 1 || to != nil || options.namesEmbedder else {
            throw ValidationError("Say where to: --to MODEL, or the flags of an embeddings API.")
        }
        guard to == nil || !options.namesEmbedder else {
            throw ValidationError("--to names the embedder already; a precision follows it behind a colon.")
        }
        guard tokensMax.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--tokens-max takes 1 or more, found \(tokensMax ?? 0).")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let settings = try Settings(reading: await options.reader())
            if status || drop || cancel { return try runWithoutEmbedder(settings) }
            let (engine, pool) = try settings.makeBackgroundEngine(niceness: Self.niceness)
            let scope = try engine.library.operatorScope(forWorkspace: workspace)
            let line = MigrationLine()
            let started = ContinuousClock.now
            let report =
                rollback
                ? try await engine.rollBack(in: scope, tokensMax: tokensMax, report: line.show)
                : try await engine.migrate(
                    to: settings.makeTarget(to, pool: pool), in: scope, tokensMax: tokensMax,
                    report: line.show)
            line.end()
            try await engine.close()
            let output = MigrationOutput(
                report, workspace: workspace, isRollback: rollback, elapsed: ContinuousClock.now - started)
            Terminal.print(json ? try Terminal.json(output) : output.text)
            if report.outcome == .blocked { throw ExitCode(1) }
        }
    }

    private func runWithoutEmbedder(_ settings: Settings) throws {
        let library = try settings.makeLibrary()
        let scope = try library.operatorScope(forWorkspace: workspace)
        if status {
            let output = SpacesOutput(
                workspace: workspace, passages: try library.summary(in: scope).chunkCount,
                spaces: try library.spaces(in: scope).map { SpacesOutput.Space($0) })
            Terminal.print(json ? try Terminal.json(output) : output.text)
        } else {
            let report = try drop ? library.dropPrevious(in: scope) : library.cancelMigration(in: scope)
            let output = DropOutput(report, workspace: workspace)
            Terminal.print(json ? try Terminal.json(output) : output.text)
        }
        try library.close()
    }
}

/// What a migration did, for the end of its output.
struct MigrationOutput: Encodable {
    struct Refused: Encodable {
        var path: String
        var lines: [Int]
        var reason: String
    }

    var workspace: String
    var outcome: String
    var from: ModelOutput?
    var to: ModelOutput
    var passages: Int
    var passed: Int
    var embedded: Int
    var tokens: Int
    var truncated: Int
    var refused: Int
    var refusedPassages: [Refused]
    var seconds: Double

    private let report: MigrationReport
    private let isRollback: Bool

    enum CodingKeys: String, CodingKey {
        case workspace, outcome, from, to, passages, passed, embedded, tokens, truncated, refused, seconds
        case refusedPassages = "refused_passages"
    }

    init(_ report: MigrationReport, workspace: String, isRollback: Bool, elapsed: Duration) {
        self.report = report
        self.isRollback = isRollback
        self.workspace = workspace
        outcome = report.outcome.rawValue
        from = report.from.map { ModelOutput(ModelDescription($0)) }
        to = ModelOutput(ModelDescription(report.to))
        passages = report.progress.passageCount
        passed = report.progress.passedCount
        embedded = report.progress.embeddedCount
        tokens = report.progress.tokenCount
        truncated = report.progress.truncatedCount
        refused = report.progress.refusedCount
        refusedPassages = report.refusedPassages.map {
            Refused(path: $0.path, lines: [$0.lines.lowerBound, $0.lines.upperBound], reason: $0.reason)
        }
        seconds = Figure.milliseconds(elapsed) / 1000
    }

    var text: String {
        ([headline] + (report.outcome == .nothingToDo ? [] : [figures]) + warnings + ways)
            .joined(separator: "\n")
    }

    private var headline: String {
        let model = ErrorText.model(report.to)
        return switch report.outcome {
        case .nothingToDo: "\(workspace): has \(model) already"
        case .paused: "\(workspace): stopped at the budget on the way to \(model)"
        case .blocked: "\(workspace): not moved, for \(model) refuses passages; the old vectors are searched"
        case .finished: "\(workspace): searched with \(model) from now on"
        }
    }

    private var figures: String {
        "\(Figure.count(embedded, "text")) of \(Figure.count(passages, "passage")) embedded, "
            + "\(Figure.count(tokens, "token")), \(String(format: "%.1f", seconds)) s"
    }

    private var warnings: [String] { refusals + truncations }

    private var refusals: [String] {
        let lines = refusedPassages.map { "  \($0.path), lines \($0.lines[0])-\($0.lines[1]): \($0.reason)" }
        let isCutOff = refusedPassages.count == MigrationReport.refusedPassagesMax
        return lines + (isCutOff ? ["  … and perhaps more"] : [])
    }

    private var truncations: [String] {
        guard truncated > 0 else { return [] }
        return [
            """
            \(Figure.count(truncated, "text")) longer than the model's window: what is beyond it cannot be found. \
            'carrel ingest' cuts their documents anew.
            """
        ]
    }

    private var ways: [String] {
        switch report.outcome {
        case .nothingToDo: []
        case .paused: ["Run the same command again to go on; --cancel gives it up."]
        case .blocked:
            ["Change or remove these documents, then run the same command again; --cancel gives it up."]
        case .finished:
            report.from.map {
                ["The vectors of \(ErrorText.model($0)) are kept: --rollback goes back, --drop removes them."]
            } ?? []
        }
    }
}

/// What was taken away.
private struct DropOutput: Encodable {
    var workspace: String
    var model: ModelOutput?
    var vectors: Int
    var segments: Int
    var kept: Int

    private let report: DropReport

    enum CodingKeys: String, CodingKey {
        case workspace, model, vectors, segments, kept
    }

    init(_ report: DropReport, workspace: String) {
        self.report = report
        self.workspace = workspace
        model = report.space.map { ModelOutput(ModelDescription($0)) }
        vectors = report.embeddingCount
        segments = report.segmentCount
        kept = report.keptCount
    }

    var text: String {
        let what = report.space.map { " of " + ErrorText.model($0) } ?? ", the rest of an earlier removal"
        let rest = kept == 0 ? "" : "; \(Figure.count(kept, "vector")) of dead passages go with these"
        return
            "\(workspace): \(Figure.count(vectors, "vector")) and \(Figure.count(segments, "file")) removed\(what)"
            + rest
    }
}

/// Which vectors a workspace has.
private struct SpacesOutput: Encodable {
    struct Space: Encodable {
        var state: String
        var model: ModelOutput
        var vectors: Int
        var segments: Int
        var segmentBytes: Int

        enum CodingKeys: String, CodingKey {
            case state, model, vectors, segments
            case segmentBytes = "segment_bytes"
        }

        fileprivate let space: EmbeddingSpace

        init(_ summary: SpaceSummary) {
            space = summary.space
            state = summary.state.rawValue
            model = ModelOutput(ModelDescription(summary.space))
            vectors = summary.embeddingCount
            segments = summary.segmentCount
            segmentBytes = summary.segmentByteCount
        }
    }

    var workspace: String
    var passages: Int
    var spaces: [Space]

    var text: String {
        guard !spaces.isEmpty else { return "\(workspace): no vectors yet" }
        let lines = spaces.map { space in
            "  \(space.state.padding(toLength: 8, withPad: " ", startingAt: 0))  \(ErrorText.model(space.space)): "
                + "\(Figure.count(space.vectors, "vector")), \(Figure.count(space.segments, "segment")) of "
                + Figure.bytes(space.segmentBytes)
        }
        return (["\(workspace): \(Figure.count(passages, "passage"))"] + lines).joined(separator: "\n")
    }
}
