import ArgumentParser
import Documents
import Engine
import Evaluation
import Foundation

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures retrieval quality on a test collection with relevance judgements.",
        discussion: """
            DATASET is a folder in BEIR's form: corpus.jsonl, queries.jsonl and qrels.tsv. The documents go through \
            the real pipeline into a workspace of their own, which is removed afterwards; every judged query is \
            searched, and a document ranks by its best passage.

            Example:
              carrel eval ~/datasets/scifact --mode dense --chunking none
            """)

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case dense
    }

    enum Chunking: String, ExpressibleByArgument, CaseIterable {
        /// As `carrel ingest` does.
        case standard

        /// Each document as one passage, cut at the model's window, as published figures are measured.
        case none
    }

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(help: "How to search: dense (vectors only).")
    var mode = Mode.dense

    @Option(help: "How documents become passages: standard, or none (whole, cut at the model's window).")
    var chunking = Chunking.standard

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let folder = URL(filePath: NSString(string: dataset).expandingTildeInPath)
            let dataset = try RetrievalDataset(folder: folder)
            let scratch = FileManager.default.temporaryDirectory
                .appending(path: "carrel-eval-\(UUID().uuidString)", directoryHint: .isDirectory)
            defer { try? FileManager.default.removeItem(at: scratch) }
            let engine = try await options.makeEngine(
                dataDirectory: scratch, chunking: chunking == .none ? .whole : .standard)
            let run = try await EvaluationRun(engine: engine, dataset: dataset).measured()
            try await engine.close()
            let output = EvaluationOutput(
                dataset: folder.lastPathComponent, mode: mode.rawValue, chunking: chunking.rawValue, run: run)
            Terminal.print(json ? try Terminal.json(output) : output.text)
        }
    }
}

/// One dataset through one engine.
struct EvaluationRun {
    struct Result {
        var quality: RunQuality
        var ingest: IngestProgress
        var ingestSeconds: Double
        var searchSeconds: Double
        var queryCount: Int
    }

    /// Documents wanted for each query: the deepest measure is recall@100.
    private static let depth = 100
    private static let workspace = "eval"

    let engine: Engine
    let dataset: RetrievalDataset

    func measured() async throws -> Result {
        try engine.library.createWorkspace(named: Self.workspace)
        let scope = try engine.library.operatorScope(forWorkspace: Self.workspace)
        let clock = ContinuousClock()
        let line = ProgressLine()
        let start = clock.now
        let progress = try await engine.ingest(items, skipping: [], in: scope, report: line.show)
        line.end()
        if let failure = progress.failures.first { throw failure.error }
        // The same index for every query, and the same at every run.
        try await engine.settle(in: scope)
        let ingested = clock.now
        var run: [String: [String]] = [:]
        for query in dataset.queries {
            run[query.id] = try await ranking(for: query.text, in: scope)
        }
        return Result(
            quality: RunQuality(run: run, judgements: dataset.judgements), ingest: progress,
            ingestSeconds: (ingested - start) / .seconds(1),
            searchSeconds: (clock.now - ingested) / .seconds(1),
            queryCount: dataset.queries.count)
    }

    private var items: [IngestItem] {
        dataset.documents.map { document in
            // Title and text as BEIR joins them; a blank line makes the title a paragraph of its own.
            let text = document.title.isEmpty ? document.text : document.title + "\n\n" + document.text
            let bytes = Array(text.utf8)
            return IngestItem(
                path: document.id, mediaType: .plainText, byteCount: bytes.count, load: { bytes })
        }
    }

    /// Documents by their best passage. More passages are asked for until there are documents enough.
    private func ranking(for query: String, in scope: WorkspaceScope) async throws -> [String] {
        var limit = Self.depth
        while true {
            // What is measured is model and chunking: every passage is compared.
            let response = try await engine.search(
                SearchRequest(query: query, limit: limit, recallTarget: 1), in: scope)
            var seen = Set<String>()
            let ranked = response.hits.map(\.citation.path).filter { seen.insert($0).inserted }
            if ranked.count >= Self.depth || response.hits.count < limit || limit == SearchRequest.limitMax {
                return Array(ranked.prefix(Self.depth))
            }
            limit = min(limit * 3, SearchRequest.limitMax)
        }
    }
}

/// The figures of a run, for people and for machines.
struct EvaluationOutput: Encodable {
    var dataset: String
    var mode: String
    var chunking: String
    var quality: RunQuality
    var documents: Int
    var chunks: Int
    var tokens: Int
    var ingestSeconds: Double
    var queriesPerSecond: Double

    enum CodingKeys: String, CodingKey {
        case dataset, mode, chunking, documents, chunks, tokens
        case ingestSeconds = "ingest_s"
        case queriesPerSecond = "queries_per_s"
    }

    init(dataset: String, mode: String, chunking: String, run: EvaluationRun.Result) {
        self.dataset = dataset
        self.mode = mode
        self.chunking = chunking
        quality = run.quality
        documents = run.ingest.documentCount
        chunks = run.ingest.chunkCount
        tokens = run.ingest.tokenCount
        ingestSeconds = run.ingestSeconds
        queriesPerSecond = Double(run.queryCount) / max(run.searchSeconds, 1e-9)
    }

    func encode(to encoder: any Encoder) throws {
        // The measures stand beside the other figures, not under a name of their own.
        try quality.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(dataset, forKey: .dataset)
        try fields.encode(mode, forKey: .mode)
        try fields.encode(chunking, forKey: .chunking)
        try fields.encode(documents, forKey: .documents)
        try fields.encode(chunks, forKey: .chunks)
        try fields.encode(tokens, forKey: .tokens)
        try fields.encode(ingestSeconds, forKey: .ingestSeconds)
        try fields.encode(queriesPerSecond, forKey: .queriesPerSecond)
    }

    var text: String {
        func figure(_ value: Double) -> String { String(format: "%.4f", value) }
        return """
            \(dataset), \(mode), chunking \(chunking): \(documents) documents, \(chunks) chunks, \
            \(quality.queryCount) judged queries
              nDCG@10     \(figure(quality.normalizedGainAt10))
              recall@10   \(figure(quality.recallAt10))
              recall@100  \(figure(quality.recallAt100))
              MRR@10      \(figure(quality.reciprocalRankAt10))
              ingest      \(String(format: "%.1f", ingestSeconds)) s
              queries/s   \(String(format: "%.1f", queriesPerSecond))
            """
    }
}
