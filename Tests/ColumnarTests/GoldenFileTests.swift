import Columnar
import Foundation
import Testing

/// `columns-1.golden` is the work of `Goldens/write_golden.py` (Python 3, standard library), which follows
/// the specification of the format and nothing else.
@Suite struct GoldenFileTests {
    private func golden() throws -> String {
        let url = try #require(
            Bundle.module.url(forResource: "columns-1", withExtension: "golden", subdirectory: "Goldens"))
        return url.path(percentEncoded: false)
    }

    private static let ids = [2, 3, 7, 11, 4_000_000_000].map { ColumnID(rawValue: $0) }
    private static let numbers = (0..<800).map { Int64($0 * $0 - 100) }
    private static let floats = (0..<1200).map { Float($0) / 8 - 50 }

    @Test func `an independently written file reads as it was meant`() throws {
        let file = try ColumnFile(opening: golden())
        #expect(
            file.identity
                == ColumnFileIdentity(
                    kind: 9, kindVersion: 1, number: 42, rowCount: 400, dimension: 3, sequences: 5...77))
        #expect(file.columns.map(\.id) == Self.ids)
        #expect(try file.elements(Self.ids[0], 0..<5, as: UInt8.self) == [3, 1, 4, 1, 5])
        #expect(try file.elements(Self.ids[1], 0..<0, as: UInt32.self) == [])
        #expect(try file.elements(Self.ids[2], 0..<400, as: Int64.self) == Self.numbers)
        #expect(try file.elements(Self.ids[3], 0..<400, as: Float.self) == Self.floats)
        #expect(try file.elements(Self.ids[4], 0..<1, as: UInt32.self) == [.max])
        try file.verify()
    }

    @Test func `the writer makes the same bytes`() throws {
        let file = try ColumnFile(opening: golden())
        let directory = try TemporaryDirectory()
        let writer = try ColumnFileWriter(
            creating: directory.path("again"), identity: file.identity, columns: file.columns)
        try writer.append([.max].span as Span<UInt32>, to: Self.ids[4])
        try writer.append(Self.floats.span, to: Self.ids[3])
        try writer.append(Self.numbers.span, to: Self.ids[2])
        try writer.append([3, 1, 4, 1, 5].span as Span<UInt8>, to: Self.ids[0])
        let (byteCount, digest) = try writer.finish()
        #expect(byteCount == file.byteCount && digest == file.digest)
        #expect(try directory.read("again") == [UInt8](Data(contentsOf: URL(filePath: golden()))))
    }
}
