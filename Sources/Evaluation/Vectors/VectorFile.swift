/// A table of vectors or ids in a file, read in blocks of rows: a file may be larger than memory.
///
/// `.fvecs`, `.ivecs`, `.bvecs`, `.fbin`, `.ibin` and `.npy` (float32, float64, int32, int64;
/// two-dimensional, C order) are known by their names. Header and length are checked at opening, rows as they
/// are read. Any thread may read.
public final class VectorFile: Sendable {
    /// Components of a row.
    public static let dimensionBounds = 1...65_536

    /// Rows: those of the largest public sets, a thousandfold.
    public static let rowCountBounds = 1...(1 << 40)

    /// Bytes that `blocks` puts into one block: large enough for the disk, small enough to be nothing in
    /// memory.
    public static let blockBytes = 8 << 20

    /// As it was given.
    public let path: String

    /// What is stored; `floats` and `integers` convert.
    public let element: VectorElement

    /// Rows that are read: those of the file, or the limit.
    public let rowCount: Int

    /// Numbers in each row.
    public let dimension: Int

    /// Rows that the file holds, whatever the limit.
    public var storedRowCount: Int { layout.rowCount }

    private let layout: VectorFileLayout
    private let file: ReadableFile

    /// Opens a file and checks its header and its length.
    ///
    /// - Parameter limit: rows behind this many are passed over.
    public init(opening path: String, limit: Int? = nil) throws(VectorFileError) {
        let format = try VectorFileFormat(path: path)
        let file = try ReadableFile(path: path)
        let layout = try VectorFileLayout(format, of: file)
        (self.path, self.file, self.layout) = (path, file, layout)
        (element, dimension) = (layout.element, layout.dimension)
        rowCount = min(layout.rowCount, max(limit ?? .max, 1))
    }

    /// The rows in order, cut into ranges of about `blockBytes`.
    public var blocks: [Range<Int>] {
        let rows = max(1, Self.blockBytes / (dimension * element.byteCount))
        return stride(from: 0, to: rowCount, by: rows).map { $0..<min($0 + rows, rowCount) }
    }

    /// Vectors, `rows.count × dimension`, row-major. float64 is rounded, uint8 widened.
    ///
    /// - Parameter rows: within `0..<rowCount`.
    /// - Throws: `.elementType`, `.rowDimension`, `.notFinite`, `.unreadable`.
    public func floats(_ rows: Range<Int>) throws(VectorFileError) -> [Float] {
        let values: [Float]
        switch element {
        case .float32 where layout.rowHeaderBytes == 0: values = try numbers(Float.self, rows)
        case .float32: values = try words(rows).map { Float(bitPattern: $0) }
        case .float64: values = try numbers(Double.self, rows).map { Float($0) }
        case .uint8: values = try bytes(rows).map { Float($0) }
        case .int32, .int64:
            throw .elementType(path: path, found: element, expected: VectorElement.components)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(path: path, row: rows.lowerBound + bad / dimension)
        }
        return values
    }

    /// Ids, `rows.count × dimension`, row-major.
    ///
    /// - Parameter rows: within `0..<rowCount`.
    /// - Throws: `.elementType`, `.rowDimension`, `.unreadable`.
    public func integers(_ rows: Range<Int>) throws(VectorFileError) -> [Int64] {
        switch element {
        case .int32 where layout.rowHeaderBytes == 0: try numbers(Int32.self, rows).map { Int64($0) }
        case .int32: try words(rows).map { Int64(Int32(bitPattern: $0)) }
        case .int64: try numbers(Int64.self, rows)
        case .float32, .float64, .uint8:
            throw .elementType(path: path, found: element, expected: VectorElement.ids)
        }
    }

    private func check(_ rows: Range<Int>) {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= rowCount,
            "rows \(rows) of \(rowCount) in \(path)")
    }

    /// Rows that lie one directly after the other.
    private func numbers<Number: FileNumber>(
        _ type: Number.Type, _ rows: Range<Int>
    ) throws(VectorFileError) -> [Number] {
        check(rows)
        let offset = layout.dataOffset + rows.lowerBound * layout.rowBytes
        return try file.numbers(type, at: offset, count: rows.count * dimension)
    }

    /// Rows of 32-bit words, each behind its dimension, which is checked and dropped.
    private func words(_ rows: Range<Int>) throws(VectorFileError) -> [UInt32] {
        check(rows)
        let offset = layout.dataOffset + rows.lowerBound * layout.rowBytes
        let raw = try file.numbers(UInt32.self, at: offset, count: rows.count * (dimension + 1))
        var words: [UInt32] = []
        words.reserveCapacity(rows.count * dimension)
        for (row, start) in zip(rows, stride(from: 0, to: raw.count, by: dimension + 1)) {
            try checkHeader(Int(Int32(bitPattern: raw[start])), of: row)
            words += raw[(start + 1)...(start + dimension)]
        }
        return words
    }

    /// Rows of bytes, each behind its dimension of four bytes.
    private func bytes(_ rows: Range<Int>) throws(VectorFileError) -> [UInt8] {
        check(rows)
        let offset = layout.dataOffset + rows.lowerBound * layout.rowBytes
        let raw = try file.numbers(UInt8.self, at: offset, count: rows.count * layout.rowBytes)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * dimension)
        for (row, start) in zip(rows, stride(from: 0, to: raw.count, by: layout.rowBytes)) {
            let header = (0..<4).reduce(UInt32(0)) { $0 | UInt32(raw[start + $1]) << UInt32(8 * $1) }
            try checkHeader(Int(Int32(bitPattern: header)), of: row)
            bytes += raw[(start + 4)..<(start + layout.rowBytes)]
        }
        return bytes
    }

    private func checkHeader(_ found: Int, of row: Int) throws(VectorFileError) {
        guard found == dimension else {
            throw .rowDimension(path: path, row: row, expected: dimension, found: found)
        }
    }
}

extension VectorFileLayout {
    /// Reads what the file says of itself, and compares it with the file's length.
    init(_ format: VectorFileFormat, of file: ReadableFile) throws(VectorFileError) {
        guard file.byteCount > 0 else { throw .empty(path: file.path) }
        switch format {
        case .fvecs: try self.init(rowsOf: .float32, in: file)
        case .ivecs: try self.init(rowsOf: .int32, in: file)
        case .bvecs: try self.init(rowsOf: .uint8, in: file)
        case .fbin: try self.init(tableOf: .float32, in: file)
        case .ibin: try self.init(tableOf: .int32, in: file)
        case .npy: self = try NumPyHeader.layout(of: file)
        }
        try check(file.path)
        guard fileBytes == file.byteCount else {
            throw .sizeMismatch(path: file.path, expectedBytes: fileBytes, foundBytes: file.byteCount)
        }
    }

    /// The first row's dimension and the file's length tell the count.
    private init(rowsOf element: VectorElement, in file: ReadableFile) throws(VectorFileError) {
        let header = try file.numbers(Int32.self, at: 0, count: 1)
        self.init(
            element: element, rowCount: 1, dimension: Int(header[0]), dataOffset: 0, rowHeaderBytes: 4)
        try check(file.path)
        rowCount = max(1, (file.byteCount + rowBytes - 1) / rowBytes)
    }

    private init(tableOf element: VectorElement, in file: ReadableFile) throws(VectorFileError) {
        let header = try file.numbers(UInt32.self, at: 0, count: 2)
        self.init(
            element: element, rowCount: Int(header[0]), dimension: Int(header[1]), dataOffset: 8,
            rowHeaderBytes: 0)
    }

    private func check(_ path: String) throws(VectorFileError) {
        guard VectorFile.dimensionBounds.contains(dimension) else {
            throw .dimensionOutOfRange(path: path, found: dimension, allowed: VectorFile.dimensionBounds)
        }
        guard rowCount != 0 else { throw .empty(path: path) }
        guard VectorFile.rowCountBounds.contains(rowCount) else {
            throw .countOutOfRange(path: path, found: rowCount, allowed: VectorFile.rowCountBounds)
        }
    }
}
