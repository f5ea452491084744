import Kernels

/// One forward pass of BERT over a batch of texts (J. Devlin et al., 2018, https://arxiv.org/abs/1810.04805).
///
/// The rows of all texts lie one below the other, T in all, without padding: linear maps see one T-row
/// matrix, attention each text by itself. H is the hidden size, F the intermediate one.
struct BertPass {
    private let configuration: BertConfiguration
    private let weights: BertWeights

    /// Where each text's rows are.
    private let rowRanges: [Range<Int>]
    private let rowCount: Int

    /// Where the pass does its work; at least as long as it needs.
    private(set) var buffers: BertBuffers

    /// Zeros: what a normalisation adds that follows a map with a bias of its own.
    private let noBias: [Float]

    /// - Parameters:
    ///   - texts: token ids, each text not empty and no longer than the model has positions.
    ///   - secondStarts: for pairs, where in each text the tokens of the second type begin; the model has that type.
    ///   - buffers: of an earlier pass of the same model, or new ones.
    init(
        _ texts: [[Int32]], secondStarts: [Int]? = nil, configuration: BertConfiguration,
        weights: BertWeights, buffers: consuming BertBuffers
    ) {
        self.configuration = configuration
        self.weights = weights
        var end = 0
        rowRanges = texts.map { ids in
            defer { end += ids.count }
            return end..<end + ids.count
        }
        rowCount = end
        noBias = [Float](repeating: 0, count: configuration.hiddenSize)
        self.buffers = buffers
        self.buffers.grow(to: end, configuration)
        embed(texts, secondStarts)
    }

    /// Runs all layers and returns one unit-length row for each text, `texts.count × H`.
    mutating func run(pooling: Pooling) -> [Float] {
        runLayers()
        return pooling.apply(to: buffers.hidden, rowRanges, width: configuration.hiddenSize)
    }

    /// Runs all layers and returns each text's first row as it is, `texts.count × H`.
    mutating func runFirstRows() -> [Float] {
        runLayers()
        let width = configuration.hiddenSize
        return rowRanges.flatMap { rows in
            buffers.hidden[rows.lowerBound * width..<(rows.lowerBound + 1) * width]
        }
    }

    private mutating func runLayers() {
        for layer in weights.layers {
            attend(layer)
            feedForward(layer)
        }
    }

    /// Runs all layers and returns how large the inputs of their maps become.
    mutating func runMeasuring() -> [Calibration.Layer] {
        weights.layers.map { layer in
            let attention = hiddenMaxima()
            attend(layer)
            let expansion = hiddenMaxima()
            feedForward(layer)
            return Calibration.Layer(attention: attention, expansion: expansion)
        }
    }

    private func hiddenMaxima() -> [Float] {
        let width = configuration.hiddenSize
        var maxima = [Float](repeating: 0, count: width)
        for (index, value) in buffers.hidden.prefix(rowCount * width).enumerated() {
            maxima[index % width] = max(maxima[index % width], abs(value))
        }
        return maxima
    }

    /// hidden = LayerNorm(word + position + type).
    private mutating func embed(_ texts: [[Int32]], _ secondStarts: [Int]?) {
        let width = configuration.hiddenSize
        weights.words.read(texts.joined().map(Int.init), into: &buffers.update)
        for (ids, rows) in zip(texts, rowRanges) {
            precondition(
                (1...configuration.positionCount).contains(ids.count),
                "a text of \(ids.count) tokens for \(configuration.positionCount) positions")
            let start = rows.lowerBound * width
            for element in 0..<ids.count * width {
                buffers.hidden[start + element] = weights.positions[element]
            }
        }
        guard let secondStarts, let second = weights.secondType else {
            return normalizeUpdate(bias: weights.type, weights.embeddingNorm)
        }
        // The normalisation adds one bias to all rows, and here they differ in their type.
        for (start, rows) in zip(secondStarts, rowRanges) {
            for row in rows {
                let type = row < rows.lowerBound + start ? weights.type : second
                for column in 0..<width { buffers.hidden[row * width + column] += type[column] }
            }
        }
        normalizeUpdate(bias: noBias, weights.embeddingNorm)
    }

    /// hidden = LayerNorm(hidden + output(softmax(query · keyᵀ / √headSize) · value)).
    private mutating func attend(_ layer: BertWeights.Layer) {
        layer.queryKeyValue.apply(
            to: buffers.hidden, into: &buffers.queryKeyValue, rowCount: rowCount, scratch: &buffers.bytes)
        for rows in rowRanges {
            configuration.attend(
                rows, from: buffers.queryKeyValue, by: &buffers.attention, into: &buffers.context,
                rounding: weights.areRounded)
        }
        layer.attentionOutput.apply(
            to: buffers.context, into: &buffers.update, rowCount: rowCount, leavingBias: true,
            scratch: &buffers.bytes)
        normalizeUpdate(bias: layer.attentionOutput.biasLeft ?? noBias, layer.attentionNorm)
    }

    /// hidden = LayerNorm(hidden + contraction(GELU(expansion(hidden)))).
    private mutating func feedForward(_ layer: BertWeights.Layer) {
        let isExact = configuration.activation == .gelu
        layer.expansion.apply(
            to: buffers.hidden, into: &buffers.expanded, rowCount: rowCount,
            then: isExact ? .gelu : .identity, scratch: &buffers.bytes)
        if !isExact { applyTanhGELU() }
        layer.contraction.apply(
            to: buffers.expanded, into: &buffers.update, rowCount: rowCount, leavingBias: true,
            scratch: &buffers.bytes)
        normalizeUpdate(bias: layer.contraction.biasLeft ?? noBias, layer.outputNorm)
    }

    private mutating func applyTanhGELU() {
        let used = 0..<rowCount * configuration.intermediateSize
        var all = buffers.expanded.mutableSpan
        var target = all._mutatingExtracting(used)
        TransformerKernels.applyTanhGELU(to: &target)
    }

    /// hidden = LayerNorm(update + bias + hidden).
    private mutating func normalizeUpdate(bias: [Float], _ normalization: TransformerKernels.Normalization) {
        normalization.apply(to: &buffers.update, rowCount: rowCount, bias: bias, residual: buffers.hidden)
        swap(&buffers.hidden, &buffers.update)
    }
}

extension TransformerKernels.Normalization {
    fileprivate func apply(to rows: inout [Float], rowCount: Int, bias: [Float], residual: [Float]) {
        let used = 0..<rowCount * bias.count
        var all = rows.mutableSpan
        var target = all._mutatingExtracting(used)
        TransformerKernels.addAndNormalizeRows(
            of: &target, rowCount: rowCount, bias: bias.span, residual: residual.span.extracting(used),
            by: self)
    }
}

extension BertWeights.Map {
    /// The bias that `apply` leaves to the normalisation after it, which adds one anyway; nil if it leaves none.
    fileprivate var biasLeft: [Float]? {
        if case .floats(let map) = self { map.bias } else { nil }
    }

    private var counts: (input: Int, output: Int) {
        switch self {
        case .floats(let map): (map.inputCount, map.outputCount)
        case .packed(let map): (map.inputCount, map.outputCount)
        case .bytes(let map): (map.inputCount, map.outputCount)
        }
    }

    /// output = function(input · weightᵀ + bias), rowCount × outputCount.
    ///
    /// - Parameter leavingBias: whether `biasLeft` is added by whoever comes next; only without a function.
    fileprivate func apply(
        to input: [Float], into output: inout [Float], rowCount: Int,
        then function: ByteMap.Function = .identity, leavingBias: Bool = false,
        scratch: inout ByteMap.Scratch
    ) {
        let input = input.span.extracting(0..<rowCount * counts.input)
        var all = output.mutableSpan
        var target = all._mutatingExtracting(0..<rowCount * counts.output)
        switch self {
        case .packed(let map):
            map.apply(to: input, rowCount: rowCount, into: &target, then: function)
        case .bytes(let map):
            map.apply(to: input, rowCount: rowCount, into: &target, then: function, scratch: &scratch)
        case .floats(let map):
            map.weight.withNumbers { weight in
                MatrixProduct.rowsByRows(
                    input, MatrixShape(rowCount: rowCount, columnCount: map.inputCount), weight, map.shape,
                    into: &target, MatrixShape(rowCount: rowCount, columnCount: map.outputCount))
            }
            switch function {
            case .identity where leavingBias: break
            case .identity:
                TransformerKernels.addBias(to: &target, rowCount: rowCount, bias: map.bias.span)
            case .gelu:
                TransformerKernels.addBiasAndGELU(to: &target, rowCount: rowCount, bias: map.bias.span)
            }
        }
    }
}

extension BertConfiguration {
    /// Attention of all heads in one text.
    ///
    /// - Parameter rounding: whether what is multiplied may be rounded, as it is elsewhere with such weights.
    fileprivate func attend(
        _ rows: Range<Int>, from queryKeyValue: [Float], by attention: inout [Float],
        into context: inout [Float], rounding: Bool
    ) {
        guard Attention.isFast(headSize: headSize) else {
            let room = rows.count * rows.count
            if attention.count < room { attention = [Float](repeating: 0, count: room) }
            for head in 0..<headCount {
                attend(rows, head: head, from: queryKeyValue, by: &attention, into: &context)
            }
            return
        }
        let source = (rows.lowerBound * 3 * hiddenSize)..<(rows.upperBound * 3 * hiddenSize)
        var all = context.mutableSpan
        var target = all._mutatingExtracting((rows.lowerBound * hiddenSize)..<(rows.upperBound * hiddenSize))
        Attention.apply(
            to: queryKeyValue.span.extracting(source), rowCount: rows.count, headCount: headCount,
            headSize: headSize, into: &target, rounding: rounding, scratch: &attention)
    }

    /// Attention of one head in one text: softmax(query · keyᵀ / √headSize) · value.
    ///
    /// - Parameters:
    ///   - rows: the text's rows, n of them.
    ///   - queryKeyValue: T × 3H, of which the head's columns are read.
    ///   - attention: room for n × n.
    ///   - context: T × H, of which the head's columns are written.
    fileprivate func attend(
        _ rows: Range<Int>, head: Int, from queryKeyValue: [Float], by attention: inout [Float],
        into context: inout [Float]
    ) {
        let part = MatrixShape(rowCount: rows.count, columnCount: headSize, stride: 3 * hiddenSize)
        let first = rows.lowerBound * part.stride + head * headSize
        let source = queryKeyValue.span
        let query = source.extracting(first..<first + part.elementCount)
        let key = source.extracting(first + hiddenSize..<first + hiddenSize + part.elementCount)
        let value = source.extracting(first + 2 * hiddenSize..<first + 2 * hiddenSize + part.elementCount)

        let square = MatrixShape(rowCount: rows.count, columnCount: rows.count)
        var room = attention.mutableSpan
        var scores = room._mutatingExtracting(0..<square.elementCount)
        MatrixProduct.rowsByRows(query, part, key, part, into: &scores, square)
        TransformerKernels.softmaxRows(
            of: &scores, rowCount: rows.count, width: rows.count, scale: 1 / Float(headSize).squareRoot())

        let output = MatrixShape(rowCount: rows.count, columnCount: headSize, stride: hiddenSize)
        let start = rows.lowerBound * hiddenSize + head * headSize
        var all = context.mutableSpan
        var target = all._mutatingExtracting(start..<start + output.elementCount)
        MatrixProduct.rowsByColumns(scores.span, square, value, part, into: &target, output)
    }
}
