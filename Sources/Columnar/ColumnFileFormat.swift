// The format of a column file, version 1
// ======================================
//
// A column file holds the columns of one sealed thing (a segment, a quantizer) and is written once. Integers
// are little-endian; Float32 is IEEE 754 binary32, little-endian. Offsets and lengths count bytes. A checksum
// is XXH64 with seed 0. Every byte of the file is either under a checksum or must be zero, so no byte can
// change unseen.
//
//   header, 256 bytes
//   column 1, at offset 256
//   column 2, at the next multiple of 64 after column 1 …
//   directory, at the next multiple of 64 after the last column; the file ends where it ends
//
// Bytes between these parts (0 to 63 of them) are zero. The columns stand in the order of the directory.
//
// Header
//   offset size
//     0     8   magic: 89 43 52 4C 43 0D 0A 1A  (0x89 "CRLC" CR LF SUB, so that text-mode transfers break it)
//     8     4   format version: 1
//    12     4   header length: 256
//    16     4   kind: the owner's number for what the file is; 1 = vectors (VectorIndex), 2 = postings and
//               3 = quantizer are reserved
//    20     4   kind version: the owner's version of its set of columns
//    24     8   number: of the segment or quantizer; 0 … 2^63 - 1
//    32     8   row count; 0 … 2^63 - 1
//    40     4   dimension of the vectors; 0 = none
//    44     4   column count; at most 64
//    48     8   first sequence covered; 0 … 2^63 - 1
//    56     8   last sequence covered; not before the first
//    64     8   quantizer version that codes refer to; 0 = none
//    72     4   cipher; 0 = none, others reserved
//    76     4   zero
//    80     8   key id of the cipher; 0 = none
//    88     8   directory offset
//    96     8   directory length
//   104     8   checksum of the directory
//   112     8   file length
//   120   128   zero
// 248     8   checksum of header bytes 0 ..< 248. It seals the directory's checksum, which seals every
//   block's:
//               it serves as the digest of the whole file
//
// Directory: `column count` entries of 64 bytes in ascending order of id, then the blocks' checksums, 8 bytes
// each, in order of columns and blocks.
//   offset size
//     0     4   column id; not 0
//     4     4   element type: 1 = uint8, 2 = uint32, 3 = int64, 4 = float32
//     8     4   element width: 1, 4, 8, 4
//    12     4   elements in a row of the column; 1 … 2^20
//    16     8   element count: a multiple of the elements in a row
//    24     8   byte offset of the column: a multiple of 64
//    32     8   byte length: element count × element width
//    40     4   block size: a power of two, 4 KiB … 16 MiB
//    44     4   block count: byte length ÷ block size, rounded up; the last block may be shorter
//    48     8   offset of the column's first block checksum
//    56     8   zero
//
// Validity: all of the above is checked against the real length of the file when it is opened, before any of
// it is used; a block's checksum is checked before the block is first lent, and remembered. A file without a
// header (all zero) is one whose writer did not finish.
//
// History
//   1  (2026) first.

#if _endian(big)
    #error("A column's bytes are lent as they lie in the file, which is little-endian.")
#endif

/// The numbers of the format above.
package enum ColumnFileFormat {
    static let magic: UInt64 = 0x1A0A_0D43_4C52_4389
    static let version: UInt32 = 1
    static let headerLength = 256
    static let headerChecksumOffset = 248
    static let entryLength = 64
    static let checksumLength = 8

    /// A cache line, and the widest vector register.
    static let alignment = 64
    static let columnCountMax = 64
    static let rowElementsMax = 1 << 20
    static let blockSizes = (1 << 12)...(1 << 24)

    /// 64 KiB: a block is checked in 5 to 10 µs, little beside reading it from a disk, and checksums add 0.01
    /// %.
    package static let blockSizeDefault = 1 << 16
}

/// A column's number within the files of one kind; never 0.
package struct ColumnID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static func < (left: ColumnID, right: ColumnID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What a file says it is. The owner's fields; this module only keeps them.
package struct ColumnFileIdentity: Sendable, Equatable {
    package var kind: UInt32
    package var kindVersion: UInt32
    package var number: Int64
    package var rowCount: Int
    package var dimension: UInt32
    package var sequences: ClosedRange<Int64>
    package var quantizerVersion: UInt64

    /// - Parameters:
    ///   - number: at least 0, as are `rowCount` and both ends of `sequences`.
    package init(
        kind: UInt32, kindVersion: UInt32, number: Int64, rowCount: Int, dimension: UInt32,
        sequences: ClosedRange<Int64>, quantizerVersion: UInt64 = 0
    ) {
        precondition(
            number >= 0 && rowCount >= 0 && sequences.lowerBound >= 0,
            "number \(number), rowCount \(rowCount) and sequences \(sequences) must not be negative")
        self.kind = kind
        self.kindVersion = kindVersion
        self.number = number
        self.rowCount = rowCount
        self.dimension = dimension
        self.sequences = sequences
        self.quantizerVersion = quantizerVersion
    }
}

/// One column: what its elements are and how many there are.
package struct ColumnDescription: Sendable, Equatable {
    package let id: ColumnID
    package let elementType: ColumnElementType
    package let shape: ColumnShape
    package let blockSize: Int

    package init(
        id: ColumnID, elementType: ColumnElementType, shape: ColumnShape,
        blockSize: Int = ColumnFileFormat.blockSizeDefault
    ) {
        self.id = id
        self.elementType = elementType
        self.shape = shape
        self.blockSize = blockSize
    }

    var elementCount: Int { shape.rowCount * shape.rowElements }
    var byteLength: Int { elementCount * elementType.byteWidth }
    var blockCount: Int { (byteLength + blockSize - 1) / blockSize }
}
