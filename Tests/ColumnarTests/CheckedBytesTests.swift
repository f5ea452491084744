import Columnar
import Testing

@Suite struct CheckedBytesTests {
    private let directory: TemporaryDirectory
    private let file: ColumnFile
    private let handle: ColumnHandle
    private static let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    /// Five blocks of rows of four bytes.
    init() throws {
        directory = try TemporaryDirectory()
        let shape = ColumnShape(rowCount: 5_000, rowElements: 4)
        let column = ColumnDescription(
            id: Sample.bytes, elementType: .uint8, shape: shape, blockSize: 4_096)
        let path = directory.path("bytes")
        let writer = try ColumnFileWriter(
            creating: path, identity: Sample.identity(rowCount: 5_000), columns: [column])
        try writer.append(Self.bytes.span, to: Sample.bytes)
        _ = try writer.finish()
        file = try ColumnFile(opening: path)
        handle = try file.handle(Sample.bytes, .uint8, shape)
    }

    @Test func `a column is lent without checks as soon as every block was checked, and not before`() throws {
        for row in [0, 1_024, 2_048, 3_072] {
            #expect(file.checkedBytes(handle) == nil)
            try file.withBytes(handle, rows: row..<(row + 1)) { _ in }
        }
        #expect(file.checkedBytes(handle) == nil)
        try file.withBytes(handle, rows: 4_999..<5_000) { _ in }
        let checked = try #require(file.checkedBytes(handle))
        var lent: [UInt8] = []
        checked.withRows(1_000..<3_500) { span in lent = (0..<span.count).map { span[$0] } }
        #expect(lent == Array(Self.bytes[4_000..<14_000]))
        checked.withRows(5_000..<5_000) { span in lent = (0..<span.count).map { span[$0] } }
        #expect(lent.isEmpty)
    }
}
