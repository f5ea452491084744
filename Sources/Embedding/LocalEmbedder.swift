package import Foundation
package import Kernels

/// A model that runs here: tokenizer, BERT over BLAS, the tokens' vectors pooled, unit length.
///
/// Immutable; calls from any number of tasks share the pool's threads: questions its interactive lane,
/// passages its background lane. Loading takes some tens of milliseconds. The layers' weights take memory of the
/// process, or are mapped from a packed file, and then shared with every other process that uses it.
package final class LocalEmbedder: Embedder {
    /// Texts of one call at most: with MiniLM the result then has 25 MB. More belong into several calls.
    package static let textsMax = 16_384

    /// UTF-8 bytes of one text at most, as many as the largest document the product takes has.
    package static let textBytesMax = 10 * 1024 * 1024

    package let space: EmbeddingSpace
    package let windowTokens: Int
    package let specialTokenCount: Int

    private let manifest: ModelManifest
    private let model: BertModel
    private let tokenizer: any Tokenizer
    private let pool: ComputePool

    /// Loads the model that `modelDirectory/model.json` describes. Sizes and shapes are checked, checksums
    /// are not.
    ///
    /// - Parameters:
    ///   - manifest: in place of `model.json`, for a directory that has none.
    ///   - keepsPacked: whether the weights are kept in the directory as the products want them, which the next start
    ///     maps instead of packing them again. A directory that cannot be written to is no error.
    /// - Throws: `EmbeddingError`, any case but the two about texts.
    package init(
        modelDirectory: URL, manifest: ModelManifest? = nil, pool: ComputePool,
        precision: Precision = .float32, keepsPacked: Bool = false
    ) throws {
        self.manifest = try manifest ?? ModelManifest.load(from: modelDirectory)
        try self.manifest.check(task: .embed)
        let checkpoint = try Checkpoint(self.manifest, in: modelDirectory)
        try Self.check(self.manifest, against: checkpoint.configuration, precision: precision)
        model = try BertModel(
            checkpoint.configuration, checkpoint.tensors, pooling: self.manifest.pooling,
            directory: modelDirectory, precision: precision,
            packedFile: keepsPacked
                ? PackedFile.Place(self.manifest, in: modelDirectory, precision: precision) : nil)
        tokenizer = checkpoint.tokenizer
        windowTokens = self.manifest.windowTokens
        specialTokenCount = Self.specialTokenCount(self.manifest, tokenizer)
        space = EmbeddingSpace(
            model: self.manifest.id, revision: self.manifest.revision,
            // Vectors change with what the rounding is fitted to.
            precision: precision.rawValue + (model.calibration.map { "-\($0.version)" } ?? ""),
            dimension: model.configuration.hiddenSize)
        self.pool = pool
    }

    /// The two around a text, and what the longer of the prefixes takes of the window. Before a word, for the last
    /// piece may reach into it.
    static func specialTokenCount(_ manifest: ModelManifest, _ tokenizer: any Tokenizer) -> Int {
        let word = tokenizer.tokenCount(of: "a")
        let prefixes = EmbeddingRole.allCases.map {
            tokenizer.tokenCount(of: manifest.prefix(for: $0) + "a") - word
        }
        return 2 + (prefixes.max() ?? 0)
    }

    package func tokenCount(of text: String) -> Int {
        tokenizer.tokenCount(of: text)
    }

    /// - Throws: `tooManyTexts`, `textTooLong`; `CancellationError` when the calling task was cancelled,
    ///   within one batch's time.
    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try Self.check(texts)
        return try await Cancellation.relayed { try await self.embed(texts, as: role, until: $0) }
    }

    /// What rounding to bytes is to be fitted to, measured on these texts with the precision at hand.
    package func calibration(on texts: [String], version: Int) -> Calibration {
        let sequences = encode(texts, as: .passage)
        var layers = model.inputMaxima(of: Array(sequences.prefix(1)))
        for sequence in sequences.dropFirst() {
            for (index, layer) in model.inputMaxima(of: [sequence]).enumerated() {
                layers[index].attention = zip(layers[index].attention, layer.attention).map(max)
                layers[index].expansion = zip(layers[index].expansion, layer.expansion).map(max)
            }
        }
        return Calibration(version: version, layers: layers)
    }

    private func embed(
        _ texts: [String], as role: EmbeddingRole, until cancellation: Cancellation
    ) async throws -> EmbeddingMatrix {
        let lane: ComputePool.Lane = role == .query ? .interactive : .background
        // One text, the usual question, takes less time than another hop to a thread.
        if texts.count == 1 {
            let row = try await pool.run(in: lane) { self.model.embed(self.encode(texts, as: role)) }
            return EmbeddingMatrix(rowCount: 1, dimension: space.dimension, values: row)
        }
        let sequences = try await pool.run(in: lane) { self.encode(texts, as: role) }
        return try await embed(sequences, in: lane, until: cancellation)
    }

    private func embed(
        _ sequences: [[Int32]], in lane: ComputePool.Lane, until cancellation: Cancellation
    ) async throws -> EmbeddingMatrix {
        let plan = BatchPlan(lengths: sequences.map(\.count), threadCount: pool.threadCount)
        let batches = try await pool.map(count: plan.batches.count, in: lane) { index in
            try cancellation.check()
            return self.model.embed(plan.batches[index].map { sequences[$0] })
        }
        return gather(batches, of: plan, rowCount: sequences.count)
    }

    private func encode(_ texts: [String], as role: EmbeddingRole) -> [[Int32]] {
        texts.map { tokens(of: $0, as: role, tokensMax: windowTokens) }
    }

    /// Puts the batches' rows where the texts were in the call.
    private func gather(_ batches: [[Float]], of plan: BatchPlan, rowCount: Int) -> EmbeddingMatrix {
        let width = space.dimension
        var values = [Float](repeating: 0, count: rowCount * width)
        for (rows, texts) in zip(batches, plan.batches) {
            for (row, text) in texts.enumerated() {
                for column in 0..<width { values[text * width + column] = rows[row * width + column] }
            }
        }
        return EmbeddingMatrix(rowCount: rowCount, dimension: width, values: values)
    }

    private static func check(_ texts: [String]) throws(EmbeddingError) {
        guard texts.count <= textsMax else { throw .tooManyTexts(found: texts.count, max: textsMax) }
        for (index, text) in texts.enumerated() where text.utf8.count > textBytesMax {
            throw .textTooLong(index: index, found: text.utf8.count, max: textBytesMax)
        }
    }

    private static func check(
        _ manifest: ModelManifest, against configuration: BertConfiguration, precision: Precision
    ) throws(EmbeddingError) {
        guard manifest.precisions.contains(precision) else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "precisions",
                found: manifest.precisions.map(\.rawValue).joined(separator: ", "),
                expected: precision.rawValue)
        }
        guard manifest.dimension == configuration.hiddenSize else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "dimension", found: "\(manifest.dimension)",
                expected: "\(configuration.hiddenSize)")
        }
        guard (3...configuration.positionCount).contains(manifest.windowTokens) else {
            throw .unsupportedModel(
                file: ModelManifest.name, field: "windowTokens", found: "\(manifest.windowTokens)",
                expected: "3 to \(configuration.positionCount)")
        }
    }
}

extension LocalEmbedder {
    package var languages: Set<String>? { manifest.languages.map { Set($0) } }
    package var cosineScale: CosineScale? { manifest.cosines }
}

extension LocalEmbedder: TokenEmbedder {
    package var vocabularyCount: Int { model.configuration.vocabularyCount }

    package func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        tokenizer.encode(manifest.prefix(for: role) + text, tokensMax: tokensMax)
    }

    package func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] {
        let frame = tokenizer.encode("", tokensMax: 2)
        if ids.count >= 2, ids.first == frame.first, ids.last == frame.last { return ids }
        // What begins a sequence and the prefix, up to what would end them: `[CLS]` and `[SEP]` of BERT.
        let begun = tokenizer.encode(manifest.prefix(for: role), tokensMax: windowTokens)
        return begun.dropLast() + ids + frame.suffix(1)
    }

    package func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        for ids in sequences {
            precondition(
                (1...windowTokens).contains(ids.count), "\(ids.count) tokens for a window of \(windowTokens)")
        }
        let lane: ComputePool.Lane = inBackground ? .background : .interactive
        return try await Cancellation.relayed { try await self.embed(sequences, in: lane, until: $0) }
    }
}
