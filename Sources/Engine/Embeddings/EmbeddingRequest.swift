/// Texts whose vectors somebody wants for himself, made by the model that this engine runs.
package struct EmbeddingRequest: Sendable, Hashable {
    package enum Input: Sendable, Hashable {
        case text(String)

        /// Ids of the model's own vocabulary, the special tokens around them or not.
        case tokens([Int])

        var isEmpty: Bool {
            switch self {
            case .text(let text): text.isEmpty
            case .tokens(let ids): ids.isEmpty
            }
        }
    }

    /// What the vectors are for. Some models want a different prefix for each.
    package enum Purpose: String, Sendable, CaseIterable {
        case document, query
    }

    /// The model's id: one of `Engine.models`.
    package var model: String
    package var inputs: [Input]
    package var purpose: Purpose

    /// The vectors' dimension, where the caller names one: it must be the model's own.
    package var dimension: Int?

    /// As many as OpenAI takes.
    package static let inputCountBounds = 1...2_048

    /// Tokens of all inputs together, as many as OpenAI takes: some 40 s of one core with the local model in Float32.
    package static let tokensMax = 300_000

    package init(
        model: String, inputs: [Input], purpose: Purpose = .document, dimension: Int? = nil
    ) {
        self.model = model
        self.inputs = inputs
        self.purpose = purpose
        self.dimension = dimension
    }

    /// All that can be told without looking into a text.
    ///
    /// - Throws: `EngineError.modelNotFound`, `.dimensionUnsupported`, `.inputCountOutOfRange`, `.inputEmpty`;
    ///   fix the request.
    func validate(for model: ModelSummary) throws(EngineError) {
        guard self.model == model.id else {
            throw .modelNotFound(self.model, served: [model.id])
        }
        if let dimension, dimension != model.dimension {
            throw .dimensionUnsupported(found: dimension, expected: model.dimension)
        }
        guard Self.inputCountBounds.contains(inputs.count) else {
            throw .inputCountOutOfRange(found: inputs.count, allowed: Self.inputCountBounds)
        }
        if let index = inputs.firstIndex(where: \.isEmpty) { throw .inputEmpty(index: index) }
    }
}

/// Vectors, and what they cost.
package struct EmbeddingResponse: Sendable {
    package var model: String
    package var rowCount: Int
    package var dimension: Int

    /// `rowCount × dimension`, row-major: one unit-length row for each input, in order.
    package var values: [Float]

    /// Tokens that the model read, special ones included.
    package var tokenCount: Int
}

/// A model whose vectors can be had for themselves.
package struct ModelSummary: Sendable, Hashable {
    package var id: String
    package var dimension: Int

    /// Tokens of one input at most, special ones included.
    package var windowTokens: Int

    /// How the arithmetic is done, for example `float32`. Vectors of different precisions are never compared.
    package var precision: String
}
