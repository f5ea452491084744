import ArgumentParser
import Engine
import Store

struct CollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Removes for good what was replaced or deleted.",
        discussion: """
            Documents, their passages and originals, and jobs that ended, which name documents too. A server does \
            this by itself for what is older than a day, and for jobs that ended a week ago. Searches and ingests go \
            on meanwhile. A request that is sent again with the key of a job that is forgotten is a new one.

            Example:
              carrel admin collect --workspace handbook --older-than 0
            """)

    @Option(help: "Hours that must have gone by since something was replaced or deleted, or a job ended.")
    var olderThan = 24

    @OptionGroup var target: WorkspaceOptions

    /// A hundred years.
    private static let hoursMax = 876_000

    func validate() throws {
        guard (0...Self.hoursMax).contains(olderThan) else {
            throw ValidationError("--older-than takes 0 to \(Self.hoursMax) hours, found \(olderThan).")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let (library, scope) = try await target.open()
            let report = try library.collectGarbage(in: scope, olderThan: .seconds(olderThan * 3_600))
            Terminal.print(
                """
                \(target.workspace): \(Figure.count(report.versionCount, "version")), \
                \(Figure.count(report.chunkCount, "chunk")), \(Figure.count(report.embeddingCount, "vector")), \
                \(Figure.count(report.blobCount, "original")), \
                \(Figure.count(report.jobCount, "job")) removed\(report.isComplete ? "" : "; there is more")
                """)
        }
    }
}

/// For `make crash-test`, which visits every one.
struct FailpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failpoints",
        abstract: "Lists the values of the setting 'failpoint', at which a process can be made to die.",
        shouldDisplay: false)

    func run() {
        for point in Failpoint.allCases { Terminal.print(point.rawValue) }
    }
}
