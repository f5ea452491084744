import ArgumentParser
import Evaluation
import Foundation

struct EvalCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says whether one run is better than another over the same queries.",
        discussion: """
            Runs are files of 'carrel eval --save-run', or any in TREC's form. The differences at each query are \
            resampled (the paired bootstrap); p is how often a difference as far on the other side of zero would be \
            drawn. A judged query that a run has not answered counts as 0.

            Example:
              carrel eval compare before.run after.run --qrels ~/datasets/scifact/qrels.tsv
            """)

    @Argument(help: "The run that is compared with.", completion: .file())
    var first: String

    @Argument(help: "The run that may be better.", completion: .file())
    var second: String

    @Option(help: "The relevance judgements, in the form of qrels.tsv.", completion: .file())
    var qrels: String

    @OptionGroup var output: EvalOutputOptions

    private struct Report: Encodable {
        struct Run: Encodable {
            var name: String
            var unanswered: Int
            var measures: [String: Estimate]
        }
        var command: String
        var commit: String?
        var seed: UInt64
        var resamples: Int
        var queries: Int
        var runs: [Run]
        var measures: [String: PairedComparison]
    }

    func run() async throws {
        try await CommandError.reported {
            try output.checkWritable()
            let judgements = try RetrievalDataset.judgements(file: EvalFile.url(qrels))
            let names = Self.names(of: first, second)
            let runs = try [first, second].map { try Self.read($0, judgements) }
            let qualities = runs.map { RunQuality(run: $0, judgements: judgements) }
            let columns = qualities.map { quality in QualityMeasure.allCases.map { quality.values(of: $0) } }
            let pair = EvalSummary.pair(
                (names[0], columns[0]), (names[1], columns[1]), output.bootstrap, seed: output.seed)
            let estimates = columns.map { columns in
                var random = SeededRandom(seed: output.seed)
                return EvalSummary.named(output.bootstrap.estimates(of: columns, random: &random))
            }
            let report = Report(
                command: BenchMachine.command, commit: BenchMachine.commit, seed: output.seed,
                resamples: output.resamples, queries: qualities[0].queryIDs.count,
                runs: names.indices.map { index in
                    .init(
                        name: names[index],
                        unanswered: qualities[index].queryIDs.count { runs[index][$0] == nil },
                        measures: estimates[index])
                }, measures: pair.measures)
            try output.show(
                text: text(report, pair), json: Terminal.json(report),
                plot: Self.plot(report), perQuery: EvalSummary.lines(Array(zip(names, qualities))))
        }
    }

    /// The files' names, or their paths where the names are the same.
    private static func names(of first: String, _ second: String) -> [String] {
        let names = [first, second].map { EvalFile.url($0).lastPathComponent }
        return names[0] == names[1] ? [first, second] : names
    }

    /// - Throws: `DatasetError.foreignRun` where none of its queries is judged.
    private static func read(
        _ path: String, _ judgements: [String: Judgements]
    ) throws -> [String: [String]] {
        let file = EvalFile.url(path)
        let run = try RankedRun(file: file).documents
        guard run.keys.contains(where: { judgements[$0] != nil }) else {
            throw DatasetError.foreignRun(name: file.lastPathComponent, queryCount: run.count)
        }
        return run
    }

    private func text(_ report: Report, _ pair: RetrievalReport.Pair) -> String {
        let measures = QualityMeasure.allCases
        let runs =
            [["run"] + measures.map(\.title) + ["unanswered"]]
            + report.runs.map { run in
                [run.name] + measures.map { EvalTable.estimate(run.measures[$0.rawValue]) }
                    + ["\(run.unanswered)"]
            }
        return """
            \(Figure.count(report.queries, "judged query", "judged queries"))

            \(EvalTable.text(runs))

            \(EvalTable.text(EvalTable.comparison(pair)))
            \(output.note)
            """
    }

    private static func plot(_ report: Report) -> MeasurePlot {
        let measures = QualityMeasure.allCases
        return MeasurePlot(
            title: report.runs.map(\.name).joined(separator: " and "),
            subtitle: "\(report.queries) judged queries, intervals hold 95 % of the resamples", form: .bars,
            categories: measures.map(\.title),
            series: report.runs.map { run in
                .init(name: run.name, estimates: measures.map { run.measures[$0.rawValue] })
            })
    }
}
