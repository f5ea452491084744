/// Measures an engine at each of its operating points: how right, then, in interleaved rounds, how fast.
public struct PointSweep: Sendable {
    /// How much is measured.
    public struct Settings: Sendable {
        /// Neighbors asked for when times are taken.
        public var k = 10

        /// Clients that ask at the same time.
        public var threads = 1

        public var warmUps = 1
        public var rounds = 5

        /// Length of a round of one point, in seconds. Every query is asked at least once, unless that takes
        /// four times as long.
        public var roundSeconds = 0.5

        public init() {}
    }

    /// What is being done.
    public enum Event: Sendable {
        case judging(point: OperatingPoint)
        case measuring(point: OperatingPoint, round: Int?, of: Int)
    }

    private let queries: [[Float]]
    private let judge: RecallJudge
    private let settings: Settings

    /// - Parameter queries: at least one, of the engine's dimension.
    public init(queries: [[Float]], judge: RecallJudge, settings: Settings) {
        precondition(!queries.isEmpty, "no query")
        (self.queries, self.judge, self.settings) = (queries, judge, settings)
    }

    /// One record per point, in the order of the points.
    ///
    /// - Parameters:
    ///   - points: of the engine; nil for all of them.
    ///   - index: what is known of the index that the engine has open.
    /// - Throws: what the engine throws, and `BenchmarkError` if its answers cannot be.
    public func measure(
        _ engine: any SearchEngine, at points: [OperatingPoint]? = nil, index: IndexFigures,
        report: (Event) -> Void = { _ in }
    ) throws -> [OperatingPointRecord] {
        let points = points ?? engine.points
        var tallies: [PointTally] = []
        for point in points {
            report(.judging(point: point))
            let accuracy = try PointAccuracy(
                of: engine, at: point, queries: queries, k: settings.k, judge: judge)
            tallies.append(PointTally(point: point, accuracy: accuracy))
        }
        let plan = RepetitionPlan(
            pointCount: points.count, warmUps: settings.warmUps, rounds: settings.rounds)
        for step in plan.steps {
            report(.measuring(point: points[step.point], round: step.round, of: settings.rounds))
            let searches = try searchRound(engine, points[step.point]).run()
            let batches = try batchRound(engine, points[step.point]).run()
            guard step.round != nil else { continue }
            tallies[step.point].add(searches, batches)
        }
        return tallies.map {
            OperatingPointRecord(engine: engine.name, settings: settings, tally: $0, index: index)
        }
    }

    private func searchRound(_ engine: any SearchEngine, _ point: OperatingPoint) -> SearchRound {
        SearchRound(
            engine: engine, queries: queries, k: settings.k, point: point, clients: settings.threads,
            length: settings.roundSeconds)
    }

    private func batchRound(_ engine: any SearchEngine, _ point: OperatingPoint) -> BatchRound {
        BatchRound(
            engine: engine, queries: queries, k: settings.k, point: point, clients: settings.threads,
            length: settings.roundSeconds / 2)
    }
}

/// What the rounds of one point came to.
struct PointTally: Sendable {
    let point: OperatingPoint
    let accuracy: PointAccuracy
    private(set) var searches: [SearchRound.Result] = []
    private(set) var batches: [BatchRound.Result] = []
    private(set) var residentBytes = 0

    init(point: OperatingPoint, accuracy: PointAccuracy) {
        (self.point, self.accuracy) = (point, accuracy)
    }

    mutating func add(_ search: SearchRound.Result, _ batch: BatchRound.Result) {
        searches.append(search)
        batches.append(batch)
        residentBytes = ProcessFigures.residentBytes
    }
}
