import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite struct ListedSearchTests {
    private static let dimension = 40
    private let directory: TemporaryDirectory
    private let index: VectorIndex
    private let queries: [[Float]]

    init() throws {
        directory = try TemporaryDirectory()
        var source = ClusteredVectors(dimension: Self.dimension, clusters: 60, seed: 5)
        let rows = source.rows(0..<6_000) { $0 % 1_000 }
        index = try VectorIndex.listed(rows, dimension: Self.dimension, listCount: 64, in: directory.url)
        queries = (0..<60).map { _ in source.next() }
    }

    private func meanRecall(_ options: SearchOptions, k: Int = 10) throws -> Double {
        let snapshot = index.snapshot
        let shares = try queries.map { query in
            let truth = try snapshot.search(query, k: k, filter: options.filter)
            return recall(try snapshot.search(query, k: k, options: options).neighbors, of: truth)
        }
        return shares.reduce(0, +) / Double(shares.count)
    }

    @Test(arguments: [(0.8, 0.78), (0.9, 0.88), (0.95, 0.94), (0.99, 0.98)])
    func `a recall target is met`(target: Double, least: Double) throws {
        #expect(try meanRecall(SearchOptions(recallTarget: target)) >= least)
    }

    @Test func `exact at the edge: all lists and no codes equal brute force, bit for bit`() throws {
        let flat = VectorIndex(configuration: .init(dimension: Self.dimension))
        var source = ClusteredVectors(dimension: Self.dimension, clusters: 60, seed: 5)
        try flat.apply(IndexChange(sequence: 1, insertions: source.rows(0..<6_000) { $0 % 1_000 }))
        for query in queries {
            let truth = try flat.snapshot.search(query, k: 25)
            #expect(try index.snapshot.search(query, k: 25) == truth)
            #expect(try index.snapshot.search(batch: [query], k: 25) == [truth])
            let exact = try index.snapshot.search(query, k: 25, options: SearchOptions(recallTarget: 1))
            #expect(exact.neighbors == truth && exact.expectedRecall == 1)
        }
    }

    @Test func `fewer lists than all find no more, and say what they cost`() throws {
        var previous = 0.0
        for nprobe in [1, 4, 16, 64] {
            let result = try index.snapshot.search(queries[0], k: 10, options: SearchOptions(nprobe: nprobe))
            #expect(result.work.listCount == nprobe && result.work.codedRowCount <= 6_000)
            let mean = try meanRecall(SearchOptions(nprobe: nprobe))
            #expect(mean >= previous - 0.01)
            previous = mean
        }
        // Observed 0.998: all lists, so only the codes' slack can lose a row.
        #expect(previous >= 0.98)
    }

    @Test(arguments: [1, 3, 20, 100, 499, 900])
    func `a filtered search returns min(k, matches) rows, all of them matches`(documents: Int) throws {
        let filter = RowFilter.documents((0..<Int64(documents)).map { $0 * 7 % 1_000 })
        let admitted = try index.snapshot.admittedRows(filter)
        #expect(admitted.count == documents * 6)
        for query in queries.prefix(20) {
            var options = SearchOptions(recallTarget: 0.95, filter: filter)
            let found = try index.snapshot.search(query, k: 30, options: options).neighbors
            #expect(found.count == min(30, documents * 6))
            #expect(found.allSatisfy { filter.admits(row: $0.row, document: $0.document) })
            options.admitted = admitted
            #expect(try index.snapshot.search(query, k: 30, options: options).neighbors == found)
        }
        #expect(try meanRecall(SearchOptions(recallTarget: 0.95, filter: filter)) >= 0.94)
    }

    @Test func `no match is no row`() throws {
        let options = SearchOptions(filter: .documents([5_000]))
        #expect(try index.snapshot.search(queries[0], k: 5, options: options).neighbors == [])
    }

    @Test func `deletes never reduce recall, and the dead are never returned`() throws {
        let snapshot = index.snapshot
        let nearest = try queries.flatMap { try snapshot.search($0, k: 5).map(\.row) }
        let others = (0..<2_000).map { RowID(rawValue: Int64($0) * 3) }
        let dead = Set(nearest).union(others)
        try index.apply(IndexChange(sequence: 2, deletions: dead.sorted()))
        for query in queries {
            let found = try index.snapshot.search(query, k: 10, options: SearchOptions()).neighbors
            #expect(found.count == 10 && found.allSatisfy { !dead.contains($0.row) })
        }
        #expect(try meanRecall(SearchOptions(recallTarget: 0.95)) >= 0.94)
    }

    @Test func `a row inserted is found at once beside the lists`() throws {
        try index.apply(IndexChange(sequence: 2, insertions: [IndexRow(9_000, born: 2, queries[0])]))
        let result = try index.snapshot.search(queries[0], k: 1, options: SearchOptions())
        #expect(result.neighbors.first?.row == 9_000 && result.work.exactRowCount == 1)
    }

    @Test func `k beyond the rows returns them all`() throws {
        let found = try index.snapshot.search(queries[0], k: 10_000, options: SearchOptions()).neighbors
        #expect(found.count == 6_000 && Set(found.map(\.row)).count == 6_000)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
    }

    @Test func `a zero query and a query of tiny components are answered`() throws {
        let zero = [Float](repeating: 0, count: Self.dimension)
        #expect(try index.snapshot.search(zero, k: 3, options: SearchOptions()).neighbors.count == 3)
        let tiny = [Float](repeating: .leastNonzeroMagnitude, count: Self.dimension)
        #expect(try index.snapshot.search(tiny, k: 3, options: SearchOptions()).neighbors.count == 3)
    }

    @Test(arguments: [0, -0.5, 1.01, .nan, .infinity] as [Double])
    func `a recall target that is no share is refused`(target: Double) {
        let error = #expect(throws: VectorIndexError.self) {
            try index.snapshot.search(queries[0], k: 1, options: SearchOptions(recallTarget: target))
        }
        guard case .recallTargetOutOfRange? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [0, -1, 65_537])
    func `a number of lists that cannot be is refused`(nprobe: Int) {
        let error = #expect(throws: VectorIndexError.self) {
            try index.snapshot.search(queries[0], k: 1, options: SearchOptions(nprobe: nprobe))
        }
        guard case .probeCountOutOfRange(found: nprobe, allowed: 1...65_536)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `what is measured on sample queries is what such queries then get`() throws {
        var source = ClusteredVectors(dimension: Self.dimension, clusters: 60, seed: 99)
        // Unlike the rows: from other clusters.
        let sample = (0..<200).map { _ in source.next() }
        let others = (0..<100).map { _ in source.next() }
        let curve = try index.snapshot.measureRecall(sample)
        #expect(curve.points.count > 10)
        #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.recall < $1.recall })
        let options = SearchOptions(recallTarget: 0.9, curve: curve)
        var (found, expected) = (0.0, 0.0)
        for query in others {
            let truth = try index.snapshot.search(query, k: 10)
            let result = try index.snapshot.search(query, k: 10, options: options)
            found += recall(result.neighbors, of: truth) / Double(others.count)
            expected = result.expectedRecall
        }
        // Observed 0.93 of 0.92.
        #expect(found >= 0.87 && expected >= 0.9)
    }

    /// From 4,000 lists on codes are shorter, and lists are scanned some at a time.
    @Test func `thousands of lists are searched by the same rules`() throws {
        let folder = try TemporaryDirectory()
        var source = ClusteredVectors(dimension: 16, clusters: 900, seed: 12)
        let rows = source.rows(0..<16_000)
        let many = try VectorIndex.listed(rows, dimension: 16, listCount: 4_000, in: folder.url)
        let snapshot = many.snapshot
        let filter = RowFilter.rows { row, _ in row.rawValue.isMultiple(of: 3) }
        var (found, filtered, forced) = (0.0, 0.0, 0.0)
        for index in 0..<40 {
            let query = rows[index * 397].vector.enumerated().map {
                $1 + rows[index * 211 + 5].vector[$0] / 2
            }
            let truth = try snapshot.search(query, k: 10)
            found += recall(
                try snapshot.search(query, k: 10, options: SearchOptions()).neighbors, of: truth)
            let some = try snapshot.search(query, k: 10, options: SearchOptions(nprobe: 37))
            #expect(some.work.listCount == 37 && some.neighbors.count == 10)
            let all = try snapshot.search(query, k: 10, options: SearchOptions(nprobe: 4_000))
            #expect(all.work.listCount == 4_000 && all.work.codedRowCount == 16_000)
            forced += recall(all.neighbors, of: truth)
            let admitted = try snapshot.search(query, k: 10, options: SearchOptions(filter: filter)).neighbors
            #expect(admitted.allSatisfy { $0.row.rawValue.isMultiple(of: 3) })
            filtered += recall(admitted, of: try snapshot.search(query, k: 10, filter: filter))
        }
        #expect(
            found / 40 >= 0.94 && filtered / 40 >= 0.94 && forced / 40 >= 0.98,
            "\(found), \(filtered), \(forced)")
    }
}
