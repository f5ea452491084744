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

    /// That of type 1, which the second text of a pair has; nil for a model that has none.
    let secondType: [Float]?
    let embeddingNorm: TransformerKernels.Normalization
    let layers: [Layer]

    /// Whether the maps are in whole numbers of a byte.
    let areRounded: Bool

    /// A linear map in one of the forms: row by row for a general product, packed for its kernel, or rounded.
    enum Map: Sendable {
        case floats(Linear)
        case packed(FloatMap)
        case bytes(ByteMap)
    }

    /// A linear map y = x · weightᵀ + bias.
    struct Linear: Sendable {
        /// outputs × inputs.
        let weight: any LentNumbers<Float>
        let bias: [Float]
        let inputCount: Int

        var outputCount: Int { bias.count }
        var shape: MatrixShape { MatrixShape(rowCount: outputCount, columnCount: inputCount) }
    }

    struct Layer: Sendable {
        /// Query, key and value stacked, 3H × H: one product instead of three.
        let queryKeyValue: Map
        let attentionOutput: Map
        let attentionNorm: TransformerKernels.Normalization

        /// F × H.
        let expansion: Map

        /// H × F.
        let contraction: Map
        let outputNorm: TransformerKernels.Normalization
    }

    /// The pooler, which sentence embeddings do not use, is left alone: see `PairHead`.
    ///
    /// - Parameters:
    ///   - calibration: what rounding is fitted to; nil for Float32, or if nobody measured.
    ///   - packedFile: where the maps may lie packed, and are put if they do not; nil for nowhere.
    /// - Throws: what `TensorSource.tensor` does, for a tensor the configuration demands.
    init(
        _ tensors: some TensorSource, _ configuration: BertConfiguration, precision: Precision,
        calibration: Calibration?, packedFile: PackedFile.Place?
    ) throws(EmbeddingError) {
        let hidden = configuration.hiddenSize
        let reader = TensorReader(
            tensors: tensors, configuration: configuration, precision: precision, calibration: calibration)
        words = try tensors.rows(
            "embeddings.word_embeddings.weight", rowCount: configuration.vocabularyCount, width: hidden)
        positions = try tensors.floats(
            "embeddings.position_embeddings.weight", shape: [configuration.positionCount, hidden])
        let types = try reader.types()
        type = types.first
        secondType = types.second
        embeddingNorm = try reader.normalization("embeddings.LayerNorm")
        areRounded = precision == .int8
        var stored: [StoredMap] = []
        var norms: [(attention: TransformerKernels.Normalization, output: TransformerKernels.Normalization)] =
            []
        for layer in 0..<configuration.layerCount {
            stored += try reader.maps(ofLayer: layer)
            norms.append(try reader.normalizations(ofLayer: layer))
        }
        let maps = PackedFile.maps(of: stored, at: packedFile)
        layers = norms.enumerated().map { layer, norms in
            let first = layer * TensorReader<BertTensors>.mapsPerLayer
            return Layer(
                queryKeyValue: maps[first], attentionOutput: maps[first + 1], attentionNorm: norms.attention,
                expansion: maps[first + 2], contraction: maps[first + 3], outputNorm: norms.output)
        }
    }
}

/// A linear map as it lies in the checkpoint, every tensor of it found and of the right shape, and what is to be made
/// of it.
struct StoredMap: Sendable {
    /// Outputs × inputs, one below the other.
    let weights: [StoredTensor]
    let bias: [Float]
    let inputCount: Int
    let form: Form

    /// What rounding is fitted to; empty for nothing.
    let inputMaxima: [Float]

    enum Form: String, Sendable {
        /// As they lie in the checkpoint, for a general product.
        case rows

        /// For the kernel of `FloatMap`.
        case panels

        /// For those of `ByteMap`.
        case bytes

        init(_ precision: Precision, outputCount: Int) {
            switch precision {
            case .int8: self = .bytes
            case .float32: self = FloatMap.isFast(outputCount: outputCount) ? .panels : .rows
            }
        }
    }

    var outputCount: Int { bias.count }
    var weightCount: Int { inputCount * outputCount }

    /// Reads the weights, and lays them out.
    func packed() -> BertWeights.Map {
        let weight = weights.flatMap { $0.floats() }
        return switch form {
        case .rows: .floats(BertWeights.Linear(weight: weight, bias: bias, inputCount: inputCount))
        case .panels: .packed(FloatMap(weight: weight, bias: bias, inputCount: inputCount))
        case .bytes:
            .bytes(ByteMap(weight: weight, bias: bias, inputCount: inputCount, inputMaxima: inputMaxima))
        }
    }
}

/// Finds the parts of a layer among a BERT's tensors, by their published names.
private struct TensorReader<Source: TensorSource> {
    let tensors: Source
    let configuration: BertConfiguration
    let precision: Precision
    let calibration: Calibration?

    static var mapsPerLayer: Int { 4 }

    func types() throws(EmbeddingError) -> (first: [Float], second: [Float]?) {
        let (name, hidden) = ("embeddings.token_type_embeddings.weight", configuration.hiddenSize)
        guard configuration.typeCount > 0, tensors.hasTensor(name) else {
            return ([Float](repeating: 0, count: hidden), nil)
        }
        let all = try tensors.floats(name, shape: [configuration.typeCount, hidden])
        return (
            Array(all.prefix(hidden)),
            configuration.typeCount > 1 ? Array(all[hidden..<2 * hidden]) : nil
        )
    }

    /// Query, key and value; the attention's output; expansion; contraction.
    func maps(ofLayer layer: Int) throws(EmbeddingError) -> [StoredMap] {
        let (name, hidden) = ("encoder.layer.\(layer)", configuration.hiddenSize)
        let maxima = calibration?.layers[layer]
        let attention = ["query", "key", "value"].map { "\(name).attention.self.\($0)" }
        return [
            try map(attention, from: hidden, to: hidden, maxima?.attention),
            try map(["\(name).attention.output.dense"], from: hidden, to: hidden),
            try map(
                ["\(name).intermediate.dense"], from: hidden, to: configuration.intermediateSize,
                maxima?.expansion),
            try map(["\(name).output.dense"], from: configuration.intermediateSize, to: hidden),
        ]
    }

    func normalizations(
        ofLayer layer: Int
    ) throws(EmbeddingError) -> (
        attention: TransformerKernels.Normalization, output: TransformerKernels.Normalization
    ) {
        (
            try normalization("encoder.layer.\(layer).attention.output.LayerNorm"),
            try normalization("encoder.layer.\(layer).output.LayerNorm")
        )
    }

    func normalization(_ name: String) throws(EmbeddingError) -> TransformerKernels.Normalization {
        let width = configuration.hiddenSize
        return TransformerKernels.Normalization(
            gain: try tensors.floats("\(name).weight", shape: [width]),
            shift: try tensors.floats("\(name).bias", shape: [width]), epsilon: configuration.layerNormEpsilon
        )
    }

    /// - Parameter outputCount: of each of the maps that are stacked.
    private func map(
        _ names: [String], from inputCount: Int, to outputCount: Int, _ inputMaxima: [Float]? = nil
    ) throws(EmbeddingError) -> StoredMap {
        var (weights, bias): ([StoredTensor], [Float]) = ([], [])
        for name in names {
            weights.append(try tensors.tensor("\(name).weight", shape: [outputCount, inputCount]))
            bias += try tensors.floats("\(name).bias", shape: [outputCount])
        }
        return StoredMap(
            weights: weights, bias: bias, inputCount: inputCount,
            form: StoredMap.Form(precision, outputCount: bias.count), inputMaxima: inputMaxima ?? [])
    }
}
