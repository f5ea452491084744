import Documents
import Engine
import Evaluation
import Foundation

/// A workspace of its own with a dataset's documents in it, removed afterwards.
struct EvalWorkspace {
    private static let name = "eval"

    let engine: Engine
    let scope: WorkspaceScope
    let ingest: IngestFigures

    /// Takes the documents in, and calls `body`.
    ///
    /// - Parameter chunking: how they become passages; nothing longer than the model reads.
    static func with<Result>(
        _ items: [IngestItem], chunking: ChunkingPolicy, options: EngineOptions,
        _ body: (EvalWorkspace) async throws -> Result
    ) async throws -> Result {
        let scratch = FileManager.default.temporaryDirectory
            .appending(path: "carrel-eval-\(UUID().uuidString)", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let engine = try await options.makeEngine(dataDirectory: scratch, chunking: chunking)
        if case .sized(let target, _) = chunking {
            let most = try engine.passageTokensMax()
            guard target <= most else { throw CommandError.passagesTooLong(tokens: target, tokensMax: most) }
        }
        let result = try await body(EvalWorkspace(engine: engine, items: items))
        try await engine.close()
        return result
    }

    private init(engine: Engine, items: [IngestItem]) async throws {
        self.engine = engine
        try engine.library.createWorkspace(named: Self.name)
        scope = try engine.library.operatorScope(forWorkspace: Self.name)
        let line = ProgressLine()
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        let progress = try await engine.ingest(items, skipping: [], in: scope, report: line.show)
        line.end()
        if let failure = progress.failures.first { throw failure.error }
        // The same index for every query, and the same at every run.
        try await engine.settle(in: scope)
        ingest = IngestFigures(
            chunks: progress.chunkCount, tokens: progress.tokenCount,
            seconds: (clock.now - start) / .seconds(1))
    }

    func search(_ query: String, limit: Int, by mode: EvalMode) async throws -> SearchResponse {
        try await engine.search(mode.request(query, limit: limit), in: scope)
    }

    /// Asks every query.
    ///
    /// - Returns: what `ask` made of each, how many were answered in a second, and what made their vectors.
    func asking<Query, Answer>(
        _ queries: [Query], by mode: EvalMode,
        _ ask: (Query) async throws -> (answer: Answer, model: ModelDescription?)
    ) async throws -> (answers: [Answer], queriesPerSecond: Double, model: EvaluationOrigin.Model?) {
        var answers: [Answer] = []
        var model: ModelDescription?
        let start = ContinuousClock.now
        for query in queries {
            if Terminal.errorIsTerminal, answers.count % Self.queriesADraw == 0 {
                Terminal.redraw("\(mode.rawValue): \(answers.count)/\(queries.count) queries")
            }
            let found = try await ask(query)
            answers.append(found.answer)
            model = model ?? found.model
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if Terminal.errorIsTerminal { Terminal.redraw("") }
        return (
            answers, Double(queries.count) / max(seconds, 1e-9),
            model.map {
                .init(id: $0.id, revision: $0.revision, precision: $0.precision, dimension: $0.dimension)
            }
        )
    }

    /// Often enough to look alive, seldom enough to cost nothing.
    private static let queriesADraw = 16
}
