import Foundation
import Testing
import VectorIndex

/// `7.vectors` is the work of `ColumnarTests/Goldens/write_golden.py` (Python 3, standard library), which
/// follows the specification of the format and nothing else.
@Suite struct GoldenSegmentTests {
    private let description = SegmentDescription(
        number: 7, rowCount: 5, dimension: 4, sequences: 3...9, byteCount: 1000, digest: "dd49cdf88edff3a9")

    private func directory() throws -> URL {
        try #require(Bundle.module.resourceURL).appending(path: "Goldens")
    }

    @Test func `an independently written segment is opened and searched`() throws {
        let index = VectorIndex(configuration: .init(dimension: 4))
        try index.open([description], in: directory(), deletions: [11])
        #expect(index.snapshot.sequence == 9)
        #expect(
            try index.snapshot.search([2, 1, 0, 0], k: 4) == [
                Neighbor(row: 10, document: 1, similarity: 2), Neighbor(row: 30, document: 3, similarity: 2),
                Neighbor(row: 20, document: 2, similarity: 1), Neighbor(row: 41, document: 3, similarity: -2),
            ])
        try index.snapshot.verify(segment: 7)
    }

    @Test func `the builder makes the same bytes`() throws {
        let place = try TemporaryDirectory()
        let builder = try SegmentBuilder(
            number: 7, dimension: 4, rowCount: 5, sequences: 3...9, in: place.url)
        try builder.append([
            IndexRow(10, document: 1, born: 3, [1, 0, 0, 0]),
            IndexRow(11, document: 1, born: 3, [0.5, 0.5, 0.5, 0.5]),
            IndexRow(20, document: 2, born: 5, [0, 1, 0, 0]),
            IndexRow(30, document: 3, born: 9, [1, 0, 0, 0]),
        ])
        try builder.append([IndexRow(41, document: 3, born: 9, [-1, 0, 0, 0])])
        #expect(try builder.finish() == description)
        let golden = try Data(contentsOf: directory().appending(path: "7.vectors"))
        #expect(try place.bytes(of: description) == [UInt8](golden))
    }
}
