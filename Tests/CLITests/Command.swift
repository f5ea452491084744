import Foundation
import TestSupport

/// Runs the real `carrel`, built beside the tests.
struct Command {
    struct Result {
        var exitCode: Int32
        var output: String
        var errors: String
    }

    struct NotBuilt: Error {
        var searched: [String]
    }

    let dataDirectory: URL

    func run(_ arguments: String...) throws -> Result {
        try run(arguments)
    }

    func run(_ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        var environment = ProcessInfo.processInfo.environment
        environment["CARREL_DATA"] = dataDirectory.path
        environment["CARREL_MODEL"] = Repository.localModel.path
        process.environment = environment
        // Files, not pipes: nothing is lost and nobody waits, however much is written.
        let folder = try TemporaryFolder()
        let output = try folder.write("", to: "output")
        let errors = try folder.write("", to: "errors")
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Result(
            exitCode: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Beside the test bundle, or beside the program that runs it.
    private static func executable() throws -> URL {
        let bundles = [Bundle.main.executableURL, Bundle.main.bundleURL] + Bundle.allBundles.map(\.bundleURL)
        let named = CommandLine.arguments.map { URL(filePath: $0) }
        let folders = (bundles.compactMap { $0 } + named).map { $0.deletingLastPathComponent() }
        let candidates = folders.map { $0.appending(path: "carrel") }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) })
        else { throw NotBuilt(searched: candidates.map(\.path)) }
        return found
    }
}
