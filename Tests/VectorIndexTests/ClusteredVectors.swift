import Foundation
import TestSupport
import VectorIndex

/// Vectors in clusters, of unit length: data that inverted lists are made for.
struct ClusteredVectors {
    let dimension: Int
    private let centers: [[Float]]
    private var random: SplitMix64

    init(dimension: Int, clusters: Int, seed: UInt64) {
        self.dimension = dimension
        var random = SplitMix64(seed: seed)
        centers = (0..<clusters).map { _ in Self.unit(random.realVector(dimension)) }
        self.random = random
    }

    mutating func next() -> [Float] {
        let center = centers[Int.random(in: 0..<centers.count, using: &random)]
        let noise = random.realVector(dimension)
        return Self.unit(zip(center, noise).map { $0 + 0.06 * $1 })
    }

    mutating func rows(_ numbers: Range<Int64>, documentOf: (Int64) -> Int64 = { $0 }) -> [IndexRow] {
        numbers.map { IndexRow($0, document: documentOf($0), next()) }
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / max(length, .leastNormalMagnitude) }
    }
}

extension VectorIndex {
    /// An index whose rows are all in one listed segment, number 3, made by quantizer 2.
    static func listed(
        _ rows: [IndexRow], dimension: Int, listCount: Int, in directory: URL, seed: UInt64 = 1
    ) throws -> VectorIndex {
        let index = VectorIndex(configuration: .init(dimension: dimension))
        let builder = try SegmentBuilder(
            number: 1, dimension: dimension, rowCount: rows.count, sequences: 1...1, in: directory)
        try builder.append(rows)
        try index.open([builder.finish()], in: directory)
        try index.publish(
            index.trainQuantizer(number: 2, in: directory, listCount: listCount, seed: seed), in: directory)
        try index.publish(index.compact([1], into: 3, in: directory), in: directory, replacing: [1])
        return index
    }
}

/// Share of the true k nearest that were found.
func recall(_ found: [Neighbor], of truth: [Neighbor]) -> Double {
    Double(Set(found.map(\.row)).intersection(truth.map(\.row)).count) / Double(max(1, truth.count))
}
