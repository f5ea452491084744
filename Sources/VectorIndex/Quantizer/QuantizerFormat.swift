import Columnar
import Kernels

// A quantizer: the columns of a `<number>.quantizer` file, version 1
// ==================================================================
//
// The container is specified in Columnar/ColumnFileFormat.swift; its header says kind 3 and kind version 1.
// The header's row count is `nlist`, its dimension `d`; its sequences mean nothing. A code has M subspaces
// (a multiple of 8) of w axes each, K = M · w of them in all, in the order of the subspaces; an axis past the
// d that there can be is zero.
//
//   id  name            element  rows × elements
//    1  centroid        float32  nlist × d      the mean of the rows that trained the list
//    2  centroidByte    uint8    one row        the centroids, rounded: each is its unit times whole numbers,
//                                               packed as CKernels/ckernels_bytes.h has them, 0 as 128
//    3  centroidUnit    float32  nlist × 1      what a whole number of a centroid stands for
//    4  axis            float32  K × d          orthonormal: principal axes of what rows differ from centroids
//    5  axisByte        uint8    one row        the axes, as centroidByte has the centroids
//    6  axisUnit        float32  K × 1
//    7  codeword        float32  M × (w · 16)   component i of codeword j of a subspace is element 16 i + j
//    8  axisVariance    float32  K × 2          along each axis: the variance of residuals, and the mean
//                                               square of what their codes miss
//    9  residue         float32  1 × 1          mean variance along the axes that codes leave out
//
// History
//   1  (2026) first.

/// The numbers of the format above.
enum QuantizerFormat {
    static let kind: UInt32 = 3
    static let kindVersion: UInt32 = 1

    static let centroid = ColumnID(rawValue: 1)
    static let centroidByte = ColumnID(rawValue: 2)
    static let centroidUnit = ColumnID(rawValue: 3)
    static let axis = ColumnID(rawValue: 4)
    static let axisByte = ColumnID(rawValue: 5)
    static let axisUnit = ColumnID(rawValue: 6)
    static let codeword = ColumnID(rawValue: 7)
    static let axisVariance = ColumnID(rawValue: 8)
    static let residue = ColumnID(rawValue: 9)

    /// Lists that a quantizer may have: a coarse step over more costs more than it saves at any size that one
    /// machine holds.
    static let listCounts = 1...65_536

    static func columns(_ shape: QuantizerShape) -> [ColumnDescription] {
        func column(
            _ id: ColumnID, _ type: ColumnElementType, _ rowCount: Int, _ rowElements: Int
        ) -> ColumnDescription {
            ColumnDescription(
                id: id, elementType: type, shape: ColumnShape(rowCount: rowCount, rowElements: rowElements))
        }
        return [
            column(centroid, .float32, shape.listCount, shape.dimension),
            column(centroidByte, .uint8, shape.centroidBytes.byteCount, 1),
            column(centroidUnit, .float32, shape.listCount, 1),
            column(axis, .float32, shape.axisCount, shape.dimension),
            column(axisByte, .uint8, shape.axisBytes.byteCount, 1),
            column(axisUnit, .float32, shape.axisCount, 1),
            column(codeword, .float32, shape.subspaceCount, shape.width * ProductCodes.codewordCount),
            column(axisVariance, .float32, shape.axisCount, 2),
            column(residue, .float32, 1, 1),
        ]
    }
}

/// The sizes of a quantizer.
struct QuantizerShape: Sendable, Equatable {
    let dimension: Int
    let listCount: Int

    /// Axes of a subspace.
    let width: Int

    /// A multiple of 8.
    let subspaceCount: Int

    /// Codes spend their bits on the principal half of the axes: two for each axis, or one where there are so
    /// many lists that codes of two would not stay in a processor's third-level cache.
    ///
    /// Measured at 384 dimensions: of 164k rows in 2,048 lists half the bits leave more than twice the rows to
    /// compare (229 against 105 at recall 0.96), which costs more than the scan saves; of a million rows in
    /// 5,008 lists the scan waits for memory (225 µs a query against 191 in 128 lists).
    init(dimension: Int, listCount: Int) {
        self.dimension = dimension
        self.listCount = listCount
        let step = ProductCodes.stepSubspaces
        let bits = listCount < Self.listsOfShortCodes ? 2 : 1
        subspaceCount = max(step, (dimension * bits / 8 + step - 1) / step * step)
        width = max(1, min(4 / bits, dimension / subspaceCount))
    }

    /// About 600,000 rows, whose codes of 48 bytes are 30 MB.
    private static let listsOfShortCodes = 4_000

    /// Whether the codes of so many lists cannot be expected to stay in a processor's third-level cache.
    var codesOutgrowCaches: Bool { listCount >= Self.listsOfShortCodes }

    var axisCount: Int { subspaceCount * width }
    var codeSteps: Int { subspaceCount / ProductCodes.stepSubspaces }
    var centroidBytes: ByteProducts.Shape {
        ByteProducts.Shape(rowCount: listCount, dimension: dimension)
    }
    var axisBytes: ByteProducts.Shape { ByteProducts.Shape(rowCount: axisCount, dimension: dimension) }
}
