import ArgumentParser
import Embedding
import Evaluation
import Foundation
import Kernels

struct ModelsBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures how many tokens a second the local model embeds, in each precision.",
        discussion: """
            Precisions take turns within each round; medians count. Texts of 16, 64 and 256 tokens and, with --texts, \
            the lines of a file, in calls of 64; one question of 10 tokens by itself; with --texts the tokenizer too.

            Example:
              carrel models bench --texts passages.txt --threads 1 --json
            """)

    @Option(help: "A file of texts, one a line.") var texts: String?
    @Option(help: "Texts of each kind at most.") var limit = 2_000
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Rounds that count.") var rounds = 5
    @Option(help: "Seconds of one measurement in a round.") var seconds = 0.5
    @Flag(help: "Print JSON, for machines.") var json = false
    @OptionGroup var options: EngineOptions

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be 1 to 1,000,000") }
        guard (1...1_000).contains(rounds), seconds > 0, seconds <= 3_600 else {
            throw ValidationError("--rounds must be 1 to 1000, --seconds above 0 and at most 3600")
        }
    }

    private struct Output: Encodable {
        var model: String
        var command: String
        var commit: String?
        var machine: BenchmarkReport.Machine
        var threads: Int
        var figures: [EmbeddingBenchmark.Figure]
        var query: [String: Percentiles]

        /// Of the texts of the file, or of 64 tokens without one.
        var float32: Double?
        var int8: Double?
        var ratio: Double?

        /// Of the texts of the file.
        var tokenizer: Double?

        enum CodingKeys: String, CodingKey {
            case model, command, commit, machine, threads, figures, query
            case float32 = "float32_tokens_per_s"
            case int8 = "int8_tokens_per_s"
            case ratio = "int8_over_float32"
            case tokenizer = "tokenizer_mb_per_s"
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let settings = try Settings(reading: await options.reader())
            let pool = ComputePool(threadCount: threads)
            let embedders = try settings.modelPrecisions().map { precision in
                (
                    precision: precision,
                    embedder: try settings.makeLocalEmbedder(pool: pool, precision: precision)
                )
            }
            let benchmark = EmbeddingBenchmark(embedders: embedders, rounds: rounds, seconds: seconds)
            var machine = BenchmarkReport.Machine(libraries: BenchMachine.libraries)
            let workloads = try workloads(by: embedders[0].embedder)
            let figures = try await benchmark.measured(workloads)
            let question = EmbeddingBenchmark.Workload.uniform(
                tokens: 10, limit: limit, by: embedders[0].embedder)
            let query = try await benchmark.query(question.texts[0])
            let tokenizer = texts == nil ? nil : workloads.last.flatMap { benchmark.tokenizerRate($0.texts) }
            machine.loadAtEnd = ProcessFigures.load
            let main = figures.filter { $0.workload == workloads.last?.name }
            func rate(_ precision: Precision) -> Double? {
                main.first { $0.precision == precision.rawValue }?.tokensPerSecond
            }
            let (float32, int8) = (rate(.float32), rate(.int8))
            let output = Output(
                model: embedders[0].embedder.space.model, command: BenchMachine.command,
                commit: BenchMachine.commit, machine: machine,
                threads: threads,
                figures: figures,
                query: Dictionary(
                    uniqueKeysWithValues: query.map { ($0.precision.rawValue, $0.percentiles) }),
                float32: float32, int8: int8,
                ratio: int8.flatMap { bytes in float32.map { bytes / max($0, 1) } }, tokenizer: tokenizer)
            Terminal.print(json ? try Terminal.json(output) : Self.table(output))
        }
    }

    /// The last is the one that the summary is of.
    private func workloads(by embedder: LocalEmbedder) throws -> [EmbeddingBenchmark.Workload] {
        var workloads = [16, 256, 64].filter { $0 <= embedder.windowTokens }.map {
            EmbeddingBenchmark.Workload.uniform(tokens: $0, limit: limit, by: embedder)
        }
        if let texts {
            let file = try String(contentsOf: URL(filePath: texts), encoding: .utf8)
            let lines = file.split(separator: "\n").prefix(limit).map(String.init)
            guard !lines.isEmpty else { throw ValidationError("\(texts) has no text") }
            workloads.append(
                EmbeddingBenchmark.Workload(name: "\(lines.count) texts", texts: lines, by: embedder))
        }
        return workloads
    }

    private static func table(_ output: Output) -> String {
        var lines = ["| texts | precision | tokens/s | least–most |", "| --- | --- | ---: | ---: |"]
        for figure in output.figures {
            lines.append(
                "| \(figure.workload) | \(figure.precision) "
                    + String(
                        format: "| %.0f | %.0f–%.0f |", figure.tokensPerSecond, figure.tokensPerSecondLeast,
                        figure.tokensPerSecondMost))
        }
        for (precision, percentiles) in output.query.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "\nOne question of 10 tokens, \(precision): "
                    + String(format: "p50 %.3f ms, p99 %.3f ms", percentiles.p50, percentiles.p99))
        }
        if let rate = output.tokenizer {
            lines.append("\nThe tokenizer: " + String(format: "%.1f MB/s", rate))
        }
        return lines.joined(separator: "\n")
    }
}
