import Evaluation
import Foundation
import TestSupport
import Testing

struct MeasuringTests {
    @Test func `points are repeated in rounds, not one after the other`() {
        let plan = RepetitionPlan(pointCount: 2, warmUps: 1, rounds: 2)
        #expect(plan.steps.map(\.point) == [0, 1, 0, 1, 0, 1])
        #expect(plan.steps.map(\.round) == [nil, nil, 0, 0, 1, 1])
        #expect(RepetitionPlan(pointCount: 0, warmUps: 3, rounds: 3).steps.isEmpty)
    }

    @Test(arguments: [
        ([3.0], 3.0, 3.0, 3.0), ([5, 1, 3], 3, 1, 5), ([4, 1, 2, 3], 2.5, 1, 4),
    ])
    func `a spread is median, least and greatest`(
        values: [Double], median: Double, least: Double, greatest: Double
    ) {
        let spread = Spread(of: values)
        #expect(spread?.median == median && spread?.min == least && spread?.max == greatest)
        #expect(Spread(of: []) == nil)
    }

    @Test func `percentiles are within a thousandth, from microseconds to minutes`() {
        var latencies = LatencyHistogram()
        for time in 1...10_000 { latencies.record(nanoseconds: UInt64(time) * 1_000) }
        #expect(latencies.count == 10_000)
        for (percent, milliseconds) in [(50.0, 5.0), (90, 9), (99, 9.9), (99.9, 9.99), (100, 10)] {
            #expect(abs(latencies.milliseconds(atPercentile: percent) / milliseconds - 1) < 1.1e-3)
        }
        var other = LatencyHistogram()
        other.record(nanoseconds: .max)
        latencies.add(other)
        #expect(latencies.count == 10_001)
        #expect(abs(latencies.milliseconds(atPercentile: 100) / 600_000 - 1) < 1.1e-3)
        #expect(LatencyHistogram().milliseconds(atPercentile: 99) == 0)
    }

    @Test(arguments: [1, 2, 5], [UInt64(1), 2])
    func `a sweep tells each point's recall, and that less work is faster is not its affair`(
        threads: Int, seed: UInt64
    ) throws {
        let vectors = try ToyVectors(seed: seed)
        let engine = ToyEngine(vectors.rows, shares: [0.5, 1])
        let records = try PointSweep(
            queries: vectors.queries, judge: vectors.judge(), settings: .quick(threads: threads)
        ).measure(engine, index: IndexFigures(buildSeconds: 2, indexBytes: 77))
        #expect(records.map(\.point) == ["share=0.5", "share=1"])
        let half = try #require(records[0].recallAt10)
        #expect((0.3...0.7).contains(half), "half of the rows hold about half of the neighbors: \(half)")
        let exact = records[1]
        #expect(exact.recallAt1 == 1 && exact.recallAt10 == 1 && exact.recallAt100 == 1)
        #expect(exact.batchedRecall == 1 && exact.expectedRecall == 1 && records[0].expectedRecall == 0.5)
        #expect(exact.rounds == 2 && exact.samples >= 2 * vectors.queries.count && exact.threads == threads)
        #expect(exact.qps > 0 && exact.batchedQPS > 0 && exact.p50 > 0)
        #expect(exact.p50 <= exact.p90 && exact.p90 <= exact.p99 && exact.p99 <= exact.p99_9)
        #expect(exact.buildSeconds == 2 && exact.indexBytes == 77 && exact.residentBytes > 0)
    }

    @Test func `a rank that the truth cannot judge is left out`() throws {
        let vectors = try ToyVectors(seed: 3, depth: 10)
        let records = try PointSweep(
            queries: vectors.queries, judge: vectors.judge(), settings: .quick(threads: 1)
        ).measure(ToyEngine(vectors.rows), index: IndexFigures())
        #expect(records[0].recallAt10 == 1 && records[0].recallAt100 == nil)
    }

    @Test func `a base of few rows is judged by as many as there are`() throws {
        let vectors = try ToyVectors(seed: 4, rowCount: 7, depth: 7)
        let records = try PointSweep(
            queries: vectors.queries, judge: vectors.judge(), settings: .quick(threads: 1)
        ).measure(ToyEngine(vectors.rows), index: IndexFigures())
        #expect(records[0].recallAt10 == 1 && records[0].recallAt100 == 1)
    }

    @Test func `what an engine throws ends the sweep, and a lost answer is an error`() throws {
        let vectors = try ToyVectors(seed: 5)
        let sweep = PointSweep(
            queries: vectors.queries, judge: vectors.judge(), settings: .quick(threads: 3))
        #expect(throws: ToyEngine.Broken.self) {
            try sweep.measure(ToyEngine(vectors.rows, fault: .throwing), index: IndexFigures())
        }
        #expect(throws: BenchmarkError.answerCountMismatch(expected: 20, found: 19)) {
            try sweep.measure(ToyEngine(vectors.rows, fault: .dropsABatchAnswer), index: IndexFigures())
        }
    }

    @Test(arguments: [nil, ToyEngine.Fault.losesInsertions])
    func `a row that the next search does not find is counted`(fault: ToyEngine.Fault?) throws {
        let vectors = try ToyVectors(seed: 6)
        let engine = ToyEngine(vectors.rows, fault: fault)
        let record = try InsertingMeasurement(
            queries: vectors.queries, k: 10, point: engine.points[0], threads: 2, seconds: 0.05,
            batchRows: 3, rowsPerSecondMax: 1_000
        ).measure(engine, firstID: 200) { batch, count in
            // Longer than all others, and longer each time: each is its own nearest.
            (0..<count).map { [Float](repeating: 0, count: 7) + [1_000 * Float(3 * batch + $0 + 1)] }
                .reversed()
        }
        #expect(record.rowsInserted > 0 && record.rowsInserted <= 60)
        #expect(record.notFoundAtOnce == (fault == nil ? 0 : record.rowsInserted / 3))
        #expect(record.quiet.count >= 20 && record.inserting.count > 0)
    }

    private struct ToyIndex: StoredIndex {
        let rows: [[Float]]
        let files: [String]
        func open() throws -> any SearchEngine { ToyEngine(rows) }
    }

    @Test func `many tenants are opened, asked, and asked again at random`() throws {
        let vectors = try ToyVectors(seed: 7)
        let record = try TenantsMeasurement(
            tenants: 12, rowsEach: 200, queries: vectors.queries, k: 5,
            point: ToyEngine(vectors.rows).points[0], seconds: 0.01, seed: 1
        ).measure { _ in ToyIndex(rows: vectors.rows, files: []) }
        #expect(record.open.count == 12 && record.first.count == 12 && record.search.count > 0)
        #expect(record.empty == 0 && record.searchesPerSecond > 0)
    }

    @Test func `a first answer is measured as often as it is asked for, and files are counted in bytes`()
        throws
    {
        let folder = try TemporaryFolder()
        let files = [try folder.write("12345", to: "a").path, try folder.write("678", to: "b").path]
        let vectors = try ToyVectors(seed: 8)
        let index = ToyIndex(rows: vectors.rows, files: files)
        #expect(FirstAnswer.bytes(of: index) == 8)
        for start in [FirstAnswer.Start.cold, .warm] {
            let spread = try FirstAnswer.measure(
                index, from: start, query: vectors.queries[0], k: 3, at: nil, times: 3)
            #expect((spread?.min ?? 0) > 0)
        }
        #expect(throws: (any Error).self) {
            try FirstAnswer.measure(
                ToyIndex(rows: vectors.rows, files: ["/nowhere/a"]), from: .warm, query: vectors.queries[0],
                k: 3,
                at: nil, times: 1)
        }
        #expect(PageCache.forget(path: files[0]) && !PageCache.forget(path: files[0] + ".none"))
    }

    @Test(arguments: [0, 0.01, 0.25, 1], [UInt64(1), 9])
    func `a subset holds its share, the same by id and by list`(share: Double, seed: UInt64) {
        let subset = RowSubset(share: share, of: 20_000, seed: seed)
        #expect(abs(Double(subset.ids.count) / 20_000 - share) < 0.01)
        #expect(subset.ids == (0..<20_000).filter(subset.contains))
    }

    @Test func `random numbers are those of SplitMix64, and normal ones have mean 0 and variance 1`() {
        var random = SeededRandom(seed: 1_234_567)
        // From the reference implementation in C by Sebastiano Vigna, seed 1234567.
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        let sample = (0..<100_000).map { _ in Double(random.normal()) }
        #expect(abs(sample.reduce(0, +) / 100_000) < 0.02)
        #expect(abs(sample.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.02)
        #expect((0..<1_000).allSatisfy { _ in (0..<7).contains(random.below(7)) })
    }
}

extension PointSweep.Settings {
    /// Two rounds, each query once.
    static func quick(threads: Int) -> PointSweep.Settings {
        var settings = PointSweep.Settings()
        (settings.threads, settings.rounds, settings.roundSeconds) = (threads, 2, 0.000_1)
        return settings
    }
}
