import ArgumentParser
import Engine

struct QuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Shows or sets how much a workspace may hold.",
        discussion: """
            Without a flag it shows what is set. What is in the workspace stays, also where it is more; what would \
            make it more is refused, document by document.

            Example:
              carrel admin quota --workspace handbook --documents-max 1000 --bytes-max 100000000
            """)

    @Option(help: "Documents it may hold.")
    var documentsMax: Int?

    @Option(help: "Bytes of originals it may hold.")
    var bytesMax: Int?

    @Flag(help: "Take the bounds away.")
    var none = false

    @OptionGroup var workspace: WorkspaceOptions

    func validate() throws {
        for (name, value) in [("--documents-max", documentsMax), ("--bytes-max", bytesMax)] {
            if let value, value < 0 { throw ValidationError("\(name) takes 0 or more, found \(value).") }
        }
        guard !none || (documentsMax == nil && bytesMax == nil) else {
            throw ValidationError("--none goes without bounds.")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await workspace.open()
            if none {
                try library.setQuota(nil, in: scope)
            } else if documentsMax != nil || bytesMax != nil {
                try library.setQuota(
                    QuotaSummary(documentCountMax: documentsMax, byteCountMax: bytesMax), in: scope)
            }
            let quota = try library.quota(in: scope)
            let documents = quota?.documentCountMax.map { "\($0)" } ?? "any number of"
            let bytes = quota?.byteCountMax.map { "\($0)" } ?? "any number of"
            Terminal.print("\(scope.name): \(documents) documents, \(bytes) bytes")
        }
    }
}
