package import Foundation
import Kernels

/// Tensors of a safetensors file (https://github.com/huggingface/safetensors), memory-mapped.
///
///     offset          bytes   meaning
///     0               8       n, the header's length, little-endian
///     8               n       JSON: { name: { "dtype": "F32", "shape": [3, 4],
///                             "data_offsets": [begin, end] }, … }; of the types F32, F16 and BF16 are read
///     8 + n           rest    data; `begin` and `end` count from here
///
/// The header may hold `__metadata__`, which is ignored. There is no checksum: `model.json` states the file's
/// size and sha256. Every length and offset is checked against the file before it is used.
package struct SafetensorsFile: TensorSource {
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

    /// The tensors' names, in no order.
    package var names: some Sequence<String> { tensors.keys }

    package func hasTensor(_ name: String) -> Bool { tensors[name] != nil }

    package func tensor(_ name: String, shape: [Int]) throws(EmbeddingError) -> StoredTensor {
        guard let tensor = tensors[name] else { throw .tensorMissing(name: name) }
        guard let kind = Self.kinds[tensor.dtype] else {
            throw .tensorTypeMismatch(name: name, found: tensor.dtype, expected: "F32, F16 or BF16")
        }
        guard tensor.shape == shape else {
            throw .tensorShapeMismatch(name: name, found: tensor.shape, expected: shape)
        }
        let count = shape.reduce(1, *)
        let offsets = tensor.dataOffsets
        let expectedCount = kind.byteCount(of: count)
        let dataCount = byteCount - dataOffset
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataCount,
            offsets[1] - offsets[0] == expectedCount
        else {
            throw .tensorBytesMismatch(
                name: name, found: offsets, expectedCount: expectedCount, within: dataCount)
        }
        return StoredTensor(file: file, byteOffset: dataOffset + offsets[0], kind: kind, count: count)
    }

    private static let kinds: [String: StoredFloats] = [
        "F32": .float32, "F16": .float16, "BF16": .bfloat16,
    ]
}
