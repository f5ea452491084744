import Foundation
import Testing
import VectorIndex

/// `7.vectors` is the work of `ColumnarTests/Goldens/write_golden.py` (Python 3, standard library), which
/// follows the specification of the format and nothing else.
@Suite struct GoldenSegmentTests {
    private let description = SegmentDescription(
        number: 7, rowCount: 5, dimension: 4, sequences: 3...9, byteCount: 1000, digest: "1f09809a6e14bd1a")

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

    private let quantizer = QuantizerDescription(
        number: 8, listCount: 2, dimension: 8, byteCount: 2248, digest: "fac7329ec7aca516")
    private let listed = SegmentDescription(
        number: 9, rowCount: 4, dimension: 8, sequences: 3...9, byteCount: 1808, digest: "0ac2a8f1ddadd333")

    @Test func `an independently written listed segment is opened and searched through its lists`() throws {
        let index = VectorIndex(configuration: .init(dimension: 8))
        try index.open([listed], quantizers: [quantizer], in: directory(), deletions: [30])
        let query: [Float] = [1, 0.5, 0, 0, 0, 0, 0, 0]
        let all = [
            Neighbor(row: 41, document: 3, similarity: 1.25), Neighbor(row: 20, document: 2, similarity: 1),
            Neighbor(row: 10, document: 1, similarity: 0.5),
        ]
        #expect(try index.snapshot.search(query, k: 4) == all)
        let both = try index.snapshot.search(query, k: 4, options: SearchOptions(nprobe: 2))
        #expect(both.neighbors == all && both.work.listCount == 2 && both.work.codedRowCount == 4)
        let one = try index.snapshot.search(query, k: 2, options: SearchOptions(nprobe: 1))
        #expect(one.neighbors == Array(all.prefix(2)) && one.work.listCount == 1)
        try index.snapshot.verify(segment: 9)
    }

    @Test func `a listed segment without its quantizer is refused`() throws {
        let index = VectorIndex(configuration: .init(dimension: 8))
        let error = #expect(throws: VectorIndexError.self) { try index.open([listed], in: directory()) }
        guard case .quantizerUnknown(number: 8, segment: 9)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `every flipped byte of the golden files is reported`() throws {
        let place = try TemporaryDirectory()
        let names = ["7.vectors", "8.quantizer", "9.vectors"]
        for name in names {
            let golden = try [UInt8](Data(contentsOf: directory().appending(path: name)))
            for other in names {
                try? FileManager.default.removeItem(at: place.url.appending(path: other))
                let source = try directory().appending(path: other)
                try FileManager.default.copyItem(at: source, to: place.url.appending(path: other))
            }
            for offset in golden.indices {
                var bytes = golden
                bytes[offset] ^= 0x10
                // Written anew, not over what an earlier index may still have mapped.
                let file = place.url.appending(path: name)
                try FileManager.default.removeItem(at: file)
                try Data(bytes).write(to: file)
                #expect(throws: VectorIndexError.self, "\(name), byte \(offset)") {
                    try openAndVerify(in: place.url, flat: name == "7.vectors")
                }
            }
        }
    }

    private func openAndVerify(in directory: URL, flat: Bool) throws {
        let index = VectorIndex(configuration: .init(dimension: flat ? 4 : 8))
        if flat {
            try index.open([description], in: directory)
            try index.snapshot.verify(segment: 7)
        } else {
            try index.open([listed], quantizers: [quantizer], in: directory)
            try index.snapshot.verify(segment: 9)
            try index.snapshot.verify(quantizer: 8)
        }
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
