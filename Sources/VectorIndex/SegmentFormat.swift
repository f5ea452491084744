import Columnar
import Kernels

// A segment of vectors: the columns of a `<number>.vectors` file, version 3
// =========================================================================
//
// The container (header, directory, checksums, alignment) is specified in Columnar/ColumnFileFormat.swift;
// its header says kind 1 and kind version 3. Row counts below are the header's, `n`, the dimension `d`. A
// segment is *flat* (quantizer version 0) or *listed* (the number of the quantizer file whose centroids and
// codewords its columns are made with).
//
//   id  name          element  rows × elements
//    1  row           int64    n × 1             row ids; flat: strictly ascending; listed: within each list
//    2  document      int64    n × 1             document ordinals
//    3  bornSequence  int64    n × 1             inside the header's sequences
//    4  vector        float32  n × d             finite, squared lengths at most 2¹²⁶
//    5  lengthMax     float32  1 × 1             the greatest Euclidean length of a vector; 0 if n = 0
//
// and, in a listed segment, with `nlist` and the `steps` of a code from the quantizer:
//
//    6  listStart     uint32   (nlist + 1) × 1   list l holds the rows listStart[l] ..< listStart[l + 1];
//                                                ascending, from 0 to n
//    7  code          uint8    g × (64 · steps)  codes in groups of 16 rows as CKernels/ckernels_codes.h has
//                                                them; each list starts a group, and its last group is filled
//                                                up with zeros; g is the sum of the lists' groups
//    8  order         uint32   n × 1             positions of the rows by ascending row id
//    9  curve         float32  p × 6             the recall curve (RecallCurve.swift), p may be 0
//   10  byteVector    uint8    n × d             the vectors in whole numbers of their list's unit, 0 as 128
//   11  byteUnit      float32  nlist × 1         a 127th of the greatest magnitude in the list; 0 if all is zero
//
// History
//   1  (2026) columns 1 to 5, flat only.
//   2  (2026) inverted lists.
//   3  (2026) vectors in bytes, between codes and vectors.

/// The numbers of the format above.
enum SegmentFormat {
    static let kind: UInt32 = 1
    static let kindVersion: UInt32 = 3

    static let row = ColumnID(rawValue: 1)
    static let document = ColumnID(rawValue: 2)
    static let bornSequence = ColumnID(rawValue: 3)
    static let vector = ColumnID(rawValue: 4)
    static let lengthMax = ColumnID(rawValue: 5)
    static let listStart = ColumnID(rawValue: 6)
    static let code = ColumnID(rawValue: 7)
    static let order = ColumnID(rawValue: 8)
    static let curve = ColumnID(rawValue: 9)
    static let byteVector = ColumnID(rawValue: 10)
    static let byteUnit = ColumnID(rawValue: 11)

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

    /// The columns that a listed segment has besides.
    static func listColumns(
        rowCount: Int, _ lists: ListTable, _ quantizer: QuantizerShape, curvePoints: Int
    ) -> [ColumnDescription] {
        [
            ColumnDescription(
                id: listStart, elementType: .uint32,
                shape: ColumnShape(rowCount: lists.listCount + 1, rowElements: 1)),
            ColumnDescription(
                id: code, elementType: .uint8,
                shape: ColumnShape(
                    rowCount: lists.groupCount, rowElements: quantizer.codeSteps * ProductCodes.stepBytes)),
            ColumnDescription(
                id: order, elementType: .uint32, shape: ColumnShape(rowCount: rowCount, rowElements: 1)),
            ColumnDescription(
                id: curve, elementType: .float32,
                shape: ColumnShape(rowCount: curvePoints, rowElements: RecallPoint.elementCount)),
            ColumnDescription(
                id: byteVector, elementType: .uint8,
                shape: ColumnShape(rowCount: rowCount, rowElements: quantizer.dimension)),
            ColumnDescription(
                id: byteUnit, elementType: .float32,
                shape: ColumnShape(rowCount: lists.listCount, rowElements: 1)),
        ]
    }

    /// The digest as a description carries it.
    static func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
