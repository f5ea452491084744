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
    var workingDirectory = Repository.root

    func run(_ arguments: String...) throws -> Result {
        try run(arguments)
    }

    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        try Self.result(of: process(arguments, environment: environment))
    }

    /// Runs a script that calls `carrel`, and stops at the first line that fails.
    @discardableResult
    func shell(_ script: String) throws -> Result {
        let folder = try Self.executable().deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let process = try process([], environment: ["PATH": "\(folder):\(path)"])
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-euo", "pipefail", "-c", script]
        return try Self.result(of: process)
    }

    private static func result(of process: Process) throws -> Result {
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

    /// Starts a command that goes on until it is stopped.
    ///
    /// - Parameter readingErrors: false leaves its standard error unread, as a stuck log shipper does.
    func start(_ arguments: String..., readingErrors: Bool = true) throws -> RunningCommand {
        try RunningCommand(process(arguments, environment: [:]), readingErrors: readingErrors)
    }

    private func process(_ arguments: [String], environment more: [String: String]) throws -> Process {
        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.currentDirectoryURL = workingDirectory
        // What the machine configures is not the test's affair.
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CARREL_") }
        environment["CARREL_DATA"] = dataDirectory.path
        environment["CARREL_MODEL"] = Repository.localModel.path
        // What the processor is like is not its affair either.
        environment["CARREL_PRECISION"] = "float32"
        process.environment = environment.merging(more) { $1 }
        return process
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
