import Kernels

/// A BERT encoder's weights, laid out for the products that use them: H is the hidden size, F the
/// intermediate one. Word embeddings stay in the file, of which a text touches a few rows.
struct BertWeights: Sendable {
    /// vocabulary × H.
    let words: StoredRows

    /// positions × H.
    let positions: [Float]

    /// The embedding of token type 0, H values; a single text has no other type. Zeros for a model without types.
    let type: [Float]
    let embeddingNorm: TransformerKernels.Normalization
    private(set) var layers: [Layer]

    /// Whether the maps are in whole numbers of a byte.
    private(set) var areRounded = false

    /// A linear map in one of the precisions: as read, packed for its kernel, or rounded.
    enum Map: Sendable {
        case floats(Linear)
        case packed(FloatMap)
        case bytes(ByteMap)
    }

    /// A linear map y = x · weightᵀ + bias.
    struct Linear: Sendable {
        /// outputs × inputs.
        let weight: [Float]
        let bias: [Float]
        let inputCount: Int

        var outputCount: Int { bias.count }
        var shape: MatrixShape { MatrixShape(rowCount: outputCount, columnCount: inputCount) }
    }

    struct Layer: Sendable {
        /// Query, key and value stacked, 3H × H: one product instead of three.
        var queryKeyValue: Map
        var attentionOutput: Map
        let attentionNorm: TransformerKernels.Normalization

        /// F × H.
        var expansion: Map

        /// H × F.
        var contraction: Map
        let outputNorm: TransformerKernels.Normalization
    }

    /// The same maps in Float32 for the kernel that this machine has for them.
    func packed() -> BertWeights {
        var copy = self
        for index in layers.indices {
            copy.layers[index].queryKeyValue = layers[index].queryKeyValue.packed()
            copy.layers[index].attentionOutput = layers[index].attentionOutput.packed()
            copy.layers[index].expansion = layers[index].expansion.packed()
            copy.layers[index].contraction = layers[index].contraction.packed()
        }
        return copy
    }

    /// The same maps in whole numbers of a byte.
    func rounded(fitting calibration: Calibration?) -> BertWeights {
        var copy = self
        copy.areRounded = true
        for index in layers.indices {
            let maxima = calibration?.layers[index]
            copy.layers[index].queryKeyValue = layers[index].queryKeyValue.rounded(maxima?.attention ?? [])
            copy.layers[index].attentionOutput = layers[index].attentionOutput.rounded([])
            copy.layers[index].expansion = layers[index].expansion.rounded(maxima?.expansion ?? [])
            copy.layers[index].contraction = layers[index].contraction.rounded([])
        }
        return copy
    }

    /// Copies the layers' weights; the pooler, which sentence embeddings do not use, is left alone.
    ///
    /// - Throws: what `TensorSource.tensor` does, for a tensor the configuration demands.
    init(_ tensors: some TensorSource, _ configuration: BertConfiguration) throws(EmbeddingError) {
        let hidden = configuration.hiddenSize
        let reader = TensorReader(tensors: tensors, epsilon: configuration.layerNormEpsilon)
        words = try tensors.rows(
            "embeddings.word_embeddings.weight", rowCount: configuration.vocabularyCount, width: hidden)
        positions = try tensors.floats(
            "embeddings.position_embeddings.weight", shape: [configuration.positionCount, hidden])
        type = try reader.firstType(of: configuration)
        embeddingNorm = try reader.normalization("embeddings.LayerNorm", hidden)
        var layers: [Layer] = []
        for index in 0..<configuration.layerCount {
            layers.append(try reader.layer("encoder.layer.\(index)", hidden, configuration.intermediateSize))
        }
        self.layers = layers
    }
}

extension BertWeights.Map {
    fileprivate func rounded(_ inputMaxima: [Float]) -> BertWeights.Map {
        switch self {
        case .floats(let map):
            .bytes(
                ByteMap(
                    weight: map.weight, bias: map.bias, inputCount: map.inputCount, inputMaxima: inputMaxima))
        case .packed, .bytes: self
        }
    }

    fileprivate func packed() -> BertWeights.Map {
        switch self {
        case .floats(let map) where FloatMap.isFast(outputCount: map.outputCount):
            .packed(FloatMap(weight: map.weight, bias: map.bias, inputCount: map.inputCount))
        case .floats, .packed, .bytes: self
        }
    }
}

/// Puts the parts of a layer together from a BERT's tensors, by their published names.
private struct TensorReader<Source: TensorSource> {
    let tensors: Source
    let epsilon: Float

    func firstType(of configuration: BertConfiguration) throws(EmbeddingError) -> [Float] {
        let (name, hidden) = ("embeddings.token_type_embeddings.weight", configuration.hiddenSize)
        guard configuration.typeCount > 0, tensors.hasTensor(name) else {
            return [Float](repeating: 0, count: hidden)
        }
        return Array(try tensors.floats(name, shape: [configuration.typeCount, hidden]).prefix(hidden))
    }

    func layer(_ name: String, _ hidden: Int, _ intermediate: Int) throws(EmbeddingError) -> BertWeights.Layer
    {
        BertWeights.Layer(
            queryKeyValue: .floats(
                stacked([
                    try linear("\(name).attention.self.query", from: hidden, to: hidden),
                    try linear("\(name).attention.self.key", from: hidden, to: hidden),
                    try linear("\(name).attention.self.value", from: hidden, to: hidden),
                ])),
            attentionOutput: .floats(
                try linear("\(name).attention.output.dense", from: hidden, to: hidden)),
            attentionNorm: try normalization("\(name).attention.output.LayerNorm", hidden),
            expansion: .floats(try linear("\(name).intermediate.dense", from: hidden, to: intermediate)),
            contraction: .floats(try linear("\(name).output.dense", from: intermediate, to: hidden)),
            outputNorm: try normalization("\(name).output.LayerNorm", hidden))
    }

    func normalization(
        _ name: String, _ width: Int
    ) throws(EmbeddingError) -> TransformerKernels.Normalization {
        TransformerKernels.Normalization(
            gain: try tensors.floats("\(name).weight", shape: [width]),
            shift: try tensors.floats("\(name).bias", shape: [width]), epsilon: epsilon)
    }

    private func linear(
        _ name: String, from inputCount: Int, to outputCount: Int
    ) throws(EmbeddingError) -> BertWeights.Linear {
        BertWeights.Linear(
            weight: try tensors.floats("\(name).weight", shape: [outputCount, inputCount]),
            bias: try tensors.floats("\(name).bias", shape: [outputCount]), inputCount: inputCount)
    }

    private func stacked(_ parts: [BertWeights.Linear]) -> BertWeights.Linear {
        BertWeights.Linear(
            weight: parts.flatMap(\.weight), bias: parts.flatMap(\.bias), inputCount: parts[0].inputCount)
    }
}
