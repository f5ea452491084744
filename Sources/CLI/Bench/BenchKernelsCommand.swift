import ArgumentParser
import Evaluation
import Foundation
import Kernels

struct BenchKernelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measures the kernels in GB/s, beside the memory bandwidth of this machine.",
        discussion: """
            One thread. Bandwidth is what a loop reads that does nothing else, over the same bytes and in the same \
            rounds: the first working set lies in the nearest caches, the last in memory.

            Example:
              carrel bench kernels --dimension 384 --mebibytes 1 16 256
            """)

    @Option(help: "Numbers in a row.")
    var dimension = 384

    @Option(name: .long, parsing: .upToNextOption, help: "Working sets, in MiB.")
    var mebibytes = [1, 16, 256]

    @Option(help: "Rounds that count.")
    var rounds = 5

    @Option(help: "Seconds of one kernel in a round.")
    var seconds = 0.1

    @Flag(help: "Print JSON, for machines.")
    var json = false

    func validate() throws {
        guard (1...65_536).contains(dimension), mebibytes.allSatisfy({ (1...4096).contains($0) }) else {
            throw ValidationError("--dimension must be 1 to 65,536, --mebibytes 1 to 4,096")
        }
        guard (1...1000).contains(rounds), seconds > 0, seconds <= 3600 else {
            throw ValidationError("--rounds must be 1 to 1000, --seconds above 0 and at most 3600")
        }
    }

    private struct Output: Encodable {
        var command: String
        var commit: String?
        var machine: BenchmarkReport.Machine
        var dimension: Int
        var kernels: [KernelBenchmark.Figure]
    }

    func run() async throws {
        try await CommandError.reported {
            var machine = BenchmarkReport.Machine(libraries: BenchMachine.libraries)
            let benchmark = KernelBenchmark(dimension: dimension, rounds: rounds, seconds: seconds)
            let figures = try await ComputePool(threadCount: 1).run { [mebibytes] in
                benchmark.measured(workingSets: mebibytes.map { $0 << 20 })
            }
            machine.loadAtEnd = ProcessFigures.load
            let output = Output(
                command: BenchMachine.command, commit: BenchMachine.commit, machine: machine,
                dimension: dimension, kernels: figures)
            Terminal.print(json ? try Terminal.json(output) : Self.table(figures))
        }
    }

    private static func table(_ figures: [KernelBenchmark.Figure]) -> String {
        let head = [
            "| working set | kernel | GB/s | least–most | of the bandwidth | GFLOP/s |",
            "| ---: | --- | ---: | ---: | ---: | ---: |",
        ]
        let rows = figures.map { figure in
            let rate = figure.gigabytesPerSecond
            let flops = figure.gigaflopsPerSecond.map { String(format: "%.1f", $0) } ?? ""
            return "| \(Figure.bytes(figure.workingSetBytes)) | \(figure.kernel) "
                + String(format: "| %.1f | %.1f–%.1f | ", rate.median, rate.min, rate.max)
                + String(format: "%.0f %% ", figure.shareOfBandwidth * 100) + "| \(flops) |"
        }
        return (head + rows).joined(separator: "\n")
    }
}
