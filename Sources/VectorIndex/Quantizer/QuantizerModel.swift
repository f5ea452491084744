import Columnar
import Foundation
import Kernels

/// What training made, before it is written.
struct QuantizerModel {
    let shape: QuantizerShape

    /// `listCount × dimension`.
    let centroids: [Float]

    /// `axisCount × dimension`, in the order of the subspaces.
    let axes: [Float]

    /// `subspaceCount × width × 16`.
    let codewords: [Float]

    /// `axisCount × 2`: variance, and mean square error of the codes.
    let axisVariances: [Float]
    let residue: Float

    /// Writes the model as quantizer `number`; when this returns it is on the disk.
    ///
    /// - Throws: `.segmentExists`, `.segmentNotWritten`.
    func write(number: Int64, in directory: URL) throws(VectorIndexError) -> QuantizerDescription {
        let path = directory.appending(
            path: QuantizerDescription.fileName(number: number), directoryHint: .notDirectory)
        let identity = ColumnFileIdentity(
            kind: QuantizerFormat.kind, kindVersion: QuantizerFormat.kindVersion, number: number,
            rowCount: shape.listCount, dimension: UInt32(shape.dimension), sequences: 0...0)
        let centroidBytes = PackedRows(centroids, dimension: shape.dimension)
        let axisBytes = PackedRows(axes, dimension: shape.dimension)
        do {
            let writer = try ColumnFileWriter(
                creating: path.path(percentEncoded: false), identity: identity,
                columns: QuantizerFormat.columns(shape))
            try writer.append(centroids.span, to: QuantizerFormat.centroid)
            try writer.append(centroidBytes.bytes.span, to: QuantizerFormat.centroidByte)
            try writer.append(centroidBytes.units.span, to: QuantizerFormat.centroidUnit)
            try writer.append(axes.span, to: QuantizerFormat.axis)
            try writer.append(axisBytes.bytes.span, to: QuantizerFormat.axisByte)
            try writer.append(axisBytes.units.span, to: QuantizerFormat.axisUnit)
            try writer.append(codewords.span, to: QuantizerFormat.codeword)
            try writer.append(axisVariances.span, to: QuantizerFormat.axisVariance)
            try writer.append([residue].span, to: QuantizerFormat.residue)
            let (byteCount, digest) = try writer.finish()
            return QuantizerDescription(
                number: number, listCount: shape.listCount, dimension: shape.dimension,
                byteCount: Int64(byteCount), digest: SegmentFormat.hexadecimal(digest))
        } catch .exists {
            throw .segmentExists(number: number)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }
}

/// Rows rounded to bytes and packed for `ByteProducts`.
private struct PackedRows {
    let bytes: [UInt8]
    let units: [Float]

    init(_ rows: [Float], dimension: Int) {
        let rowCount = rows.count / dimension
        let shape = ByteProducts.Shape(rowCount: rowCount, dimension: dimension)
        var packed = [UInt8](repeating: 128, count: shape.byteCount)
        var units: [Float] = []
        var row = [Int8](repeating: 0, count: dimension)
        for index in 0..<rowCount {
            var room = row.mutableSpan
            units.append(
                QueryTables.quantize(
                    rows.span.extracting((index * dimension)..<((index + 1) * dimension)), into: &room))
            for i in 0..<dimension {
                packed[shape.offset(row: index, component: i)] = UInt8(Int(row[i]) + 128)
            }
        }
        bytes = packed
        self.units = units
    }
}
