import Foundation
import TestSupport
import Testing
import VectorIndex

/// Filters that admit too many rows to compare and too few to look for list by list.
@Suite struct FewAdmittedRowsTests {
    private static let dimension = 40
    private static let rowCount: Int64 = 12_000

    /// 600 rows, 12 each; between 512 and a twelfth of all.
    private static let filter = RowFilter.documents((0..<50).map { $0 * 19 })

    private let directory: TemporaryDirectory
    private let index: VectorIndex
    private let queries: [[Float]]

    init() throws {
        directory = try TemporaryDirectory()
        var source = ClusteredVectors(dimension: Self.dimension, clusters: 60, seed: 11)
        let rows = source.rows(0..<Self.rowCount) { $0 % 1_000 }
        index = try VectorIndex.listed(rows, dimension: Self.dimension, listCount: 64, in: directory.url)
        queries = (0..<60).map { _ in source.next() }
    }

    private func search(_ query: [Float], k: Int) throws -> SearchResult {
        try index.snapshot.search(query, k: k, options: SearchOptions(filter: Self.filter))
    }

    @Test func `their codes are scanned and no others, and the recall target is met`() throws {
        var found = 0.0
        for query in queries {
            let result = try search(query, k: 10)
            #expect(result.work.codedRowCount == 600 && result.work.listCount == 0)
            #expect(result.work.rerankedRowCount < 300)
            #expect(result.expectedRecall >= 0.95)
            #expect(result.neighbors.allSatisfy { Self.filter.admits(row: $0.row, document: $0.document) })
            found += recall(
                result.neighbors, of: try index.snapshot.search(query, k: 10, filter: Self.filter))
        }
        // Observed 0.998: no list is left out.
        #expect(found / Double(queries.count) >= 0.97)
    }

    @Test func `scores are those of an exact search, bit for bit`() throws {
        let exact = try index.snapshot.search(queries[0], k: 600, filter: Self.filter)
        let scores = Dictionary(uniqueKeysWithValues: exact.map { ($0.row, $0.similarity) })
        for neighbor in try search(queries[0], k: 10).neighbors {
            #expect(scores[neighbor.row] == neighbor.similarity)
        }
    }

    @Test func `k beyond the matches returns them all`() throws {
        let found = try search(queries[0], k: 1_000).neighbors
        #expect(found == (try index.snapshot.search(queries[0], k: 1_000, filter: Self.filter)))
        #expect(found.count == 600)
    }

    @Test func `the dead are not returned, and those inserted are`() throws {
        let nearest = try search(queries[0], k: 20).neighbors.map(\.row)
        let newcomer = IndexRow(
            row: RowID(rawValue: 50_000), document: 19, bornSequence: 2, vector: queries[0])
        try index.apply(
            IndexChange(sequence: 2, insertions: [newcomer], deletions: nearest.sorted()))
        let found = try search(queries[0], k: 20)
        #expect(found.work.codedRowCount == 580 && found.work.exactRowCount == 1)
        #expect(found.neighbors.count == 20 && found.neighbors.first?.row == newcomer.row)
        #expect(Set(found.neighbors.map(\.row)).isDisjoint(with: nearest))
    }

    @Test func `a zero query is answered`() throws {
        #expect(try search([Float](repeating: 0, count: Self.dimension), k: 3).neighbors.count == 3)
    }

    @Test func `many queries at once find what each finds alone`() throws {
        let batch = try index.snapshot.search(
            batch: queries, k: 10, options: SearchOptions(filter: Self.filter))
        for (query, result) in zip(queries, batch) {
            #expect(result.neighbors == (try search(query, k: 10).neighbors))
        }
    }
}
