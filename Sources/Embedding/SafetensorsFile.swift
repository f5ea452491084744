package import Foundation

/// Reads Float32 tensors from a safetensors file (https://github.com/huggingface/safetensors), memory-mapped.
///
///     offset          bytes   meaning
///     0               8       n, the header's length, little-endian
///     8               n       JSON: { name: { "dtype": "F32", "shape": [3, 4],
///                             "data_offsets": [begin, end] }, … }
///     8 + n           rest    data; `begin` and `end` count from here
///
/// The header may hold `__metadata__`, which is ignored. There is no checksum: `model.json` states the file's
/// size and sha256. Every length and offset is checked against the file before it is used.
package struct SafetensorsFile: Sendable {
    /// The format's own bound on the header, in bytes.
    private static let headerBytesMax = 100_000_000

    package let byteCount: Int
    private let file: MappedFile
    private let dataOffset: Int
    private let tensors: [String: Tensor]

    private struct Tensor: Sendable, Decodable {
        let dtype: String
        let shape: [Int]
        let dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    /// Maps the file and checks its header; reads no weights.
    ///
    /// - Throws: `fileMissing`, `fileUnreadable`, `malformedHeader`, `malformedJSON`.
    package init(_ url: URL) throws(EmbeddingError) {
        file = try MappedFile(path: url.path, name: url.lastPathComponent)
        byteCount = file.byteCount
        guard byteCount >= 8 else {
            throw .malformedHeader(
                file: file.name, byteOffset: 0, found: 8, expectedMax: UInt64(byteCount))
        }
        let headerBytes = file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let headerBytesMax = UInt64(min(byteCount - 8, Self.headerBytesMax))
        guard headerBytes <= headerBytesMax else {
            throw .malformedHeader(
                file: file.name, byteOffset: 0, found: headerBytes, expectedMax: headerBytesMax)
        }
        dataOffset = 8 + Int(headerBytes)
        do {
            let header = Data(file.bytes(8..<dataOffset))
            tensors = try JSONDecoder().decode([String: Entry].self, from: header).compactMapValues(\.tensor)
        } catch {
            throw .malformedJSON(file: file.name, cause: error)
        }
    }

    /// `__metadata__` has another form than the tensors beside it.
    private struct Entry: Decodable {
        let tensor: Tensor?

        init(from decoder: any Decoder) throws {
            let isMetadata = decoder.codingPath.last?.stringValue == "__metadata__"
            tensor = isMetadata ? nil : try Tensor(from: decoder)
        }
    }

    /// The values of a tensor, row-major, copied.
    ///
    /// - Throws: `tensorMissing`, `tensorTypeMismatch`, `tensorShapeMismatch`, `tensorBytesMismatch`.
    package func floats(_ name: String, shape: [Int]) throws(EmbeddingError) -> [Float] {
        let offset = try byteOffset(of: name, shape: shape)
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        var span = values.mutableSpan
        file.readFloats(at: offset, into: &span)
        return values
    }

    /// A matrix that stays in the file until its rows are read. Throws as `floats`.
    package func rows(_ name: String, rowCount: Int, width: Int) throws(EmbeddingError) -> Rows {
        Rows(
            file: file, byteOffset: try byteOffset(of: name, shape: [rowCount, width]), rowCount: rowCount,
            width: width)
    }

    /// A `rowCount × width` matrix in a mapped file.
    package struct Rows: Sendable {
        fileprivate let file: MappedFile
        fileprivate let byteOffset: Int
        package let rowCount: Int
        package let width: Int

        /// Copies the rows numbered `rows`, one below the other, filling `values`.
        package func read(_ rows: [Int], into values: inout [Float]) {
            precondition(
                values.count >= rows.count * width,
                "\(rows.count) × \(width) values need room for as many, found \(values.count)")
            var target = values.mutableSpan
            for (place, row) in rows.enumerated() {
                precondition((0..<rowCount).contains(row), "row \(row) is not one of \(rowCount)")
                var part = target._mutatingExtracting(place * width..<(place + 1) * width)
                file.readFloats(at: byteOffset + row * width * MemoryLayout<Float>.stride, into: &part)
            }
        }
    }

    /// Where a tensor's bytes begin in the file, once everything stated about it was found true.
    private func byteOffset(of name: String, shape: [Int]) throws(EmbeddingError) -> Int {
        guard let tensor = tensors[name] else { throw .tensorMissing(name: name) }
        guard tensor.dtype == "F32" else {
            throw .tensorTypeMismatch(name: name, found: tensor.dtype, expected: "F32")
        }
        guard tensor.shape == shape else {
            throw .tensorShapeMismatch(name: name, found: tensor.shape, expected: shape)
        }
        let offsets = tensor.dataOffsets
        let expectedCount = shape.reduce(MemoryLayout<Float>.stride, *)
        let dataCount = byteCount - dataOffset
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataCount,
            offsets[1] - offsets[0] == expectedCount
        else {
            throw .tensorBytesMismatch(
                name: name, found: offsets, expectedCount: expectedCount, within: dataCount)
        }
        return dataOffset + offsets[0]
    }
}
