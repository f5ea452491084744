/// The quality of several ways to search one dataset, as it is kept in a file.
public struct RetrievalReport: Sendable, Equatable, Codable {
    /// One way to search.
    public struct Run: Sendable, Equatable, Codable {
        public var mode: String

        /// By `QualityMeasure.rawValue`.
        public var measures: [String: Estimate]
        public var queriesPerSecond: Double

        enum CodingKeys: String, CodingKey {
            case mode, measures
            case queriesPerSecond = "queries_per_s"
        }

        public init(mode: String, measures: [String: Estimate], queriesPerSecond: Double) {
            (self.mode, self.measures, self.queriesPerSecond) = (mode, measures, queriesPerSecond)
        }
    }

    /// Two of them.
    public struct Pair: Sendable, Equatable, Codable {
        public var first: String
        public var second: String

        /// By `QualityMeasure.rawValue`.
        public var measures: [String: PairedComparison]

        public init(first: String, second: String, measures: [String: PairedComparison]) {
            (self.first, self.second, self.measures) = (first, second, measures)
        }
    }

    public var origin: EvaluationOrigin
    public var chunking: String

    /// Queries with a relevant document, over which the means are.
    public var judgedQueries: Int
    public var ingest: IngestFigures
    public var runs: [Run]

    /// Each run against the first.
    public var comparisons: [Pair]

    enum CodingKeys: String, CodingKey {
        case origin, chunking, ingest, runs, comparisons
        case judgedQueries = "judged_queries"
    }

    public init(
        origin: EvaluationOrigin, chunking: String, judgedQueries: Int, ingest: IngestFigures, runs: [Run],
        comparisons: [Pair]
    ) {
        (self.origin, self.chunking, self.judgedQueries) = (origin, chunking, judgedQueries)
        (self.ingest, self.runs, self.comparisons) = (ingest, runs, comparisons)
    }

    /// Bars for each measure, one for each run.
    public func plot() -> MeasurePlot {
        let measures = QualityMeasure.allCases
        return MeasurePlot(
            title: "\(origin.dataset.name): \(judgedQueries) judged queries",
            subtitle: MeasurePlot.subtitle(of: origin, and: "chunking \(chunking)"), form: .bars,
            categories: measures.map(\.title),
            series: runs.map { run in
                .init(name: run.mode, estimates: measures.map { run.measures[$0.rawValue] })
            })
    }

    /// JSON with sorted keys, so that two reports can be compared line by line.
    public func json() throws -> String { try ReportJSON.text(of: self) }
}

extension MeasurePlot {
    /// What a picture of figures says below its title.
    static func subtitle(of origin: EvaluationOrigin, and words: String) -> String {
        let model = origin.model.map { "\($0.id) (\($0.precision))" }
        return ([model, words].compactMap(\.self) + ["intervals hold 95 % of the resamples"])
            .joined(separator: ", ")
    }
}
