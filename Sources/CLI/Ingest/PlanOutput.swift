import Engine
import Foundation

/// What an ingest would do, for the output of a dry run.
struct PlanOutput: Encodable {
    var workspace: String
    var documents: Int
    var unchanged: Int

    /// With `--sync`, of documents that are in the folder no more.
    var deleted: Int
    var failed: Int
    var skipped: Int
    var bytes: Int
    var chunks: Int
    var tokens: Int
    var embedded: Int
    var embedded_tokens: Int

    /// In the currency of `embedder.price`; absent where that is not set.
    var cost: Double?

    /// Of reading, as it was just now, and of embedding; absent where the embedder's speed is not known.
    var seconds: Double?

    /// - Parameters:
    ///   - pricePerMillion: of a million tokens; 0 where the model runs here.
    ///   - tokensPerSecond: nil where nobody knows.
    init(
        _ plan: IngestPlan, workspace: String, deleted: Int, reading: Duration, pricePerMillion: Double?,
        tokensPerSecond: Double?
    ) {
        self.workspace = workspace
        documents = plan.documentCount
        unchanged = plan.unchangedCount
        self.deleted = deleted
        failed = plan.failureCount
        skipped = plan.skippedCount
        bytes = plan.byteCount
        chunks = plan.chunkCount
        tokens = plan.tokenCount
        embedded = plan.embeddedCount
        embedded_tokens = plan.embeddedTokenCount
        cost = pricePerMillion.map { $0 * Double(plan.embeddedTokenCount) / 1_000_000 }
        seconds = tokensPerSecond.map {
            Double(plan.embeddedTokenCount) / max($0, 1) + Figure.milliseconds(reading) / 1000
        }
    }

    var text: String {
        var parts = ["\(unchanged) unchanged"]
        if deleted > 0 { parts.append("\(deleted) would be deleted") }
        if skipped > 0 { parts.append("\(skipped) skipped (other types)") }
        if failed > 0 { parts.append("\(failed) would fail") }
        return """
            \(workspace): would read \(Figure.count(documents, "document")), \(Figure.bytes(bytes)): \
            \(parts.joined(separator: ", "))
            would embed \(Figure.count(embedded, "text")) with \(Figure.count(embedded_tokens, "token")), of \
            \(Figure.count(chunks, "chunk")) with \(Figure.count(tokens, "token"))
            cost \(cost.map { String(format: "%.6f", $0) } ?? "unknown: set embedder.price"), \
            time \(seconds.map { String(format: "about %.1f s", $0) } ?? "unknown")
            nothing was embedded or written
            """
    }
}

/// How fast the model here is, measured on a text about nothing.
enum EmbeddingRate {
    private static let textCount = 16
    private static let text = String(
        repeating: "the quick brown fox jumps over the lazy dog and runs away ", count: 9)

    /// Tokens a second; nil where the model runs elsewhere, and would have to be paid.
    static func measured(of engine: Engine) async throws -> Double? {
        guard let model = engine.models.first else { return nil }
        let request = EmbeddingRequest(
            model: model.id, inputs: (0..<textCount).map { .text("\($0) \(text)") })
        let started = ContinuousClock.now
        let count = try await engine.embed(request).tokenCount
        return Double(count) / max((ContinuousClock.now - started) / .seconds(1), 0.000_001)
    }
}
