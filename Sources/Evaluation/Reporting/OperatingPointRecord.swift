/// Everything measured at one operating point, as it stands in JSON.
///
/// Times and rates are medians over rounds; `spread` has the least and the greatest under the same keys.
public struct OperatingPointRecord: Sendable, Equatable, Codable {
    public var engine: String
    public var point: String
    public var parameters: [String: Double]

    /// The share of rows that a filter admitted; nil without a filter.
    public var selectivity: Double?

    public var k: Int
    public var threads: Int
    public var rounds: Int

    /// Searches that were timed, over all rounds.
    public var samples: Int

    public var recallAt1: Double?
    public var recallAt10: Double?
    public var recallAt100: Double?

    /// recall@10 (or @k, where that is less) of the answers to a batch.
    public var batchedRecall: Double?

    /// The mean recall that the engine itself expected.
    public var expectedRecall: Double?

    /// Single searches per second, of all threads together, and per second of processor time, which other
    /// load on the machine disturbs less.
    public var qps: Double
    public var qpsPerProcessorSecond: Double

    /// The same, with all queries handed over at once.
    public var batchedQPS: Double
    public var batchedQPSPerProcessorSecond: Double

    public var p50: Double
    public var p90: Double
    public var p99: Double
    public var p99_9: Double

    public var buildSeconds: Double?
    public var buildProcessorSeconds: Double?
    public var indexBytes: Int

    /// Of the whole process, mapped files included, after the last round of this point.
    public var residentBytes: Int
    public var coldOpen: Double?
    public var warmOpen: Double?

    public var spread: [String: Extent]

    /// The least and the greatest of several measurements.
    public struct Extent: Sendable, Equatable, Codable {
        public var min: Double
        public var max: Double

        public init(min: Double, max: Double) {
            (self.min, self.max) = (min, max)
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case engine, point, parameters, selectivity, k, threads, rounds, samples, qps, spread
        case recallAt1 = "recall@1"
        case recallAt10 = "recall@10"
        case recallAt100 = "recall@100"
        case batchedRecall = "batched_recall"
        case expectedRecall = "expected_recall"
        case qpsPerProcessorSecond = "qps_per_cpu_s"
        case batchedQPS = "batched_qps"
        case batchedQPSPerProcessorSecond = "batched_qps_per_cpu_s"
        case p50 = "p50_ms"
        case p90 = "p90_ms"
        case p99 = "p99_ms"
        case p99_9 = "p99_9_ms"
        case buildSeconds = "build_s"
        case buildProcessorSeconds = "build_cpu_s"
        case indexBytes = "index_bytes"
        case residentBytes = "rss_bytes"
        case coldOpen = "cold_open_ms"
        case warmOpen = "warm_open_ms"
    }

    init(engine: String, settings: PointSweep.Settings, tally: PointTally, index: IndexFigures) {
        (self.engine, point, parameters) = (engine, tally.point.name, tally.point.parameters)
        (k, threads, rounds) = (settings.k, settings.threads, tally.searches.count)
        samples = tally.searches.reduce(0) { $0 + $1.latencies.count }
        recallAt1 = tally.accuracy.recall[1]
        recallAt10 = tally.accuracy.recall[10]
        recallAt100 = tally.accuracy.recall[100]
        (batchedRecall, expectedRecall) = (tally.accuracy.batchedRecall, tally.accuracy.expectedRecall)
        var extents: [String: Extent] = [:]
        func median(_ key: CodingKeys, _ values: [Double]) -> Double {
            guard let spread = Spread(of: values) else { return 0 }
            extents[key.rawValue] = Extent(min: spread.min, max: spread.max)
            return spread.median
        }
        func percentile(_ key: CodingKeys, _ percent: Double) -> Double {
            median(key, tally.searches.map { $0.latencies.milliseconds(atPercentile: percent) })
        }
        qps = median(.qps, tally.searches.map(\.searchesPerSecond))
        qpsPerProcessorSecond = median(
            .qpsPerProcessorSecond, tally.searches.map(\.searchesPerProcessorSecond))
        batchedQPS = median(.batchedQPS, tally.batches.map(\.searchesPerSecond))
        batchedQPSPerProcessorSecond = median(
            .batchedQPSPerProcessorSecond, tally.batches.map(\.searchesPerProcessorSecond))
        p50 = percentile(.p50, 50)
        p90 = percentile(.p90, 90)
        p99 = percentile(.p99, 99)
        p99_9 = percentile(.p99_9, 99.9)
        (buildSeconds, buildProcessorSeconds) = (index.buildSeconds, index.buildProcessorSeconds)
        (indexBytes, residentBytes) = (index.indexBytes, tally.residentBytes)
        (coldOpen, warmOpen) = (index.coldOpen?.median, index.warmOpen?.median)
        for (key, open) in [(CodingKeys.coldOpen, index.coldOpen), (.warmOpen, index.warmOpen)] {
            if let open { extents[key.rawValue] = Extent(min: open.min, max: open.max) }
        }
        spread = extents
    }
}
