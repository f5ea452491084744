/// What can be wrong with a file of vectors. All but `unreadable` and `unwritable` mean "mend the file, or
/// name another"; those two carry the system's error number.
public enum VectorFileError: Error, Sendable, Equatable {
    case unreadable(path: String, code: Int32)
    case unwritable(path: String, code: Int32)

    /// The format is told by the end of the name.
    case unknownFormat(path: String, allowed: [String])

    /// No row, or no byte.
    case empty(path: String)

    /// The file ends inside of what it announced, or goes on behind it.
    case sizeMismatch(path: String, expectedBytes: Int, foundBytes: Int)

    case wrongMagic(path: String, found: [UInt8], expected: [UInt8])

    /// A field of a `.npy` header.
    case headerField(path: String, field: String, found: String, expected: String)

    case countOutOfRange(path: String, found: Int, allowed: ClosedRange<Int>)
    case dimensionOutOfRange(path: String, found: Int, allowed: ClosedRange<Int>)

    /// In `.fvecs`, `.ivecs` and `.bvecs` each row says its own dimension; all must be the first's.
    case rowDimension(path: String, row: Int, expected: Int, found: Int)

    /// Vectors were asked of a file of integers, or the other way round.
    case elementType(path: String, found: VectorElement, expected: [VectorElement])

    /// A component is infinite or not a number.
    case notFinite(path: String, row: Int)

    /// A writer was promised other rows than it was given.
    case rowsMismatch(path: String, expectedRows: Int, foundRows: Int)

    /// The format holds 32-bit integers.
    case integerOutOfRange(path: String, found: Int64)
}
