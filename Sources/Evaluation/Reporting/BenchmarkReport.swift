/// A whole run, as it is kept in a file: what was measured, on what, and how to repeat it.
public struct BenchmarkReport: Sendable, Equatable, Codable {
    /// The machine, and how busy it was when the run began and ended.
    public struct Machine: Sendable, Equatable, Codable {
        public var processor: String
        public var processors: Int
        public var memoryBytes: Int

        /// Instruction set and libraries that the engine uses, in its own words.
        public var libraries: [String: String]
        public var loadAtStart: Double
        public var loadAtEnd: Double

        enum CodingKeys: String, CodingKey {
            case processor = "cpu"
            case processors = "cores"
            case memoryBytes = "memory_bytes"
            case libraries
            case loadAtStart = "load_at_start"
            case loadAtEnd = "load_at_end"
        }

        /// This machine, now.
        public init(libraries: [String: String] = [:]) {
            processor = ProcessFigures.processor
            processors = ProcessFigures.processorCount
            memoryBytes = ProcessFigures.memoryBytes
            self.libraries = libraries
            loadAtStart = ProcessFigures.load
            loadAtEnd = loadAtStart
        }
    }

    /// The vectors.
    public struct Dataset: Sendable, Equatable, Codable {
        public var name: String
        public var rows: Int
        public var dimension: Int
        public var queries: Int

        /// Where the queries come from: what is like the rows is found more easily than what is not.
        public var queryKind: String

        /// `given`, or how it was found.
        public var truth: String
        public var difficulty: QueryDifficulty?

        enum CodingKeys: String, CodingKey {
            case name, rows, dimension, queries, truth, difficulty
            case queryKind = "query_kind"
        }

        public init(
            name: String, rows: Int, dimension: Int, queries: Int,
            queryKind: String = "of a file of their own", truth: String, difficulty: QueryDifficulty?
        ) {
            (self.name, self.rows, self.dimension, self.queries) = (name, rows, dimension, queries)
            (self.queryKind, self.truth, self.difficulty) = (queryKind, truth, difficulty)
        }
    }

    /// What the engine learned of the queries' kind before it was measured, from others of that kind.
    public struct Calibration: Sendable, Equatable, Codable {
        public var sample: String
        public var queries: Int

        /// What that cost, opening the index included.
        public var seconds: Double

        public init(sample: String, queries: Int, seconds: Double) {
            (self.sample, self.queries, self.seconds) = (sample, queries, seconds)
        }
    }

    public var command: String
    public var commit: String?
    public var seed: UInt64
    public var machine: Machine
    public var dataset: Dataset

    /// nil if there was no sample.
    public var calibration: Calibration?

    /// Resident memory before the index was opened: what the benchmark itself holds.
    public var residentBytesBeforeOpen: Int

    /// One for each operating point.
    public var points: [OperatingPointRecord]

    /// One for each selectivity and operating point.
    public var filtered: [OperatingPointRecord]
    public var inserting: InsertingRecord?
    public var durable: DurableRecord?
    public var tenants: TenantsRecord?

    enum CodingKeys: String, CodingKey {
        case command, commit, seed, machine, dataset, calibration, points, filtered, inserting, durable,
            tenants
        case residentBytesBeforeOpen = "rss_bytes_before_open"
    }

    public init(
        command: String, commit: String?, seed: UInt64, machine: Machine, dataset: Dataset,
        calibration: Calibration? = nil, residentBytesBeforeOpen: Int = 0,
        points: [OperatingPointRecord] = [],
        filtered: [OperatingPointRecord] = [], inserting: InsertingRecord? = nil,
        durable: DurableRecord? = nil,
        tenants: TenantsRecord? = nil
    ) {
        (self.command, self.commit, self.seed) = (command, commit, seed)
        (self.machine, self.dataset, self.calibration) = (machine, dataset, calibration)
        self.residentBytesBeforeOpen = residentBytesBeforeOpen
        (self.points, self.filtered) = (points, filtered)
        (self.inserting, self.durable, self.tenants) = (inserting, durable, tenants)
    }

    /// JSON with sorted keys, so that two reports can be compared line by line.
    public func json() throws -> String {
        try ReportJSON.text(of: self)
    }
}
