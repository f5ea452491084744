import ArgumentParser
import Engine
import Foundation
import Store

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Creates, lists, checks and repairs workspaces, and their keys.",
        discussion: """
            Example:
              carrel admin create handbook
              carrel admin list
            """,
        subcommands: [
            CreateCommand.self, ListCommand.self, DocumentsCommand.self, ChunksCommand.self,
            VerifyCommand.self, RebuildCommand.self, CollectCommand.self, MigrateCommand.self,
            QuotaCommand.self,
            DeleteCommand.self, KeyCommand.self, FailpointsCommand.self,
        ])
}

struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a workspace.",
        discussion: """
            A name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begins with a letter or a digit.

            Example:
              carrel admin create handbook
            """)

    @Argument(help: "The new workspace's name.")
    var name: String

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await CommandError.reported {
            try await data.makeLibrary().createWorkspace(named: name)
            Terminal.print("created workspace \(name)")
        }
    }
}

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the workspaces.",
        discussion: """
            Example:
              carrel admin list --json
            """)

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    @OptionGroup var data: DataOptions

    private struct Line: Encodable {
        var name: String
        var id: String
        var documents: Int
        var chunks: Int
        var bytes: Int
        var model: ModelOutput?
        var damaged: Bool

        var text: String {
            damaged
                ? "\(name)  damaged; see 'carrel admin verify --workspace \(name)'"
                : "\(name)  \(Figure.count(documents, "document")), \(Figure.count(chunks, "chunk")), "
                    + Figure.bytes(bytes)
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let workspaces = try await data.makeLibrary().workspaces()
            if workspaces.isEmpty, !json {
                Terminal.print("No workspaces. Make one: carrel admin create NAME")
            }
            for workspace in workspaces {
                let line = Line(
                    name: workspace.name, id: workspace.id, documents: workspace.documentCount,
                    chunks: workspace.chunkCount, bytes: workspace.byteCount,
                    model: workspace.model.map { ModelOutput($0) }, damaged: workspace.isDamaged)
                Terminal.print(json ? try Terminal.json(line) : line.text)
            }
        }
    }
}

struct DocumentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents",
        abstract: "Lists the documents of a workspace.",
        discussion: """
            Example:
              carrel admin documents --workspace handbook
            """)

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    @OptionGroup var target: WorkspaceOptions

    private struct Line: Encodable {
        var document: String
        var path: String
        var title: String?
        var version: Int
        var bytes: Int
        var chunks: Int
        var sha256: String
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await target.open()
            try library.forEachDocument(in: scope) { document in
                let line = Line(
                    document: document.id, path: document.path, title: document.title,
                    version: document.version,
                    bytes: document.byteCount, chunks: document.chunkCount, sha256: document.sha256)
                let size =
                    "version \(line.version), \(Figure.count(line.chunks, "chunk")), \(Figure.bytes(line.bytes))"
                Terminal.print(json ? try Terminal.json(line) : "\(Terminal.harmless(line.path))  \(size)")
            }
        }
    }
}

struct ChunksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chunks",
        abstract: "Prints citations of a workspace's chunks, one JSON object a line.",
        discussion: """
            All of them, or a random sample, so that anybody can check that the source's bytes at each range have \
            the cited sha256.

            Example:
              carrel admin chunks --workspace handbook --sample 1000 --seed 7
            """)

    @Option(help: "So many, chosen at random.")
    var sample: Int?

    @Option(help: "The seed of the choice: the same seed, the same chunks.")
    var seed: UInt64 = 1

    @OptionGroup var target: WorkspaceOptions

    func validate() throws {
        guard sample.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--sample takes 0 or more, found \(sample ?? 0).")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await target.open()
            try library.forEachCitation(in: scope, sample: sample.map { ($0, seed: seed) }) { citation in
                Terminal.print(try Terminal.json(CitationOutput(citation)))
            }
        }
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks everything a workspace holds.",
        discussion: """
            The database's own consistency, every original against its name, every chunk's citation against its \
            original, every block of every segment and quantizer against its checksum, and the segments' rows \
            against the database; of old and new vectors too, while a migration keeps both. Changes nothing. Exit \
            code 1 if anything is wrong; `carrel admin rebuild` mends \
            segments.

            Example:
              carrel admin verify --workspace handbook
            """)

    @OptionGroup var target: WorkspaceOptions

    func run() async throws {
        try await CommandError.reported {
            let report: VerificationReport
            do {
                let (library, scope) = try await target.open()
                report = try library.verify(in: scope)
            } catch StoreError.databaseDamaged(let cause) {
                Terminal.print("wrong: \(ErrorText.describe(StoreError.databaseDamaged(cause)))")
                Terminal.print("\(target.workspace): cannot be read; bring its folder back from a copy")
                throw ExitCode(1)
            }
            for finding in report.findings { Terminal.print("wrong: \(finding)") }
            Terminal.print(
                """
                \(target.workspace): \(Figure.count(report.documentCount, "document")), \
                \(Figure.count(report.citationCount, "citation")), \(Figure.count(report.segmentCount, "segment")) \
                checked, \(Figure.count(report.findings.count, "finding"))
                """)
            if !report.findings.isEmpty { throw ExitCode(1) }
        }
    }
}

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Writes a workspace's segments anew from its database.",
        discussion: """
            Nothing is parsed or embedded again; inverted lists are trained anew. Searches go on meanwhile.

            Example:
              carrel admin rebuild --workspace handbook
            """)

    @OptionGroup var target: WorkspaceOptions

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await target.open()
            let report = try library.rebuild(in: scope)
            Terminal.print(
                """
                \(target.workspace): \(Figure.count(report.rowCount, "row")) in \
                \(Figure.count(report.segmentCount, "segment")) written anew
                """)
        }
    }
}

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Deletes a workspace with everything in it, for good.",
        discussion: """
            Example:
              carrel admin delete handbook --yes
            """)

    @Argument(help: "The workspace's name.", completion: .workspaces)
    var name: String

    @Flag(help: "Really.")
    var yes = false

    @OptionGroup var data: DataOptions

    func validate() throws {
        guard yes else { throw ValidationError("This cannot be undone. Add --yes to delete \(name).") }
    }

    func run() async throws {
        try await CommandError.reported {
            let library = try await data.makeLibrary()
            try library.deleteWorkspace(in: try library.operatorScope(forWorkspace: name))
            Terminal.print("deleted workspace \(name)")
        }
    }
}
