import ArgumentParser
import Foundation
import Kernels

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Explains and checks the configuration.",
        discussion: """
            Settings come from flags, then from the environment (CARREL_HTTP_PORT), then from a file:

              data: /var/lib/carrel
              http:
                port: 8080

            Example:
              carrel config check --config carrel.yaml
            """,
        subcommands: [CheckCommand.self])
}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Shows every setting, its value and where that was found, and all that is wrong.",
        discussion: """
            Secrets are not shown, and nothing is changed. Exit code 1 if a setting is wrong, 2 if the file cannot be \
            read.

            Example:
              carrel config check --config carrel.yaml
            """)

    @OptionGroup var reranker: RerankerOptions

    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let reader = try await options.reader(adding: reranker.flags)
            var wrong = (reader.unknownKeys() + reader.unknownVariables()).map { ErrorText.describe($0) }
            for setting in Setting.allCases {
                do {
                    Terminal.print(Self.line(setting, try reader.value(of: setting)))
                } catch {
                    wrong.append(ErrorText.describe(error))
                }
            }
            if wrong.isEmpty { wrong = Self.problems(try Settings(reading: reader)) }
            for text in wrong { Terminal.printError("wrong: \(text)") }
            guard wrong.isEmpty else { throw ExitCode(1) }
            Terminal.print("all well")
        }
    }

    private static func line(_ setting: Setting, _ found: (text: String, source: String)?) -> String {
        let name = setting.rawValue.padding(toLength: 25, withPad: " ", startingAt: 0)
        guard let found else { return "\(name)  -" }
        return "\(name)  \(setting.shown(found.text))  (\(found.source))"
    }

    /// What only shows when the settings are put to use. Looks, and makes nothing.
    private static func problems(_ settings: Settings) -> [String] {
        var found: [String] = []
        if let problem = directoryProblem(settings.dataDirectory) { found.append("data: \(problem)") }
        do {
            _ = try settings.makeEmbedder(pool: ComputePool(threadCount: 1))
        } catch {
            let name = settings.text(.embedderURL) == nil ? "model" : "embedder"
            found.append("\(name): \(ErrorText.describe(error))")
        }
        do {
            _ = try settings.makeReranker(pool: ComputePool(threadCount: 1))
        } catch {
            found.append("reranker: \(ErrorText.describe(error))")
        }
        return found
    }

    /// Nil if the directory can be written, or made.
    private static func directoryProblem(_ directory: URL) -> String? {
        var folder = directory.standardizedFileURL
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        let values = try? folder.resourceValues(forKeys: [.isDirectoryKey])
        guard values?.isDirectory == true else { return "\(folder.path) is no folder" }
        return FileManager.default.isWritableFile(atPath: folder.path)
            ? nil : "\(folder.path) cannot be written"
    }
}
