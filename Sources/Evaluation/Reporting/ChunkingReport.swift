/// How well passages of several sizes answer the questions of one dataset, as it is kept in a file.
public struct ChunkingReport: Sendable, Equatable, Codable {
    /// One size and one way to search.
    public struct Point: Sendable, Equatable, Codable {
        /// Tokens of the model that a passage aims at.
        public var tokensTarget: Int

        /// The share of them that is repeated in the next.
        public var overlap: Double
        public var mode: String
        public var ingest: IngestFigures

        /// By `PassageMeasure.rawValue`.
        public var measures: [String: Estimate]

        /// What the cutting alone allows: the paper's precision Ω.
        public var bestPrecision: Estimate
        public var queriesPerSecond: Double

        enum CodingKeys: String, CodingKey {
            case overlap, mode, ingest, measures
            case tokensTarget = "chunk_tokens"
            case bestPrecision = "precision_omega"
            case queriesPerSecond = "queries_per_s"
        }

        public init(
            tokensTarget: Int, overlap: Double, mode: String, ingest: IngestFigures,
            measures: [String: Estimate], bestPrecision: Estimate, queriesPerSecond: Double
        ) {
            (self.tokensTarget, self.overlap, self.mode) = (tokensTarget, overlap, mode)
            (self.ingest, self.measures) = (ingest, measures)
            (self.bestPrecision, self.queriesPerSecond) = (bestPrecision, queriesPerSecond)
        }
    }

    public var origin: EvaluationOrigin

    /// Passages found for a question.
    public var k: Int
    public var points: [Point]

    public init(origin: EvaluationOrigin, k: Int, points: [Point]) {
        (self.origin, self.k, self.points) = (origin, k, points)
    }

    /// A line for each measure over the sizes; of several modes or overlaps, one for each of them.
    public func plot() -> MeasurePlot {
        let sizes = Set(points.map(\.tokensTarget)).sorted()
        var kinds: [(mode: String, overlap: Double)] = []
        for point in points where !kinds.contains(where: { $0 == (point.mode, point.overlap) }) {
            kinds.append((point.mode, point.overlap))
        }
        let series = kinds.flatMap { kind in
            PassageMeasure.allCases.map { measure in
                let name = kinds.count == 1 ? "" : ", \(kind.mode), overlap \(kind.overlap)"
                return MeasurePlot.Series(
                    name: "\(measure.title)@\(k)\(name)",
                    estimates: sizes.map { size in
                        points.first {
                            $0.tokensTarget == size && $0.mode == kind.mode && $0.overlap == kind.overlap
                        }?.measures[measure.rawValue]
                    })
            }
        }
        return MeasurePlot(
            title: "\(origin.dataset.name): \(origin.dataset.queries) questions",
            subtitle: MeasurePlot.subtitle(of: origin, and: "\(k) passages a question"), form: .lines,
            axis: "tokens a chunk aims at", categories: sizes.map(String.init), series: series)
    }

    /// JSON with sorted keys, so that two reports can be compared line by line.
    public func json() throws -> String { try ReportJSON.text(of: self) }
}
