import Foundation
import TestSupport
public import VectorIndex

/// A directory of its own that is removed with the object.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "vector-index-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The bytes of a segment's file.
    func bytes(of segment: SegmentDescription) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: url.appending(path: segment.fileName)))
    }
}

extension SplitMix64 {
    /// Components are small integers: every dot product is exact in Float32, however it is summed, and ties
    /// abound.
    mutating func vector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in Float(Int.random(in: -3...3, using: &self)) }
    }

    mutating func realVector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in Float.random(in: -1...1, using: &self) }
    }
}

extension RowID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) {
        self.init(rawValue: value)
    }
}

extension IndexRow {
    init(_ row: Int64, document: Int64 = 1, born: Int64 = 1, _ vector: [Float]) {
        self.init(row: RowID(rawValue: row), document: document, bornSequence: born, vector: vector)
    }
}

/// What an index should answer, by sorting everything.
struct BruteForce {
    var rows: [RowID: IndexRow] = [:]

    func search(_ query: [Float], k: Int, where matches: (IndexRow) -> Bool = { _ in true }) -> [Neighbor] {
        let all = rows.values.filter(matches).map { row in
            let similarity = zip(query, row.vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            return Neighbor(row: row.row, document: row.document, similarity: similarity)
        }
        let sorted = all.sorted { ($1.similarity, $0.row) < ($0.similarity, $1.row) }
        return Array(sorted.prefix(k))
    }

    mutating func apply(_ change: IndexChange) {
        for row in change.insertions { rows[row.row] = row }
        for row in change.deletions { rows[row] = nil }
    }
}
