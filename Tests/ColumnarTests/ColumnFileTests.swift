import Columnar
import Foundation
import Testing

/// Columns that the tests of this module write and expect.
enum Sample {
    static let bytes = ColumnID(rawValue: 1)
    static let numbers = ColumnID(rawValue: 5)
    static let vectors = ColumnID(rawValue: 6)
    static let empty = ColumnID(rawValue: 9)
    static let dimension = 3

    static func identity(rowCount: Int) -> ColumnFileIdentity {
        ColumnFileIdentity(
            kind: 3, kindVersion: 2, number: 17, rowCount: rowCount, dimension: UInt32(dimension),
            sequences: 4...9, quantizerVersion: 6)
    }

    static func columns(rowCount: Int, blockSize: Int = 4096) -> [ColumnDescription] {
        func column(_ id: ColumnID, _ type: ColumnElementType, _ rows: Int, _ width: Int) -> ColumnDescription
        {
            let shape = ColumnShape(rowCount: rows, rowElements: width)
            return ColumnDescription(id: id, elementType: type, shape: shape, blockSize: blockSize)
        }
        return [
            column(bytes, .uint8, 5, 1), column(numbers, .int64, rowCount, 1),
            column(vectors, .float32, rowCount, dimension), column(empty, .uint32, 0, 1),
        ]
    }

    static func numbers(_ rowCount: Int) -> [Int64] { (0..<rowCount).map { Int64($0 * $0) - 7 } }
    static func vectors(_ rowCount: Int) -> [Float] { (0..<(rowCount * dimension)).map { Float($0) / 4 } }

    /// Writes the sample, handing each column over in portions of `portion` elements.
    @discardableResult
    static func write(
        to path: String, rowCount: Int, portion: Int = 1000
    ) throws -> (byteCount: Int, digest: UInt64) {
        let writer = try ColumnFileWriter(
            creating: path, identity: identity(rowCount: rowCount), columns: columns(rowCount: rowCount))
        try writer.append([3, 1, 4, 1, 5].span as Span<UInt8>, to: bytes)
        try append(numbers(rowCount), to: numbers, of: writer, portion)
        try append(vectors(rowCount), to: vectors, of: writer, portion)
        return try writer.finish()
    }

    static func append<Element: ColumnElement>(
        _ elements: [Element], to column: ColumnID, of writer: ColumnFileWriter, _ portion: Int
    ) throws {
        for start in stride(from: 0, to: elements.count, by: portion) {
            let part = Array(elements[start..<min(start + portion, elements.count)])
            try writer.append(part.span, to: column)
        }
    }
}

extension ColumnFile {
    /// A copy of the elements of some rows.
    func elements<Element: ColumnElement>(
        _ id: ColumnID, _ rows: Range<Int>, as type: Element.Type
    ) throws(ColumnFileError) -> [Element] {
        try withColumn(id, rows: rows, as: Element.self) { span in span.indices.map { span[$0] } }
    }
}

@Suite struct ColumnFileTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: [0, 1, 2, 511, 512, 513, 3000], [1, 7, 4096])
    func `what was written is read, whatever the portions`(rowCount: Int, portion: Int) throws {
        let path = directory.path("a")
        let written = try Sample.write(to: path, rowCount: rowCount, portion: portion)
        let file = try ColumnFile(opening: path)
        #expect(file.identity == Sample.identity(rowCount: rowCount))
        #expect(file.columns == Sample.columns(rowCount: rowCount))
        #expect(file.byteCount == written.byteCount && file.digest == written.digest)
        #expect(try file.elements(Sample.bytes, 0..<5, as: UInt8.self) == [3, 1, 4, 1, 5])
        #expect(try file.elements(Sample.numbers, 0..<rowCount, as: Int64.self) == Sample.numbers(rowCount))
        #expect(try file.elements(Sample.vectors, 0..<rowCount, as: Float.self) == Sample.vectors(rowCount))
        #expect(try file.elements(Sample.empty, 0..<0, as: UInt32.self) == [])
        try file.verify()
    }

    @Test func `the bytes do not depend on the portions`() throws {
        try Sample.write(to: directory.path("a"), rowCount: 2000, portion: 1)
        try Sample.write(to: directory.path("b"), rowCount: 2000, portion: 100_000)
        #expect(try directory.read("a") == directory.read("b"))
    }

    @Test func `rows are lent from the middle of a column`() throws {
        try Sample.write(to: directory.path("a"), rowCount: 3000)
        let file = try ColumnFile(opening: directory.path("a"))
        let expected = Array(Sample.vectors(3000)[(1300 * 3)..<(1302 * 3)])
        #expect(try file.elements(Sample.vectors, 1300..<1302, as: Float.self) == expected)
        #expect(try file.elements(Sample.vectors, 3000..<3000, as: Float.self) == [])
    }

    @Test func `columns start at multiples of 64`() throws {
        try Sample.write(to: directory.path("a"), rowCount: 3)
        let bytes = try directory.read("a")
        #expect(Array(bytes[256..<261]) == [3, 1, 4, 1, 5])
        #expect(Array(bytes[320..<328]) == [0xF9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(bytes.count == 448 + 4 * 64 + 3 * 8)
    }

    @Test func `asking for what the file does not have is an error that says so`() throws {
        let path = directory.path("a")
        try Sample.write(to: path, rowCount: 2)
        let file = try ColumnFile(opening: path)
        let absent = ColumnID(rawValue: 2)
        #expect(throws: ColumnFileError.columnMissing(file: path, column: absent)) {
            try file.elements(absent, 0..<1, as: Int64.self)
        }
        #expect(
            throws: ColumnFileError.elementType(
                file: path, column: Sample.numbers, expected: .float32, found: .int64)
        ) {
            try file.elements(Sample.numbers, 0..<1, as: Float.self)
        }
        let (found, expected) = (
            ColumnShape(rowCount: 2, rowElements: 3), ColumnShape(rowCount: 2, rowElements: 4)
        )
        #expect(
            throws: ColumnFileError.columnShape(
                file: path, column: Sample.vectors, expected: expected, found: found)
        ) {
            try file.expect(Sample.vectors, .float32, expected)
        }
    }

    @Test func `a name that is taken is never written to`() throws {
        let path = directory.path("a")
        try Sample.write(to: path, rowCount: 2)
        let before = try directory.read("a")
        #expect(throws: ColumnFileError.exists(file: path)) { try Sample.write(to: path, rowCount: 3) }
        #expect(try directory.read("a") == before)
    }

    @Test func `a writer that is given up leaves no file`() throws {
        let path = directory.path("a")
        do {
            let writer = try ColumnFileWriter(
                creating: path, identity: Sample.identity(rowCount: 2), columns: Sample.columns(rowCount: 2))
            try writer.append([1, 2].span as Span<Int64>, to: Sample.numbers)
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `sealed means sealed: the file's own mode forbids writing`() throws {
        try Sample.write(to: directory.path("a"), rowCount: 2)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("a"))
        let mode = try #require(attributes[.posixPermissions] as? Int)
        #expect(mode & 0o222 == 0)
    }

    @Test func `a directory that is not there is an error of the system`() {
        let path = directory.path("none/a")
        #expect(throws: ColumnFileError.system(file: path, call: .open, code: 2)) {
            try Sample.write(to: path, rowCount: 2)
        }
        #expect(throws: ColumnFileError.system(file: path, call: .open, code: 2)) {
            _ = try ColumnFile(opening: path)
        }
    }
}
