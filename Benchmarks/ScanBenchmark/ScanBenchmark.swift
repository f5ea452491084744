import ArgumentParser
import Foundation
import VectorIndex

/// Measures the exact scan of one sealed segment through the public API, and checks its answers.
@main struct ScanBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ScanBenchmark",
        abstract: "Exact-scan bandwidth, latency and recall of VectorIndex, as JSON on standard output.",
        discussion: """
            Example: ScanBenchmark --rows 100000 --dimension 384 --queries 100 --k 10
            With --base and --query the vectors come from .fvecs files and --rows, --dimension and --queries are \
            upper bounds; --truth compares with the ids of an .ivecs file instead of an own scan in Double.
            """, subcommands: [KernelBenchmark.self])

    @Option(help: "Rows, at most.") var rows = 100_000
    @Option(help: "Dimension of generated vectors.") var dimension = 384
    @Option(help: "Queries, at most.") var queries = 100
    @Option(help: "Neighbors per query.") var k = 10
    @Option(help: "Seed of generated vectors.") var seed: UInt64 = 1
    @Option(help: "Rounds over all queries; the fastest counts for bandwidth.") var rounds = 3
    @Option(help: "Base vectors, .fvecs.") var base: String?
    @Option(help: "Query vectors, .fvecs.") var query: String?
    @Option(help: "True neighbors of each query, .ivecs.") var truth: String?

    func validate() throws {
        guard rows > 0, queries > 0, rounds > 0, (1...65_536).contains(dimension) else {
            throw ValidationError("rows, queries and rounds must be positive, the dimension 1 to 65,536")
        }
        guard (base == nil) == (query == nil) else { throw ValidationError("--base and --query go together") }
        guard IndexSnapshot.kBounds.contains(k), k <= rows else {
            throw ValidationError("k must be 1 to 10,000")
        }
    }

    func run() throws {
        let data = try loadVectors()
        let trueNeighbors = try truth.map { try VectorFile.integers(path: $0, countMax: queries) }
        let directory = FileManager.default.temporaryDirectory.appending(path: "scan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let measured = try ScanMeasurement(data: data, k: k, rounds: rounds, directory: directory)
        let recall = Recall(data: data, trueNeighbors: trueNeighbors, k: k)
        let report = Report(
            machine: .current, command: CommandLine.arguments.joined(separator: " "), commit: Machine.commit,
            seed: base == nil ? seed : nil, rows: data.base.count, dimension: data.dimension,
            queries: data.queries.count, k: k, measured: measured,
            recallSingle: recall.mean(measured.single), recallBatch: recall.mean(measured.batch),
            truth: truth == nil ? "own scan in Double" : "given")
        print(try report.json())
    }

    private func loadVectors() throws -> VectorData {
        if let base, let query {
            return try VectorData(
                base: VectorFile.floats(path: base, countMax: rows),
                queries: VectorFile.floats(path: query, countMax: queries))
        }
        return VectorData(seed: seed, rowCount: rows, queryCount: queries, dimension: dimension)
    }
}
