import Foundation

enum VectorWriterError: Error {
    case cannotCreate(path: String)
    case valueCount(found: Int, expected: Int)
}

/// Writes an .fbin file: the row count and the dimension as little-endian int32, then the rows as little-endian
/// float32 (the form of the big-ann-benchmarks, https://big-ann-benchmarks.com).
///
/// The file has its name only when it is whole: until then it is `path` with `.partial`.
final class VectorWriter {
    private let path: String
    private let file: FileHandle
    private let valueCount: Int
    private var written = 0

    private var partialPath: String { path + ".partial" }

    init(path: String, rowCount: Int, dimension: Int) throws {
        self.path = path
        valueCount = rowCount * dimension
        let partial = path + ".partial"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let file = FileHandle(forWritingAtPath: partial)
        else { throw VectorWriterError.cannotCreate(path: partial) }
        self.file = file
        try file.write(contentsOf: Self.littleEndian([UInt32(rowCount), UInt32(dimension)]))
    }

    /// - Parameter values: whole rows, row-major.
    func append(_ values: [Float]) throws {
        try file.write(contentsOf: Self.littleEndian(values.map(\.bitPattern)))
        written += values.count
    }

    func finish() throws {
        guard written == valueCount else {
            throw VectorWriterError.valueCount(found: written, expected: valueCount)
        }
        try file.close()
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: partialPath, toPath: path)
    }

    private static func littleEndian(_ words: [UInt32]) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 4)
        for word in words {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return Data(bytes)
    }
}
