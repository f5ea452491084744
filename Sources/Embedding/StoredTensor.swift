import Kernels

/// Weights by name, in a file that was checked as far as its format can be.
package protocol TensorSource: Sendable {
    /// Where a tensor of `shape` lies, once everything that is stated about it was found true.
    ///
    /// - Throws: `tensorMissing`, `tensorTypeMismatch`, `tensorShapeMismatch`, `tensorBytesMismatch`.
    func tensor(_ name: String, shape: [Int]) throws(EmbeddingError) -> StoredTensor

    func hasTensor(_ name: String) -> Bool
}

extension TensorSource {
    /// The values of a tensor, row-major, copied. Throws as `tensor`.
    package func floats(_ name: String, shape: [Int]) throws(EmbeddingError) -> [Float] {
        try tensor(name, shape: shape).floats()
    }

    /// A matrix that stays in the file until its rows are read. Throws as `tensor`.
    package func rows(_ name: String, rowCount: Int, width: Int) throws(EmbeddingError) -> StoredRows {
        StoredRows(tensor: try tensor(name, shape: [rowCount, width]), rowCount: rowCount, width: width)
    }
}

/// A tensor in a mapped file: its bytes are inside the file, and as many as `count` numbers take.
package struct StoredTensor: Sendable {
    let file: MappedFile
    let byteOffset: Int
    let kind: StoredFloats
    let count: Int

    func floats() -> [Float] {
        var values = [Float](repeating: 0, count: count)
        var target = values.mutableSpan
        read(0..<count, into: &target)
        return values
    }

    /// Copies the numbers in `range`, which begins and ends between blocks.
    fileprivate func read(_ range: Range<Int>, into target: inout MutableSpan<Float>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not in \(count) numbers")
        let start = byteOffset + kind.byteCount(of: range.lowerBound)
        file.withBytes(start..<start + kind.byteCount(of: range.count)) { bytes in
            kind.widen(bytes, into: &target)
        }
    }
}

/// A `rowCount × width` matrix in a mapped file.
package struct StoredRows: Sendable {
    private let tensor: StoredTensor
    package let rowCount: Int
    package let width: Int

    fileprivate init(tensor: StoredTensor, rowCount: Int, width: Int) {
        (self.tensor, self.rowCount, self.width) = (tensor, rowCount, width)
    }

    /// Copies the rows numbered `rows`, one below the other, filling `values`.
    package func read(_ rows: [Int], into values: inout [Float]) {
        precondition(
            values.count >= rows.count * width,
            "\(rows.count) × \(width) values need room for as many, found \(values.count)")
        var target = values.mutableSpan
        for (place, row) in rows.enumerated() {
            precondition((0..<rowCount).contains(row), "row \(row) is not one of \(rowCount)")
            var part = target._mutatingExtracting(place * width..<(place + 1) * width)
            tensor.read(row * width..<(row + 1) * width, into: &part)
        }
    }
}
