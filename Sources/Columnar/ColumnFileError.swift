/// What can be wrong with a column file. Every case names the file.
///
/// `exists` means "fix your request"; `system` means "the machine failed" (or, on opening, that the file is
/// not there); every other case means "the data is damaged, or not what you took it for: rebuild it".
package enum ColumnFileError: Error, Sendable, Equatable {
    /// A call of the operating system failed with `code` (an `errno`).
    case system(file: String, call: SystemCall, code: Int32)

    /// The name is taken. Column files are never overwritten.
    case exists(file: String)

    /// The file's length, in bytes, is not the one it was sealed with; or too short for a header.
    case length(file: String, expected: UInt64, found: UInt64)

    /// The first eight bytes are not those of a column file. `found` reads them as little-endian.
    case magic(file: String, found: UInt64)

    /// A later program's file.
    case formatVersion(file: String, supported: UInt32, found: UInt32)

    /// The checksum of the part at `offset` is not the recorded one.
    case checksum(file: String, part: ColumnFilePart, offset: UInt64, expected: UInt64, found: UInt64)

    /// A field holds a value that the format rules out. `expected` is the value, or the bound, it should
    /// have.
    case field(
        file: String, field: ColumnFileField, column: ColumnID?, offset: UInt64, expected: UInt64,
        found: UInt64)

    /// A byte between two parts is not zero.
    case padding(file: String, offset: UInt64, found: UInt8)

    /// The file has no such column.
    case columnMissing(file: String, column: ColumnID)

    /// The column holds elements of another type.
    case elementType(file: String, column: ColumnID, expected: ColumnElementType, found: ColumnElementType)

    /// The column has another shape than its owner's format demands.
    case columnShape(file: String, column: ColumnID, expected: ColumnShape, found: ColumnShape)
}

extension ColumnFileError {
    /// Whether the file itself is at fault (damaged, missing, or not what it was taken for), so that it has
    /// to be made anew. Otherwise the machine failed and the same call may succeed later, or the request was
    /// wrong.
    package var isDamage: Bool {
        switch self {
        case .system(_, .open, let code): code == Self.noSuchFile
        case .system, .exists: false
        default: true
        }
    }

    /// `ENOENT`, which is 2 on every Unix.
    private static let noSuchFile: Int32 = 2
}

/// The operating-system calls that this module makes.
package enum SystemCall: String, Sendable {
    case open, status, map, write, synchronize, close
}

/// The parts of a file that have a checksum of their own.
package enum ColumnFilePart: Sendable, Equatable {
    case header
    case directory
    case block(column: ColumnID, index: Int)
}

/// The fields of the header and of a directory entry, by the names of the format.
package enum ColumnFileField: String, Sendable {
    case headerLength, columnCount, number, rowCount, sequenceFirst, sequenceLast, cipher, keyID
    case directoryOffset, directoryLength, fileLength, reserved
    case columnID, elementType, elementWidth, rowElements, elementCount, byteOffset, byteLength, blockSize
    case blockCount, checksumsOffset
}

/// Rows of a column and elements in each.
package struct ColumnShape: Sendable, Equatable {
    package let rowCount: Int
    package let rowElements: Int

    package init(rowCount: Int, rowElements: Int) {
        self.rowCount = rowCount
        self.rowElements = rowElements
    }
}
