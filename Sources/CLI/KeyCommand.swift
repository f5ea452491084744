import ArgumentParser
import Engine
import Foundation

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes, lists and revokes the keys that open workspaces over HTTP.",
        discussion: """
            Example:
              carrel admin key create --workspace handbook --permission read --name support-agent
            """,
        subcommands: [CreateKeyCommand.self, ListKeysCommand.self, RevokeKeyCommand.self])
}

struct CreateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes a key and prints it, this once.",
        discussion: """
            The key is the only thing on standard output. 'read' searches and reads, 'write' also puts and deletes \
            documents, 'owner' also makes and revokes keys and deletes the workspace. With --operator the key opens \
            every workspace and makes new ones: for the platform that Carrel serves.

            Example:
              KEY=$(carrel admin key create --workspace handbook --permission write --expires-in 30d)
            """)

    @Option(name: [.short, .long], help: "The workspace that the key opens.", completion: .workspaces)
    var workspace: String?

    @Option(
        help: "What it allows: read, write or owner.", completion: .list(Permission.allCases.map(\.rawValue)))
    var permission: String?

    @Flag(help: "Open everything: the operator's key.")
    var `operator` = false

    @Option(help: "What to call it, up to 200 bytes.")
    var name = "key"

    @Option(help: "How long it opens anything, as in 90m, 12h or 30d. (default: for ever)")
    var expiresIn: String?

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var data: DataOptions

    private struct Output: Encodable {
        var key: String
        var id: String
    }

    func validate() throws {
        guard `operator` != (workspace != nil) else {
            throw ValidationError("Name a --workspace, or ask for the --operator's key.")
        }
        guard `operator` != (permission != nil) else {
            throw ValidationError(
                `operator`
                    ? "The operator's key allows everything: leave --permission out."
                    : "Say what the key allows: --permission read, write or owner.")
        }
        if let permission, Permission(rawValue: permission) == nil {
            throw ValidationError("--permission takes read, write or owner, found '\(permission)'.")
        }
        if let expiresIn, KeyLifetime.parse(expiresIn) == nil {
            throw ValidationError(
                "--expires-in takes a whole number and s, m, h or d, as in 30d, found '\(expiresIn)'.")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let issued = try issue(in: await data.makeLibrary())
            let output = Output(key: issued.text, id: issued.summary.id)
            Terminal.print(json ? try Terminal.json(output) : output.key)
            if !json { Terminal.printError("key \(output.id): keep it; it cannot be shown again") }
        }
    }

    private func issue(in library: Library) throws -> IssuedKey {
        let lifetime = expiresIn.flatMap(KeyLifetime.parse)
        guard let workspace, let permission = permission.flatMap(Permission.init(rawValue:)) else {
            return try library.createOperatorKey(named: name, lifetime: lifetime)
        }
        return try library.createKey(
            KeyRequest(name: name, permission: permission, lifetime: lifetime),
            in: library.operatorScope(forWorkspace: workspace))
    }
}

/// How long, as people write it.
enum KeyLifetime {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]

    /// Nil unless `text` is a whole number with a unit.
    static func parse(_ text: String) -> Duration? {
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0
        else { return nil }
        let (seconds, isTooMany) = count.multipliedReportingOverflow(by: unit)
        return isTooMany ? nil : .seconds(seconds)
    }
}

struct ListKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists keys: everything but the keys themselves.",
        discussion: """
            Those of one workspace, or the operator's and those of all workspaces.

            Example:
              carrel admin key list --workspace handbook
            """)

    @Option(name: [.short, .long], help: "Only this workspace's.", completion: .workspaces)
    var workspace: String?

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    @OptionGroup var data: DataOptions

    private struct Line: Encodable {
        var id: String
        var name: String
        var workspace: String?
        var permission: String
        var created: String
        var expires: String?
        var revoked: String?
    }

    func run() async throws {
        try await CommandError.reported {
            let library = try await data.makeLibrary()
            let keys = try keys(in: library)
            if keys.isEmpty, !json { Terminal.print("No keys. Make one: carrel admin key create --help") }
            for key in keys {
                let line = Line(
                    id: key.id, name: key.name, workspace: key.workspace, permission: key.permission.rawValue,
                    created: key.createdAt.formatted(.iso8601), expires: key.expiresAt?.formatted(.iso8601),
                    revoked: key.revokedAt?.formatted(.iso8601))
                Terminal.print(json ? try Terminal.json(line) : Self.text(line))
            }
        }
    }

    private func keys(in library: Library) throws -> [KeySummary] {
        if let workspace { return try library.keys(in: library.operatorScope(forWorkspace: workspace)) }
        return try library.operatorKeys()
            + library.workspaces().flatMap {
                try library.keys(in: library.operatorScope(forWorkspace: $0.name))
            }
    }

    private static func text(_ line: Line) -> String {
        let state = line.revoked.map { "revoked \($0)" } ?? line.expires.map { "until \($0)" } ?? "for ever"
        let place = line.workspace.map { "\($0) \(line.permission)" } ?? "operator"
        return "\(line.id)  \(place)  \(Terminal.harmless(line.name))  made \(line.created), \(state)"
    }
}

struct RevokeKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revokes a key: from the next request on it opens nothing.",
        discussion: """
            Example:
              carrel admin key revoke k3v5xw2s7zq4m6ta
            """)

    @Argument(help: "The key's id, which 'carrel admin key list' shows; or the key itself.")
    var id: String

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await CommandError.reported {
            let revoked = try await data.makeLibrary().revokeKey(id)
            Terminal.print("revoked key \(revoked)")
        }
    }
}
