import ArgumentParser
import Documents
import Engine
import Evaluation
import Foundation
import Kernels
import TestSupport

/// Measures what many workspaces of one data directory cost that are hardly ever asked.
///
/// Through the engine, as the server goes: catalog, a database and an index for each workspace, the least
/// recently used closed again. Vectors are made of words, so that no time goes into a model.
@main struct TenantBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TenantBenchmark",
        abstract: "Makes many small workspaces and searches random ones; prints JSON.",
        discussion: """
            Example: TenantBenchmark --workspaces 10000 --passages 200 --scratch /var/tmp/tenants
            Needs 0.7 MB of disk a workspace of 200 passages.
            """)

    @Option(help: "Workspaces.") var workspaces = 10_000
    @Option(help: "Passages of each.") var passages = 200
    @Option(help: "Searches of random workspaces, after one of each.") var searches = 20_000
    @Option(help: "Folder for the data; must not exist, and is removed at the end.") var scratch: String
    @Flag(help: .hidden) var ask = false

    func validate() throws {
        guard (1...1_000_000).contains(workspaces) else {
            throw ValidationError("workspaces must be 1 to 1000000")
        }
        guard (1...1_000).contains(passages) else { throw ValidationError("passages must be 1 to 1000") }
        guard (1...10_000_000).contains(searches) else {
            throw ValidationError("searches must be 1 to 10000000")
        }
        guard ask || !FileManager.default.fileExists(atPath: scratch) else {
            throw ValidationError("\(scratch) exists already")
        }
    }

    func run() async throws {
        let folder = URL(filePath: scratch, directoryHint: .isDirectory)
        let tenants = Tenants(folder: folder, count: workspaces, passageCount: passages)
        guard !ask else { return try print(await tenants.ask(searches: searches)) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let milliseconds = try await tenants.make()
        FileHandle.standardError.write(Data("made: \(milliseconds) ms a workspace\n".utf8))
        // In a process of its own: the memory that making took would hide what asking takes.
        let asking = Process()
        asking.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        asking.arguments = Array(CommandLine.arguments.dropFirst()) + ["--ask"]
        try asking.run()
        asking.waitUntilExit()
        guard asking.terminationStatus == 0 else { throw ExitCode(asking.terminationStatus) }
    }

    private func print(_ report: TenantReport) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Swift.print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}

/// What was measured.
struct TenantReport: Codable {
    var workspaces: Int
    var passagesEach: Int
    var openMax: Int

    /// Resident memory of the process: with the engine open and nothing asked; after one search of each; and
    /// what the difference is for each workspace.
    var residentBytesBefore: Int
    var residentBytesAfter: Int
    var residentBytesEach: Double

    /// One search of each, in order, and searches of random ones: nearly all open what was closed.
    var first: Percentiles
    var random: Percentiles
    var searchesPerSecond: Double
    var empty: Int
    var machine: BenchmarkReport.Machine
    var command: String

    enum CodingKeys: String, CodingKey {
        case workspaces, first, random, empty, machine, command
        case passagesEach = "passages_each"
        case openMax = "open_max"
        case residentBytesBefore = "rss_bytes_before"
        case residentBytesAfter = "rss_bytes_after"
        case residentBytesEach = "rss_bytes_per_workspace"
        case searchesPerSecond = "qps"
    }
}

/// Workspaces of one document each.
struct Tenants {
    let folder: URL
    let count: Int
    let passageCount: Int

    private static let dimension = 384

    /// Short, for most of the time of making them goes into their vectors.
    private static let passageWords = 24

    private func engine() throws -> Engine {
        let configuration = EngineConfiguration(
            dataDirectory: folder.appending(path: "data", directoryHint: .isDirectory),
            chunking: .sized(tokensTarget: Self.passageWords, overlapFraction: 0))
        return try Engine(
            configuration: configuration, embedder: WordHashEmbedder(dimension: Self.dimension),
            pool: ComputePool(threadCount: 2))
    }

    private static func name(_ tenant: Int) -> String { "tenant-\(tenant)" }

    /// A section a passage.
    private func text(_ tenant: Int) -> String {
        var random = SplitMix64(seed: UInt64(tenant))
        return (0..<passageCount).map { paragraph in
            let words = (0..<Self.passageWords).map { _ in "w\(UInt32.random(in: 0..<5_000, using: &random))"
            }
            return "## \(paragraph)\n\n" + words.joined(separator: " ") + ".\n"
        }.joined(separator: "\n")
    }

    /// - Returns: milliseconds a workspace.
    func make() async throws -> Double {
        let engine = try engine()
        let start = ContinuousClock.now
        for tenant in 0..<count {
            let bytes = Array(text(tenant).utf8)
            try engine.library.createWorkspace(named: Self.name(tenant))
            let scope = try engine.library.operatorScope(forWorkspace: Self.name(tenant))
            _ = try await engine.put(
                IngestItem(path: "document.md", mediaType: .markdown, byteCount: bytes.count) { bytes },
                in: scope)
        }
        try await engine.close()
        return (ContinuousClock.now - start).milliseconds / Double(count)
    }

    func ask(searches: Int) async throws -> TenantReport {
        let engine = try engine()
        let scopes = try (0..<count).map { try engine.library.operatorScope(forWorkspace: Self.name($0)) }
        var random = SplitMix64(seed: 1)
        let before = ProcessFigures.residentBytes
        var (first, sweep, empty) = (LatencyHistogram(), LatencyHistogram(), 0)
        func ask(_ tenant: Int, into histogram: inout LatencyHistogram) async throws {
            let words = (0..<8).map { _ in "w\(UInt32.random(in: 0..<5_000, using: &random))" }
            let start = ProcessFigures.nanoseconds
            let found = try await engine.search(
                SearchRequest(query: words.joined(separator: " ")), in: scopes[tenant])
            histogram.record(nanoseconds: ProcessFigures.nanoseconds - start)
            if found.hits.isEmpty { empty += 1 }
        }
        for tenant in 0..<count { try await ask(tenant, into: &first) }
        let after = ProcessFigures.residentBytes
        let start = ContinuousClock.now
        for _ in 0..<searches { try await ask(Int.random(in: 0..<count, using: &random), into: &sweep) }
        let elapsed = ContinuousClock.now - start
        let openMax = EngineConfiguration(dataDirectory: folder).openWorkspacesMax
        try await engine.close()
        return TenantReport(
            workspaces: count, passagesEach: passageCount, openMax: openMax,
            residentBytesBefore: before, residentBytesAfter: after,
            residentBytesEach: Double(after - before) / Double(count), first: Percentiles(first),
            random: Percentiles(sweep), searchesPerSecond: Double(searches) / (elapsed.milliseconds / 1_000),
            empty: empty, machine: BenchmarkReport.Machine(),
            command: CommandLine.arguments.joined(separator: " "))
    }
}

extension Duration {
    fileprivate var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }
}
