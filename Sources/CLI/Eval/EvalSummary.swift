import Evaluation

/// The figures of some runs, for people and for machines.
struct EvalSummary {
    let report: RetrievalReport

    init(
        origin: EvaluationOrigin, chunking: String, ingest: IngestFigures, runs: [EvalRun],
        bootstrap: Bootstrap
    ) {
        let measures = QualityMeasure.allCases
        let columns = runs.map { run in measures.map { run.quality.values(of: $0) } }
        // Every run sees the same draws, as the queries are the same.
        let estimated = zip(runs, columns).map { run, columns in
            var random = SeededRandom(seed: origin.seed)
            return RetrievalReport.Run(
                mode: run.mode.rawValue,
                measures: Self.named(bootstrap.estimates(of: columns, random: &random)),
                queriesPerSecond: run.queriesPerSecond)
        }
        let pairs = zip(runs, columns).dropFirst().map { run, second in
            Self.pair(
                (runs[0].mode.rawValue, columns[0]), (run.mode.rawValue, second), bootstrap,
                seed: origin.seed)
        }
        report = RetrievalReport(
            origin: origin, chunking: chunking, judgedQueries: runs.first?.quality.queryIDs.count ?? 0,
            ingest: ingest, runs: estimated, comparisons: pairs)
    }

    /// Two runs, each with its name and a column for each measure.
    static func pair(
        _ first: (name: String, columns: [[Double]]), _ second: (name: String, columns: [[Double]]),
        _ bootstrap: Bootstrap, seed: UInt64
    ) -> RetrievalReport.Pair {
        var random = SeededRandom(seed: seed)
        let compared = PairedComparison.comparing(
            first.columns, with: second.columns, by: bootstrap, random: &random)
        return .init(first: first.name, second: second.name, measures: named(compared))
    }

    /// Values of all measures, by the measures' names.
    static func named<Value>(_ values: [Value]) -> [String: Value] {
        Dictionary(
            zip(QualityMeasure.allCases.map(\.rawValue), values), uniquingKeysWith: { first, _ in first })
    }

    var text: String {
        let (origin, dataset) = (report.origin, report.origin.dataset)
        let model = origin.model.map { "; \($0.id) (\($0.precision))" } ?? ""
        let head =
            "\(dataset.name), chunking \(report.chunking): \(Figure.count(dataset.documents, "document")), "
            + "\(Figure.count(report.ingest.chunks, "chunk")), "
            + Figure.count(report.judgedQueries, "judged query", "judged queries") + model
            + "; ingest \(EvalTable.rate(report.ingest.seconds)) s"
        let measures = QualityMeasure.allCases
        let table =
            [["mode"] + measures.map(\.title) + ["queries/s"]]
            + report.runs.map { run in
                [run.mode] + measures.map { EvalTable.estimate(run.measures[$0.rawValue]) }
                    + [EvalTable.rate(run.queriesPerSecond)]
            }
        let parts = [head, EvalTable.text(table)]
        return (parts + report.comparisons.map { EvalTable.text(EvalTable.comparison($0)) })
            .joined(separator: "\n\n")
    }

    /// The values of every query: a head, then a line for each run and query.
    static func lines(_ runs: [(name: String, quality: RunQuality)]) -> [[String]] {
        let measures = QualityMeasure.allCases
        return [["run", "query"] + measures.map(\.rawValue)]
            + runs.flatMap { run in
                run.quality.queryIDs.enumerated().map { place, id in
                    [run.name, id] + measures.map { EvalTable.figure(run.quality.values(of: $0)[place]) }
                }
            }
    }
}
