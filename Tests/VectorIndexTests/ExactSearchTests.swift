import TestSupport
import Testing
import VectorIndex

@Suite struct ExactSearchTests {
    /// An index of `rowCount` rows, two thirds of them in a segment, every seventh deleted, and the same by
    /// force.
    private func filled(
        dimension: Int, rowCount: Int, seed: UInt64, _ directory: TemporaryDirectory
    ) throws -> (VectorIndex, BruteForce) {
        var random = SplitMix64(seed: seed)
        let index = VectorIndex(configuration: .init(dimension: dimension))
        var model = BruteForce()
        let rows = (0..<rowCount).map {
            IndexRow(Int64($0 * 2), document: Int64($0 / 3), random.vector(dimension))
        }
        let first = IndexChange(sequence: 1, insertions: Array(rows[..<(rowCount * 2 / 3)]))
        let deletions = rows.enumerated().filter { $0.offset % 7 == 3 }.map(\.element.row)
        let second = IndexChange(
            sequence: 2, insertions: Array(rows[(rowCount * 2 / 3)...]), deletions: deletions)
        try index.apply(first)
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        try index.apply(second)
        model.apply(first)
        model.apply(second)
        return (index, model)
    }

    @Test(arguments: [1, 7, 8, 9, 33, 384], [0, 1, 2, 1500, 3100])
    func `exact at the edge: a search equals brute force, ties by row`(dimension: Int, rowCount: Int) throws {
        let directory = try TemporaryDirectory()
        let (index, model) = try filled(dimension: dimension, rowCount: rowCount, seed: 5, directory)
        var random = SplitMix64(seed: 99)
        let snapshot = index.snapshot
        #expect(snapshot.rowCount == model.rows.count)
        for k in [1, 10, 2000] {
            let query = random.vector(dimension)
            #expect(try snapshot.search(query, k: k) == model.search(query, k: k))
        }
    }

    @Test(arguments: [1, 9, 100], [1, 5, 128, 130])
    func `a batch answers as single searches do, bit for bit`(dimension: Int, queryCount: Int) throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: 6)
        let index = VectorIndex(configuration: .init(dimension: dimension))
        let shared = random.realVector(dimension)
        // Equal vectors at many places: a matrix product may score them differently, the answer must not.
        let rows = (0..<2500).map { row in
            IndexRow(Int64(row), row % 50 == 0 ? shared : random.realVector(dimension))
        }
        try index.apply(IndexChange(sequence: 1, insertions: Array(rows[..<1700])))
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        try index.apply(
            IndexChange(sequence: 2, insertions: Array(rows[1700...]), deletions: [0, 100, 2000]))
        let queries = [shared] + (1..<queryCount).map { _ in random.realVector(dimension) }
        let snapshot = index.snapshot
        for k in [1, 10, 300] {
            let single = try queries.map { query throws(VectorIndexError) in try snapshot.search(query, k: k)
            }
            #expect(try snapshot.search(batch: queries, k: k) == single)
        }
    }

    @Test func `a batch of no queries has no answers`() throws {
        let snapshot = VectorIndex(configuration: .init(dimension: 2)).snapshot
        #expect(try snapshot.search(batch: [], k: 1) == [])
    }

    @Test func `great and tiny vectors are ranked alike by batch and single searches`() throws {
        let index = VectorIndex(configuration: .init(dimension: 3))
        let scales: [Float] = [1e-30, 1e-10, 1, 1e10, 5e17, -5e17]
        let rows = (0..<600).map { row in
            let scale = scales[row % scales.count]
            return IndexRow(Int64(row), [scale, scale * Float(row % 11), -scale])
        }
        try index.apply(IndexChange(sequence: 1, insertions: rows))
        let query: [Float] = [1e-3, 2e18, 3]
        let single = try index.snapshot.search(query, k: 100)
        #expect(try index.snapshot.search(batch: [query], k: 100) == [single])
        #expect(single.allSatisfy { $0.similarity.isFinite })
    }

    @Test(arguments: [0, 1, 5, 40, 1000])
    func `a filtered search returns min(k, matches) rows`(documentCount: Int) throws {
        let directory = try TemporaryDirectory()
        let (index, model) = try filled(dimension: 5, rowCount: 3100, seed: 8, directory)
        var random = SplitMix64(seed: 12)
        let documents = Set((0..<documentCount).map { _ in Int64.random(in: 0...1100, using: &random) })
        let query = random.vector(5)
        let expected = model.search(query, k: 20) { documents.contains($0.document) }
        let byDocument = RowFilter.documents(documents)
        let byClosure = RowFilter.rows { _, document in documents.contains(document) }
        #expect(try index.snapshot.search(query, k: 20, filter: byDocument) == expected)
        #expect(try index.snapshot.search(query, k: 20, filter: byClosure) == expected)
        #expect(try index.snapshot.search(batch: [query], k: 20, filter: byDocument) == [expected])
    }

    @Test(
        arguments: [[], [5], [-3, 0, 64, 65], [.min, .max], [1, 1_000_000_000_000], [7, 7, 7]] as [[Int64]])
    func `a filter by documents admits these and no others`(documents: [Int64]) throws {
        let index = VectorIndex(configuration: .init(dimension: 1))
        let candidates: [Int64] = [.min, -3, -2, 0, 1, 5, 6, 7, 63, 64, 65, 66, 128, 1_000_000_000_000, .max]
        let rows = candidates.enumerated().map { IndexRow(Int64($0.offset), document: $0.element, [1]) }
        try index.apply(IndexChange(sequence: 1, insertions: rows))
        let found = try index.snapshot.search([1], k: 100, filter: .documents(documents)).map(\.document)
        #expect(found == candidates.filter(documents.contains))
    }

    @Test func `a query must have the dimension, finite numbers and a k in bounds`() throws {
        let snapshot = VectorIndex(configuration: .init(dimension: 2)).snapshot
        func check(_ query: [Float], _ k: Int, _ isExpected: (VectorIndexError) -> Bool) {
            for search in [
                { _ = try snapshot.search(query, k: k) }, { _ = try snapshot.search(batch: [query], k: k) },
            ] {
                let error = #expect(throws: VectorIndexError.self) { try search() }
                #expect(error.map(isExpected) == true)
            }
        }
        check([1], 1) { if case .dimensionMismatch(expected: 2, found: 1) = $0 { true } else { false } }
        check([1, .nan], 1) { if case .notFinite(row: nil) = $0 { true } else { false } }
        check([1, -.infinity], 1) { if case .notFinite(row: nil) = $0 { true } else { false } }
        check([3e38, 0], 1) { if case .notFinite(row: nil) = $0 { true } else { false } }
        check([1, 1], 0) { if case .kOutOfRange(found: 0, allowed: 1...10_000) = $0 { true } else { false } }
        check([1, 1], 10_001) { if case .kOutOfRange(found: 10_001, _) = $0 { true } else { false } }
    }
}
