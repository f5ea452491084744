import ArgumentParser
import Documents
import Engine
import Evaluation
import Foundation

struct EvalChunkingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chunking",
        abstract: "Measures how well passages of several sizes answer questions whose answers are marked.",
        discussion: """
            DATASET is a folder with corpora/NAME.md (or .txt) and questions.jsonl, whose references say by character \
            offsets where each answer stands. The corpora go through the real pipeline, once for each size; of the k \
            passages found for a question their byte ranges are compared with the references, character by character: \
            recall is the share of the references that was found, precision the share of the passages that is \
            reference, IoU both in one, coverage the share of questions whose references were found whole. \
            precision Ω is what the best choice of passages would have.

            Example:
              carrel eval chunking ~/datasets/chunk_eval
              carrel eval chunking ~/datasets/chunk_eval --chunk-tokens 100,150,200 --overlap 0,0.15 --svg sizes.svg
            """)

    /// Points of a sweep: each embeds everything anew.
    private static let pointsMax = 64

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(help: "Passages found for a question.")
    var k = SearchRequest.limitDefault

    @Option(help: "Tokens that a passage aims at; several parted by commas.")
    var chunkTokens: [ArgumentList<Int>] = []

    @Option(help: "The share of them that is repeated in the next; several parted by commas.")
    var overlap: [ArgumentList<Double>] = []

    @Option(
        help: "How to search: vector, keyword, hybrid, rrf; several parted by commas. First three if absent."
    )
    var mode: [ArgumentList<EvalMode>] = []

    @OptionGroup var output: EvalOutputOptions
    @OptionGroup var options: EngineOptions

    private var sizes: [Int] {
        let all = chunkTokens.flatMap(\.values)
        return all.isEmpty ? [ChunkingOptions.tokensTargetStandard] : all.uniqued
    }

    private var overlaps: [Double] {
        let all = overlap.flatMap(\.values)
        return all.isEmpty ? [ChunkingOptions.overlapFractionStandard] : all.uniqued
    }

    func validate() throws {
        guard (1...SearchRequest.limitMax).contains(k) else {
            throw ValidationError("--k must be 1 to \(SearchRequest.limitMax), found \(k)")
        }
        let tokens = ChunkingOptions.tokensTargetBounds
        for size in sizes where !tokens.contains(size) {
            throw ValidationError(
                "--chunk-tokens must be \(tokens.lowerBound) to \(tokens.upperBound), found \(size)")
        }
        let shares = ChunkingOptions.overlapFractionBounds
        for share in overlaps where !shares.contains(share) {
            throw ValidationError(
                "--overlap must be \(shares.lowerBound) to \(shares.upperBound), found \(share)")
        }
        let count = sizes.count * overlaps.count
        guard count <= Self.pointsMax else {
            throw ValidationError(
                "\(count) sizes and overlaps; up to \(Self.pointsMax) are measured in one run")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let folder = EvalFile.url(dataset)
            let dataset = try ChunkingDataset(folder: folder)
            try output.checkWritable()
            let machine = BenchmarkReport.Machine(libraries: BenchMachine.libraries)
            var points: [EvalChunkingPoint] = []
            for size in sizes {
                for overlap in overlaps {
                    points += try await measured(dataset, size, overlap)
                }
            }
            let origin = try output.origin(
                machine: machine, model: points.compactMap(\.model).first, folder: folder,
                files: dataset.fileNames, documents: dataset.corpora.count, queries: dataset.questions.count)
            let report = ChunkingReport(
                origin: origin, k: k,
                points: points.map { $0.record(by: output.bootstrap, seed: output.seed) })
            try output.show(
                text: Self.text(report) + "\n\(output.note)", json: report.json(), plot: report.plot(),
                perQuery: [EvalChunkingPoint.head] + points.flatMap { $0.lines(of: dataset) })
        }
    }

    /// One ingest, searched in every mode.
    private func measured(
        _ dataset: ChunkingDataset, _ size: Int, _ overlap: Double
    ) async throws -> [EvalChunkingPoint] {
        let items = dataset.corpora.map { corpus in
            IngestItem(
                path: corpus.name, mediaType: MediaType.inferred(fromFileName: corpus.fileName) ?? .plainText,
                byteCount: corpus.bytes.count, load: { corpus.bytes })
        }
        return try await EvalWorkspace.with(
            items, chunking: .sized(tokensTarget: size, overlapFraction: overlap), options: options
        ) { workspace in
            var points: [EvalChunkingPoint] = []
            for mode in mode.modes {
                points.append(
                    try await EvalChunkingPoint(
                        of: dataset, size: size, overlap: overlap, k: k, in: workspace, by: mode))
            }
            return points
        }
    }

    private static func text(_ report: ChunkingReport) -> String {
        let (origin, dataset) = (report.origin, report.origin.dataset)
        let model = origin.model.map { "; \($0.id) (\($0.precision))" } ?? ""
        let head =
            "\(dataset.name): \(Figure.count(dataset.documents, "corpus", "corpora")), "
            + Figure.count(dataset.queries, "question") + model
        let measures = PassageMeasure.allCases
        let rows =
            [
                ["tokens", "overlap", "mode", "chunks"] + measures.map { "\($0.title)@\(report.k)" }
                    + ["precision Ω", "queries/s"]
            ]
            + report.points.map { point in
                ["\(point.tokensTarget)", "\(point.overlap)", point.mode, "\(point.ingest.chunks)"]
                    + measures.map { EvalTable.estimate(point.measures[$0.rawValue]) }
                    + [EvalTable.estimate(point.bestPrecision), EvalTable.rate(point.queriesPerSecond)]
            }
        return head + "\n\n" + EvalTable.text(rows)
    }
}
