import Embedding
import Kernels

/// Answers a request for vectors: tokens first, so that all bounds are checked before anything is computed.
struct EmbeddingHandler: Sendable {
    let embedder: any TokenEmbedder
    let pool: ComputePool

    /// Tokens embedded before others of the same lane have their turn: eight batches, half a second of two cores. A
    /// request of 300,000 would else hold up every ingest for as long as it takes.
    static let sliceTokensMax = 8_192

    /// UTF-8 bytes up to which a text is cut into tokens in the lane of those who wait: a fifth of a millisecond.
    private static let interactiveBytesMax = 4_096

    var model: ModelSummary {
        ModelSummary(
            id: embedder.space.model, dimension: embedder.space.dimension,
            windowTokens: embedder.windowTokens, precision: embedder.space.precision)
    }

    /// What is no larger than a question may be is treated like one; what is larger gives way to questions.
    func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResponse {
        try request.validate(for: model)
        let lane: ComputePool.Lane = isShort(request.inputs) ? .interactive : .background
        let sequences = try await pool.run(in: lane) { try self.sequences(of: request) }
        let tokenCount = sequences.reduce(0) { $0 + $1.count }
        guard tokenCount <= EmbeddingRequest.tokensMax else {
            throw EngineError.tooManyInputTokens(found: tokenCount, max: EmbeddingRequest.tokensMax)
        }
        let width = embedder.space.dimension
        var values: [Float] = []
        values.reserveCapacity(sequences.count * width)
        for slice in Self.slices(of: sequences) {
            try Task.checkCancellation()
            let matrix = try await embedder.embed(
                Array(slice), inBackground: tokenCount > embedder.windowTokens)
            guard matrix.rowCount == slice.count, matrix.dimension == width else {
                throw EngineError.embeddingShape(
                    expected: [slice.count, width], found: [matrix.rowCount, matrix.dimension])
            }
            values += matrix.values
        }
        return EmbeddingResponse(
            model: request.model, rowCount: sequences.count, dimension: width, values: values,
            tokenCount: tokenCount)
    }

    private func isShort(_ inputs: [EmbeddingRequest.Input]) -> Bool {
        var byteCount = 0
        for input in inputs {
            switch input {
            case .text(let text): byteCount += text.utf8.count
            case .tokens(let ids): byteCount += ids.count
            }
        }
        return byteCount <= Self.interactiveBytesMax
    }

    // MARK: Tokens

    private func sequences(of request: EmbeddingRequest) throws(EngineError) -> [[Int32]] {
        let role: EmbeddingRole =
            switch request.purpose {
            case .document: .passage
            case .query: .query
            }
        var sequences: [[Int32]] = []
        sequences.reserveCapacity(request.inputs.count)
        for (index, input) in request.inputs.enumerated() {
            switch input {
            case .text(let text): sequences.append(try tokens(of: text, as: role, index: index))
            case .tokens(let ids): sequences.append(try tokens(framing: ids, as: role, index: index))
            }
        }
        return sequences
    }

    private func tokens(
        of text: String, as role: EmbeddingRole, index: Int
    ) throws(EngineError) -> [Int32] {
        let most = embedder.windowTokens
        let tokens = embedder.tokens(of: text, as: role, tokensMax: most + 1)
        guard tokens.count <= most else {
            // Counted to the end only to be told.
            let found = embedder.tokens(of: text, as: role, tokensMax: .max).count
            throw .inputTooLong(index: index, found: found, max: most)
        }
        return tokens
    }

    private func tokens(
        framing ids: [Int], as role: EmbeddingRole, index: Int
    ) throws(EngineError) -> [Int32] {
        let count = embedder.vocabularyCount
        if let position = ids.firstIndex(where: { !(0..<count).contains($0) }) {
            throw .tokenUnknown(
                index: index, position: position, found: ids[position], vocabularyCount: count)
        }
        let tokens = embedder.tokens(framing: ids.map(Int32.init), as: role)
        guard tokens.count <= embedder.windowTokens else {
            throw .inputTooLong(index: index, found: tokens.count, max: embedder.windowTokens)
        }
        return tokens
    }

    /// Consecutive sequences, of `sliceTokensMax` tokens together at most; none of them alone has more.
    private static func slices(of sequences: [[Int32]]) -> [ArraySlice<[Int32]>] {
        var slices: [ArraySlice<[Int32]>] = []
        var (start, tokenCount) = (0, 0)
        for (index, sequence) in sequences.enumerated() {
            if tokenCount + sequence.count > sliceTokensMax, index > start {
                slices.append(sequences[start..<index])
                (start, tokenCount) = (index, 0)
            }
            tokenCount += sequence.count
        }
        if start < sequences.count { slices.append(sequences[start...]) }
        return slices
    }
}
