import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite struct BatchedSearchTests {
    private static let dimension = 40
    private let directory: TemporaryDirectory
    private let index: VectorIndex
    private let queries: [[Float]]

    init() throws {
        directory = try TemporaryDirectory()
        var source = ClusteredVectors(dimension: Self.dimension, clusters: 60, seed: 6)
        let rows = source.rows(0..<6_000) { $0 % 1_000 }
        index = try VectorIndex.listed(rows, dimension: Self.dimension, listCount: 64, in: directory.url)
        // More than are searched together.
        queries = (0..<300).map { _ in source.next() }
    }

    private func meanRecall(_ results: [SearchResult], filter: RowFilter? = nil) throws -> Double {
        let truth = try index.snapshot.search(batch: queries, k: 10, filter: filter)
        let shares = zip(results, truth).map { recall($0.neighbors, of: $1) }
        return shares.reduce(0, +) / Double(shares.count)
    }

    @Test(arguments: [(0.8, 0.78), (0.95, 0.94), (0.99, 0.98)])
    func `a recall target is met`(target: Double, least: Double) throws {
        let results = try index.snapshot.search(
            batch: queries, k: 10, options: SearchOptions(recallTarget: target))
        #expect(results.count == queries.count)
        #expect(try meanRecall(results) >= least)
        #expect(results.allSatisfy { $0.expectedRecall >= target && $0.expectedRecall < 1 })
    }

    @Test func `a target of 1 is exact, bit for bit`() throws {
        let results = try index.snapshot.search(
            batch: queries, k: 25, options: SearchOptions(recallTarget: 1))
        #expect(results.map(\.neighbors) == (try index.snapshot.search(batch: queries, k: 25)))
        #expect(results.allSatisfy { $0.expectedRecall == 1 })
    }

    @Test func `work is a query's own, and no more than some more than alone`() throws {
        let options = SearchOptions(recallTarget: 0.95)
        let results = try index.snapshot.search(batch: queries, k: 10, options: options)
        var (together, alone) = (0, 0)
        for (query, result) in zip(queries, results) {
            #expect(result.work.listCount >= 1 && result.work.listCount <= 64)
            #expect(result.work.rerankedRowCount <= result.work.codedRowCount)
            together += result.work.codedRowCount
            alone += try index.snapshot.search(query, k: 10, options: options).work.codedRowCount
        }
        // Observed 1.02.
        #expect(Double(together) <= 1.5 * Double(alone))
    }

    @Test func `a number of lists is kept to`() throws {
        for nprobe in [1, 20, 64] {
            let options = SearchOptions(nprobe: nprobe)
            for (query, result) in zip(
                queries, try index.snapshot.search(batch: queries, k: 10, options: options))
            {
                #expect(result.work.listCount == nprobe)
                // The same lists with the same codes: only the order differs, and with it what is left out.
                let alone = try index.snapshot.search(query, k: 10, options: options)
                #expect(result.work.codedRowCount == alone.work.codedRowCount)
            }
        }
    }

    @Test func `rows of the tail, filters and deletions count as they do alone`() throws {
        let filter = RowFilter.documents(0..<700)
        let nearest = try index.snapshot.search(queries[0], k: 3).map(\.row)
        try index.apply(
            IndexChange(
                sequence: 2,
                insertions: [IndexRow(row: 9_000, document: 1, bornSequence: 2, vector: queries[1])],
                deletions: nearest.sorted()))
        let results = try index.snapshot.search(
            batch: queries, k: 10, options: SearchOptions(recallTarget: 0.95, filter: filter))
        #expect(results[1].neighbors.first?.row == 9_000)
        for result in results {
            #expect(result.neighbors.count == 10 && result.work.exactRowCount == 1)
            #expect(
                result.neighbors.allSatisfy {
                    filter.admits(row: $0.row, document: $0.document) && !nearest.contains($0.row)
                })
        }
        #expect(try meanRecall(results, filter: filter) >= 0.94)
    }

    @Test func `no query is no result, and one of another dimension is refused`() throws {
        let options = SearchOptions()
        #expect(try index.snapshot.search(batch: [], k: 1, options: options).isEmpty)
        #expect(throws: VectorIndexError.self) {
            try index.snapshot.search(batch: [queries[0], [1]], k: 1, options: options)
        }
    }
}
