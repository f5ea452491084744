import ArgumentParser
import Evaluation
import Foundation

struct BenchPlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draws the recall and speed of one or several reports in one picture.",
        discussion: """
            Reports are the JSON of 'carrel bench'; those of other engines, if they have the same keys, as well. Two \
            of one engine are told apart by the names of their files' folders.

            Example:
              carrel bench plot ours/bench.json theirs/bench.json --out both.svg
            """)

    /// More would not be told apart.
    private static let reportsMax = 16

    /// A report of a thousand points has about a megabyte.
    private static let reportBytesMax = 64 << 20

    @Argument(help: "Reports.", completion: .file(extensions: ["json"]))
    var reports: [String]

    @Option(help: "The picture to write.", completion: .file(extensions: ["svg"]))
    var out: String

    @Option(help: "The picture's title; the first report's dataset if not given.")
    var title: String?

    func validate() throws {
        guard (1...Self.reportsMax).contains(reports.count) else {
            throw ValidationError("1 to \(Self.reportsMax) reports, found \(reports.count)")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let read = try reports.map(Self.read)
            var series = read.map(PlotSeries.all(of:))
            let names = series.flatMap { $0.map(\.name) }
            for (index, path) in reports.enumerated() {
                let folder = URL(filePath: path).deletingLastPathComponent().lastPathComponent
                for place in series[index].indices {
                    let name = series[index][place].name
                    guard names.count(where: { $0 == name }) > 1 else { continue }
                    series[index][place].name = "\(name) (\(folder))"
                }
            }
            let dataset = read[0].dataset
            let plot = RecallPlot(
                title: title ?? "\(dataset.name): \(dataset.rows) × \(dataset.dimension)",
                subtitle: BenchOutput.subtitle(read[0]), series: series.flatMap { $0 })
            try Data(plot.svg().utf8).write(to: URL(filePath: out), options: .atomic)
        }
    }

    private static func read(_ path: String) throws -> BenchmarkReport {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        let bytes = try handle.read(upToCount: reportBytesMax) ?? Data()
        guard let report = try? JSONDecoder().decode(BenchmarkReport.self, from: bytes) else {
            throw CommandError.noReport(path: path)
        }
        return report
    }
}
