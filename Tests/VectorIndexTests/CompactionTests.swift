import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite struct CompactionTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `the same rows and seed give the same files`() throws {
        let others = try TemporaryDirectory()
        for place in [directory, others] {
            var source = ClusteredVectors(dimension: 24, clusters: 9, seed: 3)
            _ = try VectorIndex.listed(
                source.rows(0..<2_000), dimension: 24, listCount: 16, in: place.url, seed: 7)
        }
        for name in ["2.quantizer", "3.vectors"] {
            let first = try Data(contentsOf: directory.url.appending(path: name))
            #expect(try first == Data(contentsOf: others.url.appending(path: name)))
        }
    }

    @Test(arguments: [1, 2, 3, 5, 7, 8, 9, 31, 64, 100, 129])
    func `vectors of any dimension go into lists and are found`(dimension: Int) throws {
        var source = ClusteredVectors(dimension: dimension, clusters: 5, seed: UInt64(dimension))
        let rows = source.rows(0..<300)
        let index = try VectorIndex.listed(rows, dimension: dimension, listCount: 8, in: directory.url)
        for row in rows.prefix(50) {
            let truth = try index.snapshot.search(row.vector, k: 1)
            let found = try index.snapshot.search(row.vector, k: 1, options: SearchOptions(nprobe: 8))
                .neighbors
            #expect(found.first?.similarity == truth.first?.similarity)
        }
        try index.snapshot.verify(segment: 3)
        try index.snapshot.verify(quantizer: 2)
    }

    @Test func `rows that are all the same are no reason to fail`() throws {
        let rows = (0..<200).map { IndexRow($0, [1, 2, 3, 4]) }
        let index = try VectorIndex.listed(rows, dimension: 4, listCount: 8, in: directory.url)
        let found = try index.snapshot.search([1, 0, 0, 0], k: 5, options: SearchOptions()).neighbors
        #expect(found.map(\.row) == [0, 1, 2, 3, 4])
    }

    @Test func `fewer rows than lists are refused`() throws {
        let index = VectorIndex(configuration: .init(dimension: 2))
        try index.apply(IndexChange(sequence: 1, insertions: [IndexRow(1, [1, 0])]))
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        let error = #expect(throws: VectorIndexError.self) {
            try index.trainQuantizer(number: 2, in: directory.url, listCount: 2)
        }
        guard case .rowCountMismatch(expected: 2, found: 1)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a compaction that is stopped leaves no file and changes nothing`() throws {
        var source = ClusteredVectors(dimension: 16, clusters: 4, seed: 2)
        let index = try VectorIndex.listed(
            source.rows(0..<3_000), dimension: 16, listCount: 8, in: directory.url)
        let before = index.snapshot.segments
        let error = #expect(throws: VectorIndexError.self) {
            try index.compact([3], into: 4, in: directory.url) { false }
        }
        guard case .compactionStopped? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(index.snapshot.segments == before)
        #expect(!FileManager.default.fileExists(atPath: directory.url.appending(path: "4.vectors").path()))
    }

    @Test func `a training that is stopped writes nothing, and says how far it came`() throws {
        var source = ClusteredVectors(dimension: 16, clusters: 4, seed: 2)
        let index = VectorIndex(configuration: .init(dimension: 16))
        try index.apply(IndexChange(sequence: 1, insertions: source.rows(0..<3_000)))
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        var shares: [Double] = []
        let error = #expect(throws: VectorIndexError.self) {
            try index.trainQuantizer(
                number: 2, in: directory.url, listCount: 8, mayGoOn: { shares.count < 3 },
                progress: { shares.append($0) })
        }
        guard case .compactionStopped? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(shares.count == 3 && shares == shares.sorted() && shares.allSatisfy { $0 > 0 && $0 < 1 })
        #expect(
            !FileManager.default.fileExists(atPath: directory.url.appending(path: "2.quantizer").path()))
    }

    @Test func `a tail is sealed into the lists of the newest quantizer, without training`() throws {
        var source = ClusteredVectors(dimension: 16, clusters: 4, seed: 2)
        let index = try VectorIndex.listed(
            source.rows(0..<3_000), dimension: 16, listCount: 8, in: directory.url)
        let later = source.rows(3_000..<3_400).map { IndexRow($0.row.rawValue, born: 2, $0.vector) }
        try index.apply(IndexChange(sequence: 2, insertions: later))
        try index.publish(index.writeSegment(number: 4, in: directory.url), in: directory.url)
        let result = try index.snapshot.search(later[7].vector, k: 1, options: SearchOptions(nprobe: 8))
        #expect(result.neighbors.first?.row == later[7].row && result.work.exactRowCount == 0)
        #expect(index.snapshot.quantizers.map(\.number) == [2])
    }

    @Test func `lists are searched by another segment's curve, even where that is the smaller one`() throws {
        var source = ClusteredVectors(dimension: 16, clusters: 16, seed: 2)
        let index = try VectorIndex.listed(
            source.rows(0..<6_000), dimension: 16, listCount: 16, in: directory.url)
        let later = source.rows(6_000..<8_000).map { IndexRow($0.row.rawValue, born: 2, $0.vector) }
        try index.apply(IndexChange(sequence: 2, insertions: later))
        try index.publish(index.writeSegment(number: 4, in: directory.url), in: directory.url)
        try index.publish(index.compact([4], into: 5, in: directory.url), in: directory.url, replacing: [4])
        func search() throws -> SearchResult {
            try index.snapshot.search(later[7].vector, k: 5, options: SearchOptions(recallTarget: 0.9))
        }
        let first = try search()
        #expect(first.work.exactRowCount == 0 && first.expectedRecall >= 0.9 && first.expectedRecall < 1)

        // What is left of the first segment is smaller than the second, of which nothing was measured.
        try index.apply(IndexChange(sequence: 3, deletions: (0..<4_500).map { RowID(rawValue: $0) }))
        try index.publish(index.compact([3], into: 6, in: directory.url), in: directory.url, replacing: [3])
        #expect(index.snapshot.segments.map(\.rowCount).sorted() == [1_500, 2_000])
        let second = try search()
        #expect(second.work.exactRowCount == 0 && second.expectedRecall >= 0.9 && second.expectedRecall < 1)
        #expect(second.neighbors.first?.row == later[7].row)
    }

    @Test func `quantizers that no segment uses are forgotten, the newest is not`() throws {
        var source = ClusteredVectors(dimension: 16, clusters: 4, seed: 2)
        let index = try VectorIndex.listed(
            source.rows(0..<3_000), dimension: 16, listCount: 8, in: directory.url)
        try index.publish(
            index.trainQuantizer(number: 4, in: directory.url, listCount: 16), in: directory.url)
        #expect(index.forgetUnusedQuantizers() == [])
        try index.publish(index.compact([3], into: 5, in: directory.url), in: directory.url, replacing: [3])
        #expect(index.forgetUnusedQuantizers() == [2])
        #expect(index.quantizer?.number == 4 && index.snapshot.quantizers.map(\.number) == [4])
    }

    @Test func `more than a thousand lists are trained in two levels, none empty`() throws {
        var source = ClusteredVectors(dimension: 8, clusters: 400, seed: 8)
        let rows = source.rows(0..<20_000)
        let index = try VectorIndex.listed(rows, dimension: 8, listCount: 1_200, in: directory.url)
        #expect(index.quantizer?.listCount == 1_200)
        var hits = 0
        for row in rows.prefix(100) {
            let found = try index.snapshot.search(row.vector, k: 1, options: SearchOptions()).neighbors
            hits += found.first?.row == row.row ? 1 : 0
        }
        // Observed 100.
        #expect(hits >= 95)
    }
}
