import ArgumentParser
import Documents
import Engine
import Evaluation
import Foundation

struct EvalRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measures retrieval quality on a test collection with relevance judgements.",
        discussion: """
            DATASET is a folder in BEIR's form: corpus.jsonl, queries.jsonl and qrels.tsv. The documents go through \
            the real pipeline into a workspace of their own, which is removed afterwards; every judged query is \
            searched in every mode, and a document ranks by its best passage. Of several modes each is compared with \
            the first.

            Example:
              carrel eval ~/datasets/scifact --mode vector --chunking none
              carrel eval ~/datasets/scifact --json --svg quality.svg --per-query quality.tsv
            """)

    enum Chunking: String, ExpressibleByArgument, CaseIterable {
        /// As `carrel ingest` does.
        case standard

        /// Each document as one passage, cut at the model's window, as published figures are measured.
        case none
    }

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(
        help: "How to search: vector, keyword, hybrid, rrf; several parted by commas. First three if absent."
    )
    var mode: [ArgumentList<EvalMode>] = []

    @Option(help: "How documents become passages: standard, or none (whole, cut at the model's window).")
    var chunking = Chunking.standard

    @Option(
        help: """
            Keep the rankings in this file, for 'carrel eval compare' and trec_eval; of several modes each has its \
            name before the file's ending.
            """,
        completion: .file())
    var saveRun: String?

    @OptionGroup var output: EvalOutputOptions
    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let folder = EvalFile.url(dataset)
            let dataset = try RetrievalDataset(folder: folder)
            let modes = mode.modes
            try prepare(for: dataset, modes: modes)
            let machine = BenchmarkReport.Machine(libraries: BenchMachine.libraries)
            let (runs, ingest) = try await EvalWorkspace.with(
                Self.items(of: dataset), chunking: chunking == .none ? .whole : .standard, options: options
            ) { workspace in
                var runs: [EvalRun] = []
                for mode in modes {
                    runs.append(try await EvalRun(of: dataset, in: workspace, by: mode))
                }
                return (runs, workspace.ingest)
            }
            if let saveRun {
                for run in runs {
                    try EvalFile.write(
                        run.ranked.text(tag: "carrel-\(run.mode.rawValue)"),
                        to: EvalFile.path(saveRun, of: run.mode, among: runs.count))
                }
            }
            let origin = try output.origin(
                machine: machine, model: runs.compactMap(\.model).first, folder: folder,
                files: dataset.fileNames, documents: dataset.documents.count, queries: dataset.queries.count)
            let summary = EvalSummary(
                origin: origin, chunking: chunking.rawValue, ingest: ingest, runs: runs,
                bootstrap: output.bootstrap)
            try output.show(
                text: summary.text + "\n\(output.note)", json: summary.report.json(),
                plot: summary.report.plot(),
                perQuery: EvalSummary.lines(runs.map { ($0.mode.rawValue, $0.quality) }))
        }
    }

    /// What would only be found out after minutes of embedding.
    private func prepare(for dataset: RetrievalDataset, modes: [EvalMode]) throws {
        try output.checkWritable(
            and: modes.map { mode in saveRun.map { EvalFile.path($0, of: mode, among: modes.count) } })
        guard saveRun != nil else { return }
        for id in dataset.queries.map(\.id) + dataset.documents.map(\.id) {
            try RankedRun.checkWritable(id: id)
        }
    }

    private static func items(of dataset: RetrievalDataset) -> [IngestItem] {
        dataset.documents.map { document in
            // Title and text as BEIR joins them; a blank line makes the title a paragraph of its own.
            let text = document.title.isEmpty ? document.text : document.title + "\n\n" + document.text
            let bytes = Array(text.utf8)
            var item = IngestItem(
                path: document.id, mediaType: .plainText, byteCount: bytes.count, load: { bytes })
            // As a heading would be, or a title that came beside the text.
            item.given.title = document.title.isEmpty ? nil : document.title
            return item
        }
    }
}

/// One dataset searched in one mode.
struct EvalRun {
    let mode: EvalMode
    let ranked: RankedRun
    let quality: RunQuality
    let queriesPerSecond: Double
    let model: EvaluationOrigin.Model?

    init(of dataset: RetrievalDataset, in workspace: EvalWorkspace, by mode: EvalMode) async throws {
        self.mode = mode
        let found = try await workspace.asking(dataset.queries, by: mode) { query in
            try await Self.ranking(for: query.text, in: workspace, by: mode)
        }
        (queriesPerSecond, model) = (found.queriesPerSecond, found.model)
        ranked = RankedRun(
            rankings: Dictionary(
                zip(dataset.queries.map(\.id), found.answers), uniquingKeysWith: { first, _ in first }))
        quality = RunQuality(run: ranked.documents, judgements: dataset.judgements)
    }

    /// Documents by their best passage. More passages are asked for until there are documents enough.
    private static func ranking(
        for query: String, in workspace: EvalWorkspace, by mode: EvalMode
    ) async throws -> (answer: [RankedRun.Entry], model: ModelDescription?) {
        let depth = QualityMeasure.depthMax
        var limit = depth
        while true {
            let response = try await workspace.search(query, limit: limit, by: mode)
            var seen = Set<String>()
            let best = response.hits.filter { seen.insert($0.citation.path).inserted }
            if best.count >= depth || response.hits.count < limit || limit == SearchRequest.limitMax {
                let entries = best.prefix(depth).map {
                    RankedRun.Entry(document: $0.citation.path, score: $0.score)
                }
                return (entries, response.model)
            }
            limit = min(limit * 3, SearchRequest.limitMax)
        }
    }
}
