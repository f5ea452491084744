import Foundation
import TestSupport
import Testing

/// `carrel bench` on small files. What it measures is tested in EvaluationTests; here is that it all fits
/// together.
struct BenchTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private func path(_ name: String) -> String {
        folder.url.appending(path: name).path
    }

    /// A `.fbin` file of random vectors.
    private func vectors(_ name: String, rows: Int, dimension: Int, seed: UInt64) throws -> String {
        var random = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        func append(_ word: UInt32) { bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        append(UInt32(rows))
        append(UInt32(dimension))
        for _ in 0..<(rows * dimension) {
            append(Float.random(in: -1...1, using: &random).bitPattern)
        }
        return try folder.write(bytes, to: name).path
    }

    private func succeed(_ arguments: String...) throws -> String {
        let result = try carrel.run(arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        return result.output
    }

    private struct Report: Decodable {
        struct Point: Decodable {
            var recall: Double
            var point: String
            var qps: Double
            var p50: Double
            var p99: Double
            var build: Double
            var index: Int
            var resident: Int
            var selectivity: Double?

            enum CodingKeys: String, CodingKey {
                case point, qps, selectivity
                case recall = "recall@10"
                case p50 = "p50_ms"
                case p99 = "p99_ms"
                case build = "build_s"
                case index = "index_bytes"
                case resident = "rss_bytes"
            }
        }

        struct Inserting: Decodable {
            var not_found_at_once: Int
            var rows_inserted: Int
        }

        struct Tenants: Decodable {
            var tenants: Int
            var empty: Int
        }

        struct Dataset: Decodable {
            var rows: Int
            var queries: Int
            var query_kind: String
        }

        struct Calibration: Decodable {
            var queries: Int
        }

        struct Durable: Decodable {
            var durable_insert_rows_per_s: Double
            var durable_insert_with_text_rows_per_s: Double
            var not_found_at_once: Int
        }

        struct Machine: Decodable {
            struct Libraries: Decodable {
                var blas: String
            }

            var libraries: Libraries
            var cores: Int
            var load_at_start: Double
        }

        var command: String
        var machine: Machine
        var durable: Durable?
        var dataset: Dataset
        var calibration: Calibration?
        var points: [Point]
        var filtered: [Point]
        var inserting: Inserting?
        var tenants: Tenants?
    }

    @Test func `vectors are made of a sample, their truth is found, and the index is measured with both`()
        throws
    {
        let sample = try vectors("sample.fbin", rows: 300, dimension: 12, seed: 1)
        let (base, queries, truth) = (path("base.npy"), path("queries.fvecs"), path("truth.ivecs"))
        _ = try succeed("bench", "generate", "--sample", sample, "--count", "2000", "--out", base)
        _ = try succeed(
            "bench", "generate", "--sample", sample, "--count", "30", "--query-seed", "2", "--out", queries)
        let said = try succeed("bench", "truth", "--base", base, "--query", queries, "--out", truth)
        #expect(said.contains("intrinsic dimension"))
        let output = try succeed(
            "bench", "--base", base, "--query", queries, "--truth", truth, "--json", "--rounds", "2",
            "--seconds", "0.001", "--filter", "0.1", "0.001", "--insert-seconds", "0.1", "--insert-rows",
            "50",
            "--tenants", "5", "--threads", "2", "--out", path("results"))
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        let point = try #require(report.points.first)
        #expect(point.recall == 1 && point.qps > 0 && point.p50 > 0 && point.p50 <= point.p99)
        #expect(point.build > 0 && point.index > 2000 * 12 * 4 && point.resident > point.index)
        #expect(report.filtered.map(\.selectivity) == [0.1, 0.001])
        #expect(report.filtered.allSatisfy { $0.recall == 1 }, "too few rows for lists, so exact")
        #expect(report.inserting?.not_found_at_once == 0 && (report.inserting?.rows_inserted ?? 0) > 0)
        #expect(report.tenants?.tenants == 5 && report.tenants?.empty == 0)
        for name in ["bench.json", "bench.md", "bench.svg"] {
            #expect(FileManager.default.fileExists(atPath: path("results/\(name)")), "\(name)")
        }
        _ = try succeed("bench", "plot", path("results/bench.json"), "--out", path("plot.svg"))
        let plot = try String(contentsOfFile: path("plot.svg"), encoding: .utf8)
        #expect(plot.contains("</svg>") && plot.contains("carrel"))
    }

    @Test func `an index with lists is measured at every point that was asked for`() throws {
        let base = try vectors("base.fbin", rows: 6000, dimension: 16, seed: 1)
        let queries = try vectors("queries.fbin", rows: 20, dimension: 16, seed: 2)
        let output = try succeed(
            "bench", "--base", base, "--query", queries, "--recall-target", "0.5", "1", "--nprobe", "1",
            "--json", "--rounds", "1", "--seconds", "0.001", "--filter", "0", "--insert-seconds", "0",
            "--tenants", "0", "--normalize")
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        #expect(report.points.count == 3 && report.points[1].recall == 1)
        #expect(report.points.allSatisfy { $0.recall > 0 && $0.qps > 0 })
        #expect(report.points[2].recall < 1, "one list does not hold all neighbors of random vectors")
        #expect(report.filtered.isEmpty && report.inserting == nil && report.tenants == nil)
    }

    /// The options that leave nothing but the points.
    private let pointsAlone = [
        "--json", "--rounds", "1", "--seconds", "0.001", "--filter", "0", "--insert-seconds", "0",
        "--tenants",
        "0",
    ]

    @Test func `a sample adds a calibrated point to every target that is not exact`() throws {
        let base = try vectors("base.fbin", rows: 6000, dimension: 16, seed: 1)
        let queries = try vectors("queries.fbin", rows: 20, dimension: 16, seed: 2)
        let sample = try vectors("sample.fbin", rows: 50, dimension: 16, seed: 3)
        let result = try carrel.run(
            ["bench", "--base", base, "--query", queries, "--sample", sample, "--recall-target", "0.8", "1"]
                + pointsAlone)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(
            report.points.map(\.point) == [
                "recall_target=0.8", "recall_target=0.8 calibrated", "recall_target=1",
            ])
        #expect(report.points[1].recall > 0.6 && report.calibration?.queries == 50)
    }

    @Test func `rows are inserted durably, and the next search finds them`() throws {
        let base = try vectors("base.fbin", rows: 300, dimension: 8, seed: 1)
        let queries = try vectors("queries.fbin", rows: 5, dimension: 8, seed: 2)
        let result = try carrel.run(
            ["bench", "--base", base, "--query", queries, "--durable-insert-rows", "1500"] + pointsAlone)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        let durable = try #require(report.durable, "\(result.errors)")
        #expect(durable.not_found_at_once == 0)
        #expect(durable.durable_insert_rows_per_s > 0 && durable.durable_insert_with_text_rows_per_s > 0)
    }

    @Test func `a report says by what it was measured`() throws {
        let base = try vectors("base.fbin", rows: 300, dimension: 8, seed: 1)
        let queries = try vectors("queries.fbin", rows: 5, dimension: 8, seed: 2)
        let result = try carrel.run(["bench", "--base", base, "--query", queries] + pointsAlone)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(report.command.contains("--base") && report.machine.libraries.blas != "unknown")
        #expect(report.machine.load_at_start >= 0 && report.machine.cores > 0)
    }

    @Test func `rows held out of the base are its queries and are not in the index`() throws {
        let base = try vectors("base.fbin", rows: 500, dimension: 16, seed: 1)
        let result = try carrel.run(["bench", "--base", base, "--held-out", "40"] + pointsAlone)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(report.dataset.rows == 460 && report.dataset.queries == 40)
        #expect(report.dataset.query_kind == "rows held out of the base")
        #expect(report.points.allSatisfy { $0.recall == 1 }, "too few rows for lists, so exact")
    }

    @Test func `a sample of nothing but the queries is refused`() throws {
        let base = try vectors("base.fbin", rows: 100, dimension: 8, seed: 1)
        let queries = try vectors("queries.fbin", rows: 5, dimension: 8, seed: 2)
        let result = try carrel.run(["bench", "--base", base, "--query", queries, "--sample", queries])
        #expect(result.exitCode == 2 && result.errors.contains("all 5 vectors of the sample are queries"))
    }

    @Test func `the same sample and seed make the same bytes, whatever the threads`() throws {
        let sample = try vectors("sample.fbin", rows: 500, dimension: 9, seed: 3)
        func made(threads: String, seed: String, _ name: String) throws -> Data {
            _ = try succeed(
                "bench", "generate", "--sample", sample, "--count", "9000", "--seed", seed, "--threads",
                threads,
                "--difference", "0.4", "--out", path(name))
            return try Data(contentsOf: URL(filePath: path(name)))
        }
        let one = try made(threads: "1", seed: "7", "one.fbin")
        #expect(one.count == 8 + 9000 * 9 * 4)
        #expect(try made(threads: "3", seed: "7", "three.fbin") == one)
        #expect(try made(threads: "1", seed: "8", "other.fbin") != one)
    }

    @Test(arguments: [
        (["--base", "a", "--query", "other"], "the base vectors have dimension 6, the queries 5"),
        (["--base", "a", "--query", "q", "--k", "41"], "k is 41; 1 to 40 are possible"),
        (["--base", "a", "--query", "q", "--truth", "t7"], "the truth answers 7 queries, and there are 4"),
        (["--base", "a", "--query", "q", "--truth", "far"], "names row 40, and the base has 40 rows"),
        (["--base", "a", "--query", "q", "--truth", "low"], "the truth names 2 neighbors"),
        (["--base", "a", "--query", "q", "--truth", "q"], "expected int32 or int64"),
        (["--base", "none", "--query", "q"], "cannot be read: "),
    ])
    func `files that do not fit are refused with what was found`(arguments: [String], words: String) throws {
        var files: [String: String] = ["none": path("none.fbin")]
        files["a"] = try vectors("a.fbin", rows: 40, dimension: 6, seed: 1)
        files["q"] = try vectors("q.fbin", rows: 4, dimension: 6, seed: 2)
        files["other"] = try vectors("other.fbin", rows: 4, dimension: 5, seed: 3)
        func truth(_ name: String, rows: UInt8, depth: UInt8, id: UInt8) throws {
            let head: [UInt8] = [rows, 0, 0, 0, depth, 0, 0, 0]
            let ids = [[UInt8]](repeating: [id, 0, 0, 0], count: Int(rows) * Int(depth))
            files[name] = try folder.write(head + ids.flatMap { $0 }, to: "\(name).ibin").path
        }
        try truth("t7", rows: 7, depth: 10, id: 1)
        try truth("far", rows: 4, depth: 10, id: 40)
        try truth("low", rows: 4, depth: 2, id: 1)
        let result = try carrel.run(["bench"] + arguments.map { files[$0] ?? $0 })
        #expect(result.exitCode == 2 && result.output.isEmpty)
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test(arguments: [
        ["--recall-target", "1.5"], ["--threads", "0"], ["--rounds", "0"], ["--filter", "2"],
        ["--truth-scores", "x.npy"], ["--limit", "0"], ["--insert-seconds", "-1"], ["--held-out", "5"],
    ])
    func `options out of range are not understood`(arguments: [String]) throws {
        let result = try carrel.run(["bench", "--base", "a.npy", "--query", "q.npy"] + arguments)
        #expect(result.exitCode == 64, "\(result.errors)")
    }

    @Test func `kernels are measured beside the bandwidth`() throws {
        let output = try succeed(
            "bench", "kernels", "--mebibytes", "1", "--dimension", "96", "--rounds", "1", "--seconds",
            "0.001",
            "--json")
        #expect(output.contains(#""kernel":"read""#) && output.contains(#""share_of_bandwidth":1"#))
        #expect(
            output.contains(#""kernel":"dot scalar""#) && output.contains(#""kernel":"sgemm, 64 queries""#))
    }
}
