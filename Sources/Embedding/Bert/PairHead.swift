import Foundation
import Kernels

/// What makes a score of a pair's first row, in a `BertForSequenceClassification` of one class: the pooler, which is a
/// linear map and tanh, and a linear map to one number.
struct PairHead: Sendable {
    /// H × H, outputs by inputs, and its bias.
    private let pooler: [Float]
    private let poolerBias: [Float]

    /// H values, and a bias.
    private let classifier: [Float]
    private let classifierBias: Float
    private let width: Int

    /// - Parameters:
    ///   - file: holds the classifier, whose name has no prefix.
    ///   - encoder: the same file's tensors of the encoder, the pooler among them.
    /// - Throws: as `TensorSource.tensor`; `tensorShapeMismatch` for a model of several classes.
    init(_ file: SafetensorsFile, _ encoder: BertTensors, width: Int) throws(EmbeddingError) {
        self.width = width
        pooler = try encoder.floats("pooler.dense.weight", shape: [width, width])
        poolerBias = try encoder.floats("pooler.dense.bias", shape: [width])
        classifier = try file.floats("classifier.weight", shape: [1, width])
        classifierBias = try file.floats("classifier.bias", shape: [1])[0]
    }

    /// The score of each row, as the model has it: no function is put behind the last map.
    ///
    /// - Parameter rows: `… × H`.
    func scores(of rows: [Float]) -> [Double] {
        let count = rows.count / width
        var pooled = [Float](repeating: 0, count: rows.count)
        var target = pooled.mutableSpan
        let shape = MatrixShape(rowCount: count, columnCount: width)
        MatrixProduct.rowsByRows(
            rows.span, shape, pooler.span, MatrixShape(rowCount: width, columnCount: width), into: &target,
            shape)
        return (0..<count).map { row in
            (0..<width).reduce(Double(classifierBias)) { sum, column in
                sum + Double(tanh(pooled[row * width + column] + poolerBias[column]))
                    * Double(classifier[column])
            }
        }
    }
}
