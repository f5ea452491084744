import Evaluation
import Foundation
import Kernels

/// One run of the benchmark over Carrel's index.
struct BenchRun: Sendable {
    /// Neighbors of each query that are true: the deepest recall that is reported.
    private static let depth = 100
    private static let opens = 3

    let vectors: BenchVectors
    let truth: BenchTruthOptions
    let sample: BenchSample?
    let settings: PointSweep.Settings

    /// nil for the engine's own.
    let points: [OperatingPoint]?
    let extras: BenchExtraOptions
    let folder: URL
    private let progress = BenchProgress()

    init(
        vectors: BenchVectors, truth: BenchTruthOptions, sample: BenchSample?,
        settings: PointSweep.Settings, points: [OperatingPoint]?, extras: BenchExtraOptions, folder: URL
    ) {
        (self.vectors, self.truth, self.settings, self.sample) = (vectors, truth, settings, sample)
        (self.points, self.extras, self.folder) = (points, extras, folder)
    }

    private var base: VectorTable { vectors.base }

    func measured() async throws -> BenchmarkReport {
        try BenchLimits.check(k: settings.k, rows: base.rowCount)
        let given = try truth.read(for: vectors)
        var machine = BenchmarkReport.Machine(libraries: BenchMachine.libraries)
        let subsets = extras.selectivities.map {
            RowSubset(share: $0, of: base.rowCount, seed: extras.seed)
        }
        let pool = ComputePool(threadCount: ComputeThreads.count(nil))
        let truths = try await allTruths(given: given, subsets: subsets, pool: pool)
        // From here on one thing happens at a time, on one thread that is nobody else's.
        let timing = ComputePool(threadCount: 1)
        var report = try await timing.run { [machine] in
            try measured(truths: truths, subsets: subsets, isTruthGiven: given != nil, machine: machine)
        }
        machine.loadAtEnd = ProcessFigures.load
        report.machine = machine
        return report
    }

    /// Over all rows, then over each subset. What was given is not sought.
    private func allTruths(
        given: TrueNeighbors?, subsets: [RowSubset], pool: ComputePool
    ) async throws -> [TrueNeighbors] {
        if let given, subsets.isEmpty { return [given] }
        progress.stage(
            "truth: \(Figure.count(vectors.queries.count, "query", "queries")) against "
                + Figure.count(base.rowCount, "row"))
        let found = try await ExactTruth(pool: pool).neighbors(
            of: vectors.queries, in: RowSource(base), depth: min(max(Self.depth, settings.k), base.rowCount),
            subsets: subsets)
        return [given ?? found[0]] + found.dropFirst()
    }

    private func measured(
        truths: [TrueNeighbors], subsets: [RowSubset], isTruthGiven: Bool, machine: BenchmarkReport.Machine
    ) throws -> BenchmarkReport {
        let sweep = try self.sweep(truths[0])
        let (files, figures) = try built()
        let resident = ProcessFigures.residentBytes
        let (engine, calibration) = try opened(files)
        progress.stage("points: \((points ?? engine.points).map(\.name).joined(separator: ", "))")
        let records = try sweep.measure(engine, at: points, index: figures, report: progress.show)
        let filtered = try self.filtered(engine, truths: truths, subsets: subsets, figures: figures)
        let dataset = BenchmarkReport.Dataset(
            name: URL(filePath: base.file.path).deletingPathExtension().lastPathComponent,
            rows: base.rowCount, dimension: base.dimension, queries: vectors.queries.count,
            queryKind: vectors.queryKind,
            truth: isTruthGiven ? "given" : "every query against every row by sgemm",
            difficulty: truths[0].difficulty)
        return BenchmarkReport(
            command: BenchMachine.command, commit: BenchMachine.commit, seed: extras.seed, machine: machine,
            dataset: dataset, calibration: calibration, residentBytesBeforeOpen: resident, points: records,
            filtered: filtered, inserting: try inserting(engine), durable: try durable(),
            tenants: try tenants())
    }

    /// The index, and what it cost to learn from the sample.
    private func opened(
        _ files: VectorIndexFiles
    ) throws -> (VectorIndexEngine, BenchmarkReport.Calibration?) {
        guard let sample else { return (try VectorIndexEngine(opening: files), nil) }
        progress.stage("calibrate: \(Figure.count(sample.vectors.count, "query", "queries")) of the sample")
        let start = ProcessFigures.nanoseconds
        let engine = try VectorIndexEngine(opening: files, sample: sample.vectors, k: settings.k)
        let seconds = Double(ProcessFigures.nanoseconds - start) / 1e9
        let name = URL(filePath: sample.name).lastPathComponent
        return (engine, .init(sample: name, queries: sample.vectors.count, seconds: seconds))
    }

    private func sweep(_ truth: TrueNeighbors, subset: RowSubset? = nil) throws -> PointSweep {
        var matches: (@Sendable (Int64) -> Bool)?
        if let subset { matches = { subset.contains($0) } }
        let judge = RecallJudge(truth: truth, rowCount: base.rowCount, matches: matches) { [vectors] in
            try vectors.score(query: $0, id: $1)
        }
        let needed = min(10, base.rowCount)
        guard judge.canJudge(at: needed) else {
            throw BenchmarkError.truthTooShallow(depth: truth.depth, needed: needed)
        }
        return PointSweep(queries: vectors.queries, judge: judge, settings: settings)
    }

    private func built() throws -> (VectorIndexFiles, IndexFigures) {
        progress.stage("build: \(Figure.count(base.rowCount, "row")) of dimension \(base.dimension)")
        let processorStart = ProcessFigures.processorSeconds
        let start = ProcessFigures.nanoseconds
        let files = try VectorIndexFiles.build(
            from: base, rows: 0..<base.rowCount, in: folder.appending(path: "index"))
        let seconds = Double(ProcessFigures.nanoseconds - start) / 1e9
        let processorSeconds = ProcessFigures.processorSeconds - processorStart
        func firstAnswer(_ start: FirstAnswer.Start) throws -> Spread? {
            try FirstAnswer.measure(
                files, from: start, query: vectors.queries[0], k: settings.k, at: usualPoint,
                times: Self.opens)
        }
        let figures = IndexFigures(
            buildSeconds: seconds, buildProcessorSeconds: processorSeconds,
            indexBytes: FirstAnswer.bytes(of: files), coldOpen: try firstAnswer(.cold),
            warmOpen: try firstAnswer(.warm))
        return (files, figures)
    }

    private func filtered(
        _ engine: VectorIndexEngine, truths: [TrueNeighbors], subsets: [RowSubset], figures: IndexFigures
    ) throws -> [OperatingPointRecord] {
        try zip(subsets, truths.dropFirst()).flatMap { subset, truth in
            progress.stage("filter: \(subset.share) of the rows")
            let records = try sweep(truth, subset: subset).measure(
                engine.restricted(to: subset), at: [usualPoint], index: figures,
                report: progress.show)
            return records.map { record in
                var record = record
                record.selectivity = subset.share
                return record
            }
        }
    }

    private func inserting(_ engine: VectorIndexEngine) throws -> InsertingRecord? {
        guard extras.insertSeconds > 0 else { return nil }
        progress.stage("search while inserting: \(extras.insertSeconds) s")
        let source = InsertedVectors(base: base, seed: extras.seed)
        var record = try InsertingMeasurement(
            queries: vectors.queries, k: settings.k, point: usualPoint, threads: settings.threads,
            seconds: extras.insertSeconds, batchRows: extras.insertRows,
            rowsPerSecondMax: extras.insertRate > 0 ? extras.insertRate : nil
        ).measure(engine, firstID: Int64(base.rowCount)) { try source.vectors(batch: $0, count: $1) }
        record.segmentsWritten = engine.maintenance.segmentsWritten
        try engine.maintenance.wait()
        return record
    }

    private func durable() throws -> DurableRecord? {
        guard extras.durableInsertRows > 0 else { return nil }
        progress.stage("durable insertion: \(Figure.count(extras.durableInsertRows, "row"))")
        return try DurableInsertion(
            vectors: InsertedVectors(base: base, seed: extras.seed &+ 1), rowCount: extras.durableInsertRows,
            folder: folder
        ).measure()
    }

    private func tenants() throws -> TenantsRecord? {
        guard extras.tenants > 0 else { return nil }
        let rows = min(extras.tenantRows, base.rowCount)
        progress.stage("tenants: \(Figure.count(extras.tenants, "index", "indexes")) of \(rows) rows")
        let files = try (0..<extras.tenants).map { tenant in
            let start = tenant * rows % (base.rowCount - rows + 1)
            return try VectorIndexFiles.build(
                from: base, rows: start..<(start + rows), in: folder.appending(path: "tenants/\(tenant)"))
        }
        DescriptorLimit.raise()
        return try TenantsMeasurement(
            tenants: extras.tenants, rowsEach: rows, queries: vectors.queries, k: settings.k,
            point: usualPoint, seconds: settings.roundSeconds,
            seed: extras.seed
        ).measure { files[$0] }
    }

    /// Where everything but the sweep is measured: the usual point, unless only others were asked for.
    private var usualPoint: OperatingPoint {
        let usual = VectorIndexEngine.usualPoint
        guard let points, !points.contains(usual) else { return usual }
        return points.first ?? usual
    }
}

/// New rows for an index, each near a row that it has.
struct InsertedVectors: Sendable {
    /// Length of the noise, relative to the vector's: enough for no two to be equal.
    private static let noise: Float = 0.3

    let base: VectorTable
    let seed: UInt64

    func vectors(batch: Int, count: Int) throws -> [[Float]] {
        var random = SeededRandom(seed: seed &+ UInt64(batch + 1) &* 0x9FB2_1C65_1E98_DF25)
        var vectors: [[Float]] = []
        while vectors.count < count {
            let wanted = min(count - vectors.count, base.rowCount)
            let start = random.below(base.rowCount - wanted + 1)
            vectors += try base.vectors(start..<(start + wanted)).map { Self.moved($0, &random) }
        }
        return vectors
    }

    /// Of the same length as before, so that it is its own nearest neighbor as the others are theirs.
    private static func moved(_ vector: [Float], _ random: inout SeededRandom) -> [Float] {
        func length(_ vector: [Float]) -> Float { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let before = length(vector)
        let deviation = before * noise / Float(vector.count).squareRoot()
        let moved = vector.map { $0 + deviation * random.normal() }
        let after = length(moved)
        return after > 0 ? moved.map { $0 * before / after } : moved
    }
}
