import ArgumentParser
import Embedding
import Foundation

struct ModelsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the local models: those that are there, and those that can be fetched.",
        discussion: """
            Example:
              carrel models list --json
            """)

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    private struct Line: Encodable {
        var id: String
        var task: String
        var dimension: Int
        var window: Int

        /// Nil for a model that makes no vectors.
        var pooling: String?
        var licence: String?
        var precisions: [String]
        var bytes: Int
        var installed: Bool
        var folder: String

        enum CodingKeys: String, CodingKey {
            case id, task, dimension, pooling, licence, precisions, bytes, installed, folder
            case window = "window_tokens"
        }

        init(_ model: InstalledModel, _ manifest: ModelManifest) {
            id = model.name
            task = manifest.task.rawValue
            dimension = manifest.dimension
            window = manifest.windowTokens
            pooling = manifest.task == .embed ? manifest.pooling.rawValue : nil
            licence = manifest.licence
            precisions = manifest.precisions.map(\.rawValue)
            bytes = manifest.byteCount
            installed = model.isInstalled
            folder = model.directory.path
        }

        var text: String {
            """
            \(id)  \(task), \(dimension) dimensions, window \(window) tokens, \(precisions.joined(separator: " or ")), \
            \(Figure.bytes(bytes)), licence \(licence ?? "not stated")
              \(installed ? folder : "not installed: carrel models fetch \(id)")
            """
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let library = ModelLibrary.here()
            let models = library.models()
            if models.isEmpty, !json {
                Terminal.print("No models. Looked in \(library.folders[0].path)")
            }
            var isDamaged = false
            for model in models {
                do {
                    let line = Line(model, try model.description(hashing: false))
                    Terminal.print(json ? try Terminal.json(line) : line.text)
                } catch {
                    isDamaged = true
                    Terminal.printError("wrong: \(model.directory.path): \(ErrorText.describe(error))")
                }
            }
            if isDamaged { throw ExitCode(1) }
        }
    }
}
