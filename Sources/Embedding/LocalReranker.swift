package import Foundation
package import Kernels

/// A cross-encoder that runs here: a BERT that reads question and passage as one text and says in one number how well
/// they go together (R. Nogueira, K. Cho, 2019, https://arxiv.org/abs/1901.04085).
///
/// Immutable; calls from any number of tasks share the pool's interactive lane. The score is the model's own, without a
/// function behind its last map, so that it may be any number.
package final class LocalReranker: Reranker {
    /// UTF-8 bytes of one passage at most, as many as the largest document the product takes has.
    package static let passageBytesMax = LocalEmbedder.textBytesMax

    /// Half of it has room for two tokens of the question between their frame, the rest for three of the passage.
    private static let windowTokensMin = 8

    package let model: String

    /// Tokens of a pair, special ones included.
    package let windowTokens: Int

    private let pairs: BertPairModel
    private let tokenizer: any Tokenizer
    private let pool: ComputePool

    /// Loads the model that `modelDirectory/model.json` describes, whose `task` is `rerank`. Sizes and shapes are
    /// checked, checksums are not.
    ///
    /// - Parameters:
    ///   - manifest: in place of `model.json`, for a directory that has none.
    ///   - keepsPacked: as for `LocalEmbedder`.
    /// - Throws: `EmbeddingError`, any case but the two about texts.
    package init(
        modelDirectory: URL, manifest: ModelManifest? = nil, pool: ComputePool, keepsPacked: Bool = false
    ) throws(EmbeddingError) {
        let manifest = if let manifest { manifest } else { try ModelManifest.load(from: modelDirectory) }
        try manifest.check(task: .rerank)
        pairs = try BertPairModel(
            directory: modelDirectory,
            packedFile: keepsPacked
                ? PackedFile.Place(manifest, in: modelDirectory, precision: .float32) : nil)
        try Self.check(manifest, against: pairs.configuration)
        tokenizer = try Checkpoint.tokenizer(
            in: modelDirectory, files: manifest.files.map(\.name),
            rowCount: pairs.configuration.vocabularyCount)
        model = manifest.id
        windowTokens = manifest.windowTokens
        self.pool = pool
    }

    private static func check(
        _ manifest: ModelManifest, against configuration: BertConfiguration
    ) throws(EmbeddingError) {
        guard manifest.precisions.contains(.float32) else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "precisions",
                found: manifest.precisions.map(\.rawValue).joined(separator: ", "),
                expected: Precision.float32.rawValue)
        }
        guard manifest.dimension == configuration.hiddenSize else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "dimension", found: "\(manifest.dimension)",
                expected: "\(configuration.hiddenSize)")
        }
        guard windowTokensMin <= configuration.positionCount,
            (windowTokensMin...configuration.positionCount).contains(manifest.windowTokens)
        else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "windowTokens", found: "\(manifest.windowTokens)",
                expected: "\(windowTokensMin) to \(configuration.positionCount)")
        }
    }

    /// - Parameter query: cut to half the window; what is beyond is not looked at. Passages are cut to what is left.
    /// - Throws: `EmbeddingError.tooManyTexts`, `.textTooLong`; `CancellationError` when the calling task was
    ///   cancelled, within one batch's time.
    package func scores(of passages: [String], for query: String) async throws -> [Double] {
        guard passages.count <= RerankerLimits.passagesMax else {
            throw EmbeddingError.tooManyTexts(found: passages.count, max: RerankerLimits.passagesMax)
        }
        for (index, passage) in passages.enumerated() where passage.utf8.count > Self.passageBytesMax {
            throw EmbeddingError.textTooLong(
                index: index, found: passage.utf8.count, max: Self.passageBytesMax)
        }
        return try await Cancellation.relayed { cancellation in
            let all = try await self.pool.run { self.encode(passages, for: query) }
            return try await self.scores(of: all, until: cancellation)
        }
    }

    private func scores(
        of all: [BertPairModel.Pair], until cancellation: Cancellation
    ) async throws -> [Double] {
        let plan = BatchPlan(lengths: all.map(\.ids.count), threadCount: pool.threadCount)
        let batches = try await pool.map(count: plan.batches.count, in: .interactive) { index in
            try cancellation.check()
            return self.pairs.scores(of: plan.batches[index].map { all[$0] })
        }
        var scores = [Double](repeating: 0, count: all.count)
        for (found, passages) in zip(batches, plan.batches) {
            for (score, passage) in zip(found, passages) { scores[passage] = score }
        }
        return scores
    }

    private func encode(_ passages: [String], for query: String) -> [BertPairModel.Pair] {
        let first = tokenizer.encode(query, tokensMax: windowTokens / 2)
        return passages.map { passage in
            // Its `[CLS]` is the question's: what is read of it stands one token further on.
            let second = tokenizer.encode(passage, tokensMax: windowTokens - first.count + 1)
            return BertPairModel.Pair(ids: first + second.dropFirst(), secondStart: first.count)
        }
    }
}
