import Testing
import VectorIndex

@Suite struct SegmentSummaryTests {
    @Test func `a segment tells what of it is dead, and in whose lists its rows are`() throws {
        let directory = try TemporaryDirectory()
        var source = ClusteredVectors(dimension: 16, clusters: 4, seed: 4)
        let index = try VectorIndex.listed(
            source.rows(0..<500), dimension: 16, listCount: 8, in: directory.url)
        try index.apply(IndexChange(sequence: 2, deletions: [3, 4]))
        try index.apply(IndexChange(sequence: 3, deletions: [4]))
        let builder = try SegmentBuilder(
            number: 4, dimension: 16, rowCount: 1, sequences: 2...3, in: directory.url)
        try builder.append([IndexRow(900, born: 3, source.next())])
        try index.publish(builder.finish(), in: directory.url)
        let summaries = index.snapshot.segmentSummaries
        #expect(summaries.map(\.description) == index.snapshot.segments)
        #expect(summaries.map(\.deletedRowCount) == [2, 0])
        #expect(summaries.map(\.quantizer) == [2, nil])
    }

    @Test func `lists grow with the square root of the rows, within bounds`() {
        for rowCount in [0, 1, 100, 4_096, 1_000_000, 1_000_000_000] {
            let lists = VectorIndex.listCount(suiting: rowCount)
            let twice = VectorIndex.listCount(suiting: 4 * rowCount)
            #expect((16...65_536).contains(lists) && lists <= twice && lists <= max(16, rowCount))
        }
        let (few, many) = (VectorIndex.listCount(suiting: 100_000), VectorIndex.listCount(suiting: 400_000))
        #expect(abs(many - 2 * few) <= 16)
    }
}
