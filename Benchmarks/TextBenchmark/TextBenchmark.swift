import ArgumentParser
import Foundation
import TextIndex

/// Measures the index of words on one thread: how long it takes to make, what it takes on the disk, and how long
/// questions take. Reads the files that `Benchmarks/peers/text/run.py` writes, and prints one JSON object.
@main
struct TextBenchmark: ParsableCommand {
    @Argument(help: "Passages, one a line.")
    var passages: String

    @Argument(help: "Questions, one a line.")
    var questions: String

    @Option(help: "Passages wanted of each question.")
    var k = 10

    @Option(help: "Times that all questions are asked.")
    var repetitions = 3

    private struct Report: Encodable {
        var passageCount: Int
        var byteCount: Int
        var buildSeconds: Double
        var indexBytes: Int64
        var p50Milliseconds: Double
        var p95Milliseconds: Double
        var p99Milliseconds: Double

        /// The best passages of the first questions, by line, for a comparison with others.
        var found: [[Int]]

        enum CodingKeys: String, CodingKey {
            case found
            case passageCount = "passages"
            case byteCount = "bytes"
            case buildSeconds = "build_s"
            case indexBytes = "index_bytes"
            case p50Milliseconds = "p50_ms"
            case p95Milliseconds = "p95_ms"
            case p99Milliseconds = "p99_ms"
        }
    }

    /// Questions whose answers are printed.
    private static let comparedCount = 100
    private static let rowsPerPage = 1_024

    func run() throws {
        let texts = try Self.lines(of: passages)
        let asked = try Self.lines(of: questions).map { TextQuery(parsing: $0, languages: [.english]) }
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "carrel-text-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let clock = ContinuousClock()
        let start = clock.now
        let written = try Self.build(texts, in: directory)
        let buildSeconds = (clock.now - start) / .seconds(1)
        let index = TextIndex()
        try index.open([written], in: directory)
        let snapshot = index.snapshot
        var found: [[Int]] = []
        for query in asked.prefix(Self.comparedCount) {
            found.append(try snapshot.search(query, k: k).map { Int($0.row) })
        }
        var times: [Duration] = []
        for _ in 0..<repetitions {
            for query in asked {
                let begun = clock.now
                _ = try snapshot.search(query, k: k)
                times.append(clock.now - begun)
            }
        }
        times.sort()
        func percentile(_ share: Double) -> Double {
            times[min(Int(Double(times.count) * share), times.count - 1)] / .milliseconds(1)
        }
        let report = Report(
            passageCount: texts.count, byteCount: texts.reduce(0) { $0 + $1.utf8.count },
            buildSeconds: buildSeconds, indexBytes: written.byteCount, p50Milliseconds: percentile(0.5),
            p95Milliseconds: percentile(0.95), p99Milliseconds: percentile(0.99), found: found)
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }

    private static func build(_ texts: [String], in directory: URL) throws -> PostingsDescription {
        let builder = PostingsBuilder(
            number: 1, sequences: 0...1, configuration: TextIndexConfiguration(), in: directory)
        for start in stride(from: 0, to: texts.count, by: rowsPerPage) {
            try builder.append(
                (start..<min(start + rowsPerPage, texts.count)).map { row in
                    TextRow(
                        row: Int64(row), document: Int64(row), bornSequence: 1, language: .english, title: "",
                        headings: [], text: texts[row])
                })
        }
        return try builder.finish()
    }

    private static func lines(of path: String) throws -> [String] {
        try String(contentsOf: URL(filePath: path), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }
}
