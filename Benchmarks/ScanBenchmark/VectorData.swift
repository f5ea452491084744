import Foundation

/// Base vectors and queries of one dimension.
struct VectorData {
    let base: [[Float]]
    let queries: [[Float]]
    let dimension: Int

    init(base: [[Float]], queries: [[Float]]) throws {
        guard let dimension = base.first?.count, dimension > 0 else { throw VectorFileError.empty }
        for vector in base + queries where vector.count != dimension {
            throw VectorFileError.dimension(expected: dimension, found: vector.count)
        }
        (self.base, self.queries, self.dimension) = (base, queries, dimension)
    }

    /// Unit vectors, uniform in direction.
    init(seed: UInt64, rowCount: Int, queryCount: Int, dimension: Int) {
        var random = SplitMix64(state: seed)
        base = (0..<rowCount).map { _ in random.unitVector(dimension) }
        queries = (0..<queryCount).map { _ in random.unitVector(dimension) }
        self.dimension = dimension
    }
}

enum VectorFileError: Error {
    case empty
    case dimension(expected: Int, found: Int)
    case truncated(path: String, byteOffset: Int)
}

/// The .fvecs and .ivecs files of the TEXMEX corpora (http://corpus-texmex.irisa.fr): per vector its
/// dimension as a little-endian int32, then as many little-endian float32 or int32.
enum VectorFile {
    static func floats(path: String, countMax: Int) throws -> [[Float]] {
        try words(path: path, countMax: countMax).map { $0.map(Float.init(bitPattern:)) }
    }

    static func integers(path: String, countMax: Int) throws -> [[Int]] {
        try words(path: path, countMax: countMax).map { $0.map { Int(Int32(bitPattern: $0)) } }
    }

    private static func words(path: String, countMax: Int) throws -> [[UInt32]] {
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        }
        var vectors: [[UInt32]] = []
        var offset = 0
        while offset < bytes.count, vectors.count < countMax {
            guard offset + 4 <= bytes.count else {
                throw VectorFileError.truncated(path: path, byteOffset: offset)
            }
            let count = Int(word(offset))
            guard count <= (bytes.count - offset - 4) / 4 else {
                throw VectorFileError.truncated(path: path, byteOffset: offset)
            }
            vectors.append((0..<count).map { word(offset + 4 + 4 * $0) })
            offset += 4 + 4 * count
        }
        return vectors
    }
}

/// G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Each component a sum of four uniform numbers, near enough to normal for directions to be uniform.
    mutating func unitVector(_ dimension: Int) -> [Float] {
        let vector = (0..<dimension).map { _ in
            var (bits, sum) = (next(), Float(0))
            for _ in 0..<4 {
                sum += Float(bits & 0xFFFF) / 65_536 - 0.5
                bits >>= 16
            }
            return sum
        }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}
