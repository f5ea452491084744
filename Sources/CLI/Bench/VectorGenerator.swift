import Evaluation
import Foundation
import Kernels

/// Makes any number of vectors that lie like a sample of real ones.
///
/// Uniform random vectors have no clusters, and a mixture of Gaussians has clusters like no embedding's: both
/// flatter or slander an index. Here a vector is a real one, moved by the difference of two others of its
/// neighborhood (noise shaped as the data is there) and by a little noise in all directions, scaled to length
/// 1. How far is fitted to the sample (`GeneratorFit`).
struct VectorGenerator: Sendable {
    /// Length of the noise in all directions, relative to the difference's share: it fills the dimensions
    /// that the sample leaves empty, and more of it would show in the spectrum.
    private static let noiseShare: Float = 0.25

    /// Neighborhoods: at most this many, and each of about this many sample rows or more.
    private static let cellCountMax = 1024
    private static let cellRowsMin = 32

    /// Vectors made at a time. Blocks do not depend on each other, so that threads do not change the result.
    static let blockRows = 4096

    let dimension: Int
    let sample: [Float]

    /// The cell of each sample row, and the rows of each cell.
    private let cells: [Int]
    private let members: [[Int]]

    /// - Parameters:
    ///   - sample: rows of length 1, row-major.
    ///   - seed: by which the cells are drawn.
    init(sample: [Float], dimension: Int, seed: UInt64, pool: ComputePool) async throws {
        precondition(
            !sample.isEmpty && sample.count.isMultiple(of: dimension),
            "\(sample.count) numbers are no rows of \(dimension)")
        (self.sample, self.dimension) = (sample, dimension)
        let rowCount = sample.count / dimension
        let cellCount = max(1, min(Self.cellCountMax, rowCount / Self.cellRowsMin))
        let centers = Self.centers(cellCount, of: sample, dimension: dimension, seed: seed)
        let blocks = stride(from: 0, to: rowCount, by: Self.blockRows).map {
            $0..<min($0 + Self.blockRows, rowCount)
        }
        cells = try await pool.map(count: blocks.count, in: .background) { block in
            Self.nearest(of: blocks[block], in: sample, to: centers, dimension: dimension)
        }.flatMap { $0 }
        var members = [[Int]](repeating: [], count: cellCount)
        for (row, cell) in cells.enumerated() { members[cell].append(row) }
        self.members = members
    }

    /// `count` vectors, row-major: the block's first.
    ///
    /// - Parameters:
    ///   - difference: how far a vector is moved along the difference of two others.
    ///   - seed: of these vectors; the sample's cells stay.
    func rows(ofBlock block: Int, count: Int, difference: Float, seed: UInt64) -> [Float] {
        precondition((0...Self.blockRows).contains(count), "a block has \(Self.blockRows) rows, not \(count)")
        var random = SeededRandom(seed: seed &+ UInt64(block + 1) &* 0x9FB2_1C65_1E98_DF25)
        var rows = [Float](repeating: 0, count: count * dimension)
        let deviation = Self.noiseShare * difference / Float(dimension).squareRoot()
        for start in stride(from: 0, to: rows.count, by: dimension) {
            let own = random.below(cells.count)
            let cell = members[cells[own]]
            let (one, other) = (cell[random.below(cell.count)], cell[random.below(cell.count)])
            let (a, b, c) = (own * dimension, one * dimension, other * dimension)
            for index in 0..<dimension {
                rows[start + index] =
                    sample[a + index] + difference * (sample[b + index] - sample[c + index])
                    + deviation * random.normal()
            }
            VectorTable.normalize(&rows, start..<(start + dimension))
        }
        return rows
    }

    /// Any number of rows, of as many blocks as that takes, made at once.
    func rows(
        _ count: Int, difference: Float, seed: UInt64, pool: ComputePool
    ) async throws -> [Float] {
        let blockCount = (count + Self.blockRows - 1) / Self.blockRows
        return try await pool.map(count: blockCount, in: .background) { block in
            rows(
                ofBlock: block, count: min(Self.blockRows, count - block * Self.blockRows),
                difference: difference, seed: seed)
        }.flatMap { $0 }
    }

    /// Sample rows at random, which serve as cells' centers as well as k-means would: a cell only has to be
    /// local.
    private static func centers(
        _ count: Int, of sample: [Float], dimension: Int, seed: UInt64
    ) -> [Float] {
        var random = SeededRandom(seed: seed)
        let rowCount = sample.count / dimension
        var order = Array(0..<rowCount)
        for index in 0..<count { order.swapAt(index, index + random.below(rowCount - index)) }
        return order.prefix(count).flatMap { sample[($0 * dimension)..<(($0 + 1) * dimension)] }
    }

    private static func nearest(
        of rows: Range<Int>, in sample: [Float], to centers: [Float], dimension: Int
    ) -> [Int] {
        let cellCount = centers.count / dimension
        var scores = [Float](repeating: 0, count: rows.count * cellCount)
        var span = scores.mutableSpan
        MatrixProduct.rowsByRows(
            sample.span.extracting((rows.lowerBound * dimension)..<(rows.upperBound * dimension)),
            MatrixShape(rowCount: rows.count, columnCount: dimension), centers.span,
            MatrixShape(rowCount: cellCount, columnCount: dimension), into: &span,
            MatrixShape(rowCount: rows.count, columnCount: cellCount))
        return stride(from: 0, to: scores.count, by: cellCount).map { start in
            (0..<cellCount).reduce(0) { scores[start + $1] > scores[start + $0] ? $1 : $0 }
        }
    }
}
