import ArgumentParser
import Engine
import Foundation

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Lists, shows, cancels and retries the ingests of a workspace.",
        discussion: """
            Every ingest is a job: of a command, of an upload. Jobs that ended are kept for a week.

            Example:
              carrel jobs list --workspace handbook
            """,
        subcommands: [
            ListJobsCommand.self, ShowJobCommand.self, CancelJobCommand.self, RetryJobCommand.self,
        ])
}

struct ListJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists a workspace's jobs, newest first.",
        discussion: """
            Example:
              carrel jobs list --workspace handbook --limit 5
            """)

    @Option(help: "How many.")
    var limit = 20

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    @OptionGroup var workspace: WorkspaceOptions

    func validate() throws {
        guard (1...1_000).contains(limit) else {
            throw ValidationError("--limit takes 1 to 1000, found \(limit).")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await workspace.open()
            for job in try library.jobs(in: scope, limit: limit) {
                let line = JobLine(job)
                Terminal.print(json ? try Terminal.json(line) : line.text)
            }
        }
    }
}

struct ShowJobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows a job, and the documents of it that failed.",
        discussion: """
            Example:
              carrel jobs show job_kq3l7yv2mzqg5p6w4xj3c2b7ta --workspace handbook
            """)

    @Argument(help: "The job's id.")
    var job: String

    @Option(
        help: "Documents in which state: queued, parsing, embedding, ready, unchanged, deleted or failed.",
        completion: .list(JobItemSummary.State.allCases.map(\.rawValue)))
    var state = JobItemSummary.State.failed.rawValue

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var workspace: WorkspaceOptions

    private struct Output: Encodable {
        var job: JobLine
        var documents: [JobItemLine]
    }

    /// Documents shown; more of them are for a program to page through, over HTTP.
    private static let documentsMax = 10_000

    func validate() throws {
        guard JobItemSummary.State(rawValue: state) != nil else {
            let allowed = JobItemSummary.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--state takes \(allowed), found '\(state)'.")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await workspace.open()
            let found = JobLine(try library.job(job, in: scope))
            let documents = try library.jobItems(
                of: job, in: JobItemSummary.State(rawValue: state) ?? .failed, limit: Self.documentsMax,
                scope: scope
            ).map(JobItemLine.init)
            if json {
                Terminal.print(try Terminal.json(Output(job: found, documents: documents)))
            } else {
                Terminal.print(([found.text] + documents.map(\.text)).joined(separator: "\n"))
            }
        }
    }
}

struct CancelJobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Calls a job off; what is ready stays.",
        discussion: """
            Example:
              carrel jobs cancel job_kq3l7yv2mzqg5p6w4xj3c2b7ta --workspace handbook
            """)

    @OptionGroup var choice: JobChoice

    func run() async throws {
        try await choice.change { try $0.cancelJob($1, in: $2) }
    }
}

struct RetryJobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Queues an upload's failed documents again, for the server to take in.",
        discussion: """
            A running server takes it up within a quarter of a minute, the next one when it begins.

            Example:
              carrel jobs retry job_kq3l7yv2mzqg5p6w4xj3c2b7ta --workspace handbook
            """)

    @OptionGroup var choice: JobChoice

    func run() async throws {
        try await choice.change { try $0.requeueJob($1, in: $2) }
    }
}

/// The one job that a command is about.
struct JobChoice: ParsableArguments {
    @Argument(help: "The job's id.")
    var job: String

    @OptionGroup var workspace: WorkspaceOptions

    /// Changes the job and prints what it is then.
    func change(_ body: (Library, String, WorkspaceScope) throws -> JobSummary) async throws {
        try await CommandError.reported {
            let (library, scope) = try await workspace.open()
            Terminal.print(JobLine(try body(library, job, scope)).text)
        }
    }
}

/// A job as a list shows it.
private struct JobLine: Encodable {
    var id: String
    var kind: String
    var state: String
    var source: String
    var documents: Int
    var ready: Int
    var unchanged: Int
    var deleted: Int
    var failed: Int
    var chunks: Int
    var embedded: Int
    var created_at: String
    var updated_at: String

    init(_ job: JobSummary) {
        id = job.id
        kind = job.kind
        state = job.state.rawValue
        source = job.source
        documents = job.documentCount
        ready = job.readyCount
        unchanged = job.unchangedCount
        deleted = job.deletedCount
        failed = job.failedCount
        chunks = job.chunkCount
        embedded = job.embeddedCount
        created_at = job.createdAt.formatted(.iso8601)
        updated_at = job.updatedAt.formatted(.iso8601)
    }

    var text: String {
        var parts = ["\(ready) ready", "\(unchanged) unchanged"]
        if deleted > 0 { parts.append("\(deleted) deleted") }
        if failed > 0 { parts.append("\(failed) failed") }
        return "\(id)  \(state)  \(kind)  \(Terminal.harmless(source)): "
            + "\(Figure.count(documents, "document")): \(parts.joined(separator: ", "))"
    }
}

/// A job's document as a list shows it.
private struct JobItemLine: Encodable {
    var path: String
    var state: String
    var attempts: Int
    var code: String?
    var reason: String?

    init(_ item: JobItemSummary) {
        path = item.path
        state = item.state.rawValue
        attempts = item.attempts
        code = item.failure?.code
        reason = item.failure?.reason
    }

    var text: String {
        "  \(state)  \(Terminal.harmless(path))" + (reason.map { ": \(Terminal.harmless($0))" } ?? "")
    }
}
