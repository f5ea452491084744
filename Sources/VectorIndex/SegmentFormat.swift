import Columnar

// A segment of vectors: the columns of a `<number>.vectors` file, version 1
// =========================================================================
//
// The container (header, directory, checksums, alignment) is specified in Columnar/ColumnFileFormat.swift;
// its header says kind 1, kind version 1, quantizer version 0. Row counts below are the header's, `n`, the
// dimension `d`.
//
//   id  name          element  rows × elements
//    1  row           int64    n × 1             row ids, strictly ascending
//    2  document      int64    n × 1             document ordinals
//    3  bornSequence  int64    n × 1             inside the header's sequences
//    4  vector        float32  n × d             finite, squared lengths at most 2¹²⁶
//    5  lengthMax     float32  1 × 1             the greatest Euclidean length of a vector; 0 if n = 0
//
// Reserved for inverted lists and codes: 6 list offsets (int64, nlist + 1), 7 code (uint8), 8 code factors
// (float32), 9 recall curve (float32). A reader of version 1 leaves columns alone that it does not know.
//
// History
//   1  (2026) first.

/// The numbers of the format above.
enum SegmentFormat {
    static let kind: UInt32 = 1
    static let kindVersion: UInt32 = 1

    static let row = ColumnID(rawValue: 1)
    static let document = ColumnID(rawValue: 2)
    static let bornSequence = ColumnID(rawValue: 3)
    static let vector = ColumnID(rawValue: 4)
    static let lengthMax = ColumnID(rawValue: 5)

    static func columns(rowCount: Int, dimension: Int) -> [ColumnDescription] {
        let scalars = ColumnShape(rowCount: rowCount, rowElements: 1)
        let vectors = ColumnShape(rowCount: rowCount, rowElements: dimension)
        let single = ColumnShape(rowCount: 1, rowElements: 1)
        return [
            ColumnDescription(id: row, elementType: .int64, shape: scalars),
            ColumnDescription(id: document, elementType: .int64, shape: scalars),
            ColumnDescription(id: bornSequence, elementType: .int64, shape: scalars),
            ColumnDescription(id: vector, elementType: .float32, shape: vectors),
            ColumnDescription(id: lengthMax, elementType: .float32, shape: single),
        ]
    }

    /// The digest as a description carries it.
    static func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
