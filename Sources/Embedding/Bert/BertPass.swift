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

    /// T × H: what the layers pass on.
    private var hidden: [Float]

    /// T × H: the output of a map, until it is added to `hidden` and takes its place.
    private var update: [Float]

    /// T × 3H: query, key, value of each row.
    private var queryKeyValue: [Float]

    /// T × H: the heads' outputs side by side.
    private var context: [Float]

    /// Attention: of one head in one text, or room for the kernel that makes do with less.
    private var attention: [Float] = []
    private var bytes = ByteMap.Scratch()

    /// T × F.
    private var expanded: [Float]

    /// Zeros: what a normalisation adds that follows a map with a bias of its own.
    private let noBias: [Float]

    /// - Parameter texts: token ids, each text not empty and no longer than the model has positions.
    init(_ texts: [[Int32]], configuration: BertConfiguration, weights: BertWeights) {
        self.configuration = configuration
        self.weights = weights
        var end = 0
        rowRanges = texts.map { ids in
            defer { end += ids.count }
            return end..<end + ids.count
        }
        rowCount = end
        let width = configuration.hiddenSize
        noBias = [Float](repeating: 0, count: width)
        hidden = [Float](repeating: 0, count: end * width)
        update = hidden
        context = hidden
        queryKeyValue = [Float](repeating: 0, count: 3 * end * width)
        expanded = [Float](repeating: 0, count: end * configuration.intermediateSize)
        embed(texts)
    }

    /// Runs all layers and returns one unit-length row for each text, `texts.count × H`.
    mutating func run() -> [Float] {
        for layer in weights.layers {
            attend(layer)
            feedForward(layer)
        }
        return pooled()
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
        for (index, value) in hidden.enumerated() {
            maxima[index % width] = max(maxima[index % width], abs(value))
        }
        return maxima
    }

    /// hidden = LayerNorm(word + position + type).
    private mutating func embed(_ texts: [[Int32]]) {
        let width = configuration.hiddenSize
        weights.words.read(texts.joined().map(Int.init), into: &update)
        for (ids, rows) in zip(texts, rowRanges) {
            precondition(
                (1...configuration.positionCount).contains(ids.count),
                "a text of \(ids.count) tokens for \(configuration.positionCount) positions")
            let start = rows.lowerBound * width
            for element in 0..<ids.count * width { hidden[start + element] = weights.positions[element] }
        }
        normalizeUpdate(bias: weights.type, weights.embeddingNorm)
    }

    /// hidden = LayerNorm(hidden + output(softmax(query · keyᵀ / √headSize) · value)).
    private mutating func attend(_ layer: BertWeights.Layer) {
        layer.queryKeyValue.apply(to: hidden, into: &queryKeyValue, rowCount: rowCount, scratch: &bytes)
        for rows in rowRanges {
            configuration.attend(rows, from: queryKeyValue, by: &attention, into: &context)
        }
        layer.attentionOutput.apply(
            to: context, into: &update, rowCount: rowCount, leavingBias: true, scratch: &bytes)
        normalizeUpdate(bias: layer.attentionOutput.biasLeft ?? noBias, layer.attentionNorm)
    }

    /// hidden = LayerNorm(hidden + contraction(GELU(expansion(hidden)))).
    private mutating func feedForward(_ layer: BertWeights.Layer) {
        layer.expansion.apply(
            to: hidden, into: &expanded, rowCount: rowCount, then: .gelu, scratch: &bytes)
        layer.contraction.apply(
            to: expanded, into: &update, rowCount: rowCount, leavingBias: true, scratch: &bytes)
        normalizeUpdate(bias: layer.contraction.biasLeft ?? noBias, layer.outputNorm)
    }

    /// hidden = LayerNorm(update + bias + hidden).
    private mutating func normalizeUpdate(bias: [Float], _ normalization: TransformerKernels.Normalization) {
        normalization.apply(to: &update, bias: bias, residual: hidden)
        swap(&hidden, &update)
    }

    /// The mean of each text's rows, special tokens included, scaled to unit length.
    private func pooled() -> [Float] {
        let width = configuration.hiddenSize
        var result = [Float](repeating: 0, count: rowRanges.count * width)
        for (text, rows) in rowRanges.enumerated() {
            for row in rows {
                for column in 0..<width { result[text * width + column] += hidden[row * width + column] }
            }
            // Scaling to unit length makes dividing by the count needless.
            var squares: Float = 0
            for column in 0..<width {
                squares += result[text * width + column] * result[text * width + column]
            }
            let factor = squares > 0 ? 1 / squares.squareRoot() : 0
            for column in 0..<width { result[text * width + column] *= factor }
        }
        return result
    }
}

extension TransformerKernels.Normalization {
    fileprivate func apply(to rows: inout [Float], bias: [Float], residual: [Float]) {
        let rowCount = rows.count / bias.count
        var target = rows.mutableSpan
        TransformerKernels.addAndNormalizeRows(
            of: &target, rowCount: rowCount, bias: bias.span, residual: residual.span, by: self)
    }
}

extension BertWeights.Map {
    /// The bias that `apply` leaves to the normalisation after it, which adds one anyway; nil if it leaves none.
    fileprivate var biasLeft: [Float]? {
        if case .floats(let map) = self { map.bias } else { nil }
    }

    /// output = function(input · weightᵀ + bias), rowCount × outputCount.
    ///
    /// - Parameter leavingBias: whether `biasLeft` is added by whoever comes next; only without a function.
    fileprivate func apply(
        to input: [Float], into output: inout [Float], rowCount: Int,
        then function: ByteMap.Function = .identity, leavingBias: Bool = false,
        scratch: inout ByteMap.Scratch
    ) {
        var target = output.mutableSpan
        switch self {
        case .bytes(let map):
            map.apply(to: input.span, rowCount: rowCount, into: &target, then: function, scratch: &scratch)
        case .floats(let map):
            MatrixProduct.rowsByRows(
                input.span, MatrixShape(rowCount: rowCount, columnCount: map.inputCount), map.weight.span,
                map.shape, into: &target, MatrixShape(rowCount: rowCount, columnCount: map.outputCount))
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
    fileprivate func attend(
        _ rows: Range<Int>, from queryKeyValue: [Float], by attention: inout [Float],
        into context: inout [Float]
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
            headSize: headSize, into: &target, scratch: &attention)
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
