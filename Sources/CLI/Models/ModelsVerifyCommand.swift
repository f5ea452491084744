import ArgumentParser
import Embedding
import Foundation

struct ModelsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares the files of models with the sizes and checksums in their model.json.",
        discussion: """
            Without a name, all models that are installed. Changes nothing. Exit code 1 if a file is missing or not \
            what it should be.

            Example:
              carrel models verify all-minilm-l6-v2
            """)

    @Argument(help: "Models; see 'carrel models list'.")
    var ids: [String] = []

    @Flag(help: "Print one JSON object a line, for machines.")
    var json = false

    private struct Line: Encodable {
        struct Problem: Encodable {
            var file: String
            var problem: String
        }

        var id: String
        var files: Int
        var bytes: Int
        var problems: [Problem]
    }

    func run() async throws {
        try await CommandError.reported {
            let library = ModelLibrary.here()
            let models =
                ids.isEmpty
                ? library.models().filter(Self.isWorthALook)
                : try ids.map { try library.model(named: $0) }
            var areRight = true
            for model in models {
                let line = try Self.line(model)
                areRight = areRight && line.problems.isEmpty
                if json {
                    Terminal.print(try Terminal.json(line))
                } else if line.problems.isEmpty {
                    Terminal.print("\(line.id): \(Figure.count(line.files, "file")), all well")
                }
                if !json {
                    for problem in line.problems {
                        Terminal.printError("wrong: \(line.id): \(problem.problem)")
                    }
                }
            }
            guard areRight else { throw ExitCode(1) }
        }
    }

    /// A model of which not one file is there was never fetched, which is no damage.
    private static func isWorthALook(_ model: InstalledModel) -> Bool {
        guard case .success(let manifest) = model.manifest else { return model.manifest != nil }
        return manifest.files.contains {
            FileManager.default.fileExists(atPath: model.directory.appending(path: $0.name).path)
        }
    }

    private static func line(_ model: InstalledModel) throws -> Line {
        let manifest: ModelManifest
        do {
            manifest = try model.description(hashing: false)
        } catch {
            let problem = Line.Problem(file: ModelManifest.name, problem: ErrorText.describe(error))
            return Line(id: model.name, files: 0, bytes: 0, problems: [problem])
        }
        // Files without a manifest are right by definition.
        let problems =
            model.manifest == nil
            ? [] : try ModelVerification.problems(of: manifest, in: model.directory)
        return Line(
            id: model.name, files: manifest.files.count, bytes: manifest.byteCount,
            problems: problems.map { Line.Problem(file: $0.file, problem: $0.problem) })
    }
}
