/// What figures of retrieval are of, and how to get them again.
public struct EvaluationOrigin: Sendable, Equatable, Codable {
    /// What made the vectors.
    public struct Model: Sendable, Equatable, Codable {
        public var id: String
        public var revision: String
        public var precision: String
        public var dimension: Int

        public init(id: String, revision: String, precision: String, dimension: Int) {
            (self.id, self.revision, self.precision, self.dimension) = (id, revision, precision, dimension)
        }
    }

    /// What was searched and asked.
    public struct Dataset: Sendable, Equatable, Codable {
        public var name: String
        public var documents: Int
        public var queries: Int

        /// The sha256 of each of its files, by its path in the folder.
        public var files: [String: String]

        public init(name: String, documents: Int, queries: Int, files: [String: String]) {
            (self.name, self.documents, self.queries, self.files) = (name, documents, queries, files)
        }
    }

    public var command: String
    public var commit: String?

    /// ISO 8601.
    public var date: String
    public var machine: BenchmarkReport.Machine

    /// nil where every search was by words alone, or nothing was ingested.
    public var model: Model?
    public var dataset: Dataset

    /// Of the intervals.
    public var seed: UInt64
    public var resamples: Int

    public init(
        command: String, commit: String?, date: String, machine: BenchmarkReport.Machine,
        model: Model? = nil, dataset: Dataset, seed: UInt64, resamples: Int
    ) {
        (self.command, self.commit, self.date, self.machine) = (command, commit, date, machine)
        (self.model, self.dataset, self.seed, self.resamples) = (model, dataset, seed, resamples)
    }
}

/// What taking the documents in came to.
public struct IngestFigures: Sendable, Equatable, Codable {
    public var chunks: Int
    public var tokens: Int
    public var seconds: Double

    public init(chunks: Int, tokens: Int, seconds: Double) {
        (self.chunks, self.tokens, self.seconds) = (chunks, tokens, seconds)
    }
}
