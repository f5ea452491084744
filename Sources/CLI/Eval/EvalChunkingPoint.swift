import Engine
import Evaluation

/// One size of passages searched in one mode: what was measured at every question.
struct EvalChunkingPoint {
    let size: Int
    let overlap: Double
    let mode: EvalMode
    let ingest: IngestFigures
    let queriesPerSecond: Double
    let model: EvaluationOrigin.Model?

    /// One for each question.
    private let overlaps: [PassageOverlap]
    private let bestPrecisions: [Double]

    init(
        of dataset: ChunkingDataset, size: Int, overlap: Double, k: Int, in workspace: EvalWorkspace,
        by mode: EvalMode
    ) async throws {
        (self.size, self.overlap, self.mode) = (size, overlap, mode)
        ingest = workspace.ingest
        let corpora = Dictionary(
            dataset.corpora.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        func span(_ citation: Citation) -> CorpusSpan {
            let range = corpora[citation.path]?.characterRange(ofBytes: citation.byteRange)
            return CorpusSpan(corpus: citation.path, range: range ?? 0..<0)
        }
        let found = try await workspace.asking(dataset.questions, by: mode) { question in
            let response = try await workspace.search(question.text, limit: k, by: mode)
            let passages = response.hits.map { span($0.citation) }
            let overlap = PassageOverlap(of: question.references, in: question.corpus, found: passages)
            return (overlap, response.model)
        }
        (overlaps, queriesPerSecond, model) = (found.answers, found.queriesPerSecond, found.model)

        var passages: [String: [CorpusSpan]] = [:]
        try workspace.engine.library.forEachCitation(in: workspace.scope) { citation in
            passages[citation.path, default: []].append(span(citation))
        }
        bestPrecisions = dataset.questions.map { question in
            PassageOverlap.bestPrecision(
                of: question.references, in: question.corpus, among: passages[question.corpus] ?? [])
        }
    }

    func record(by bootstrap: Bootstrap, seed: UInt64) -> ChunkingReport.Point {
        let measures = PassageMeasure.allCases
        let columns = measures.map { measure in overlaps.map { $0.value(of: measure) } }
        var random = SeededRandom(seed: seed)
        let estimates = bootstrap.estimates(of: columns + [bestPrecisions], random: &random)
        return ChunkingReport.Point(
            tokensTarget: size, overlap: overlap, mode: mode.rawValue, ingest: ingest,
            measures: Dictionary(
                zip(measures.map(\.rawValue), estimates), uniquingKeysWith: { first, _ in first }),
            bestPrecision: estimates[measures.count], queriesPerSecond: queriesPerSecond)
    }

    static var head: [String] {
        ["chunk_tokens", "overlap", "mode", "question"] + PassageMeasure.allCases.map(\.rawValue)
            + ["precision_omega"]
    }

    /// The values of every question.
    func lines(of dataset: ChunkingDataset) -> [[String]] {
        dataset.questions.indices.map { index in
            ["\(size)", "\(overlap)", mode.rawValue, dataset.questions[index].id]
                + PassageMeasure.allCases.map { EvalTable.figure(overlaps[index].value(of: $0)) }
                + [EvalTable.figure(bestPrecisions[index])]
        }
    }
}
