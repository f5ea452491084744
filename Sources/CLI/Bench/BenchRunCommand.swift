import ArgumentParser
import Evaluation
import Foundation
import Kernels

struct BenchRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Builds an index of vectors from a file, and measures how right and how fast it is.",
        discussion: """
            Prints a Markdown table, or with --json a report with one object per operating point; --out keeps both, \
            and a plot of recall against queries per second. Points are measured in interleaved rounds, of which the \
            medians count; recall is by exact comparison, aware of ties.

            Example:
              carrel bench --base base.fvecs --query queries.fvecs --truth truth.ivecs --out results
              carrel bench --base base.fbin --query queries.npy --recall-target 0.95 --threads 2 --json
              carrel bench --base base.fbin --query queries.npy --sample other-queries.npy
              carrel bench --base base.fbin --held-out 1000
            """)

    @OptionGroup var vectors: BenchVectorOptions
    @OptionGroup var truth: BenchTruthOptions
    @OptionGroup var calibration: BenchCalibrationOptions
    @OptionGroup var sweep: BenchSweepOptions
    @OptionGroup var extras: BenchExtraOptions

    @Option(
        help: "Folder for the index while it is measured; a temporary one if not given.",
        completion: .directory)
    var scratch: String?

    @Option(help: "Folder in which bench.json, bench.md and bench.svg are kept.", completion: .directory)
    var out: String?

    @Flag(help: "Print JSON, for machines.")
    var json = false

    func validate() throws {
        guard (vectors.query == nil) != (calibration.heldOut == nil) else {
            throw ValidationError("either --query or --held-out says what is searched for")
        }
        guard calibration.heldOut == nil || truth.truth == nil else {
            throw ValidationError("--held-out renumbers the rows, so that --truth does not fit")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let parent = scratch.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
            let folder = parent.appending(
                path: "carrel-bench-\(UUID().uuidString)", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let opened = try vectors.open(heldOut: calibration.heldOut.map { ($0, extras.seed) })
            let run = BenchRun(
                vectors: opened, truth: truth,
                sample: try calibration.sample(
                    for: opened, isNormalized: vectors.normalize, countMax: vectors.queries),
                settings: sweep.settings, points: sweep.points(isCalibrated: calibration.sample != nil),
                extras: extras, folder: folder)
            let report = try await run.measured()
            if let out { try BenchOutput.write(report, to: URL(filePath: out)) }
            Terminal.print(json ? try report.json() : ReportTable.markdown(report))
        }
    }
}

/// What the answers are compared with.
struct BenchTruthOptions: ParsableArguments {
    @Option(
        help:
            "The queries' true neighbors: .ivecs, .ibin or .npy. Found by comparing everything if not given.")
    var truth: String?

    @Option(help: "The similarities of these neighbors: .fvecs, .fbin or .npy.")
    var truthScores: String?

    func validate() throws {
        guard truthScores == nil || truth != nil else {
            throw ValidationError("--truth-scores goes with --truth")
        }
    }

    /// The truth in the files; nil if none is named.
    func read(for vectors: BenchVectors) throws -> TrueNeighbors? {
        guard let truth else { return nil }
        let count = vectors.queries.count
        let files = try ([truth] + [truthScores].compactMap { $0 }).map { path in
            let file = try VectorFile(opening: path, limit: count)
            // Of fewer queries than the file has, the first are measured; a file of other queries is none of
            // ours.
            let expected = vectors.query?.storedRowCount ?? count
            guard file.storedRowCount == expected else {
                throw BenchmarkError.truthCountMismatch(expected: expected, found: file.storedRowCount)
            }
            return file
        }
        let read = try TrueNeighbors(
            reading: files[0], scores: files.count > 1 ? files[1] : nil, queryCount: count,
            rowCount: vectors.base.rowCount)
        return try read.checked { try vectors.score(query: $0, id: $1) }
    }
}

/// What kind of queries is measured, and what the engine is told of them beforehand.
struct BenchCalibrationOptions: ParsableArguments {
    @Option(
        help:
            "Queries like those of --query, but others: points calibrated with them are added.",
        completion: .file())
    var sample: String?

    @Option(help: "In place of --query: this many rows are taken out of the base and searched for.")
    var heldOut: Int?

    /// Held in memory.
    private static let heldOutMax = 1_000_000

    func validate() throws {
        guard (1...Self.heldOutMax).contains(heldOut ?? 1) else {
            throw ValidationError("--held-out must be 1 to \(Self.heldOutMax)")
        }
    }

    /// The sample, without vectors that are among the queries; nil if none is named.
    func sample(
        for vectors: BenchVectors, isNormalized: Bool, countMax: Int
    ) throws -> BenchSample? {
        guard let sample else { return nil }
        let path = NSString(string: sample).expandingTildeInPath
        let file = try VectorFile(opening: path, limit: countMax)
        guard file.dimension == vectors.base.dimension else {
            throw BenchmarkError.dimensionMismatch(base: vectors.base.dimension, query: file.dimension)
        }
        let all = try VectorTable(file: file, isNormalized: isNormalized).vectors(0..<file.rowCount)
        let asked = Set(vectors.queries)
        let others = all.filter { !asked.contains($0) }
        guard !others.isEmpty else { throw BenchmarkError.sampleHoldsQueries(count: all.count) }
        return BenchSample(vectors: others, name: file.path)
    }
}

/// Queries that the engine may learn from.
struct BenchSample: Sendable {
    let vectors: [[Float]]
    let name: String
}

/// Which points are measured, and for how long.
struct BenchSweepOptions: ParsableArguments {
    @Option(name: .long, parsing: .upToNextOption, help: "Recall targets to measure, above 0 up to 1.")
    var recallTarget: [Double] = []

    @Option(name: .long, parsing: .upToNextOption, help: "Numbers of lists to probe, besides.")
    var nprobe: [Int] = []

    @Option(help: "Neighbors asked for when times are taken.")
    var k = 10

    @Option(help: "Clients that ask at the same time.")
    var threads = 1

    @Option(help: "Rounds that count.")
    var rounds = 5

    @Option(help: "Rounds before them that do not.")
    var warmUps = 1

    @Option(help: "Seconds of one point in a round.")
    var seconds = 0.5

    func validate() throws {
        guard recallTarget.allSatisfy({ $0 > 0 && $0 <= 1 }) else {
            throw ValidationError("a recall target is above 0 and at most 1")
        }
        guard nprobe.allSatisfy({ $0 >= 1 }) else { throw ValidationError("--nprobe must be positive") }
        guard k >= 1, (1...ComputeThreads.max).contains(threads) else {
            throw ValidationError("--k must be positive, --threads 1 to \(ComputeThreads.max)")
        }
        guard (1...1000).contains(rounds), (0...1000).contains(warmUps), seconds > 0, seconds <= 3600 else {
            throw ValidationError(
                "--rounds must be 1 to 1000, --warm-ups 0 to 1000, --seconds above 0 and at most 3600")
        }
    }

    /// nil for the engine's own.
    func points(isCalibrated: Bool) -> [OperatingPoint]? {
        recallTarget.isEmpty && nprobe.isEmpty
            ? nil
            : VectorIndexEngine.points(
                recallTargets: recallTarget, probes: nprobe, isCalibrated: isCalibrated)
    }

    var settings: PointSweep.Settings {
        var settings = PointSweep.Settings()
        (settings.k, settings.threads) = (k, threads)
        (settings.rounds, settings.warmUps, settings.roundSeconds) = (rounds, warmUps, seconds)
        return settings
    }
}

/// What is measured besides the operating points.
struct BenchExtraOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .upToNextOption,
        help: "Filters to measure, by the share of rows that they keep; 0 for none.")
    var filter: [Double] = [0.5, 0.1, 0.01]

    @Option(help: "Seconds to search while inserting; 0 for not at all.")
    var insertSeconds = 10.0

    @Option(help: "Rows in one insertion.")
    var insertRows = 1000

    @Option(help: "Rows that come in a second; 0 for as fast as they are taken.")
    var insertRate = 5_000.0

    @Option(help: "Rows to insert durably, in synced transactions of 1,000; 0 for none.")
    var durableInsertRows = 0

    @Option(help: "Small indexes that are open at once; 0 for none.")
    var tenants = 200

    @Option(help: "Rows of each.")
    var tenantRows = 200

    @Option(help: "Seed of filters, insertions and tenants.")
    var seed: UInt64 = 1

    /// One file descriptor and two mappings each.
    private static let tenantsMax = 100_000

    /// What a scratch disk of 100 GB holds twice, with texts.
    private static let durableRowsMax = 10_000_000

    func validate() throws {
        guard (0...Self.durableRowsMax).contains(durableInsertRows) else {
            throw ValidationError("--durable-insert-rows must be 0 to \(Self.durableRowsMax)")
        }
        guard filter.allSatisfy({ (0...1).contains($0) }) else {
            throw ValidationError("a filter keeps a share of 0 to 1")
        }
        guard (0...3600).contains(insertSeconds), (1...1_000_000).contains(insertRows) else {
            throw ValidationError("--insert-seconds must be 0 to 3600, --insert-rows 1 to 1,000,000")
        }
        guard insertRate >= 0, insertRate.isFinite else {
            throw ValidationError("--insert-rate must be positive, or 0")
        }
        guard (0...Self.tenantsMax).contains(tenants), tenantRows >= 1 else {
            throw ValidationError("--tenants must be 0 to \(Self.tenantsMax), --tenant-rows positive")
        }
    }

    /// The shares that are measured.
    var selectivities: [Double] { filter.filter { $0 > 0 } }
}
