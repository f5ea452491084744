import Columnar
import Foundation
import Kernels

/// The centroids and codewords that listed segments are made with, open.
///
/// Every method throws `.quantizerDamaged` if a block it touches for the first time fails its checksum.
final class Quantizer: Sendable {
    let description: QuantizerDescription
    let shape: QuantizerShape

    private let file: ColumnFile
    private let centroid: ColumnHandle
    private let centroidByte: ColumnHandle
    private let axis: ColumnHandle
    private let axisByte: ColumnHandle
    private let centroidUnits: [Float]
    private let axisUnits: [Float]
    private let codewords: [Float]
    private let axisVariances: [Float]
    private let residue: Float

    /// Opens the file that `description` describes and checks that it is that file.
    init(opening description: QuantizerDescription, in directory: URL) throws(VectorIndexError) {
        let shape = QuantizerShape(dimension: description.dimension, listCount: description.listCount)
        self.shape = shape
        self.description = description
        let number = description.number
        let file = try Self.damaged(number) { () throws(ColumnFileError) in
            try ColumnFile(opening: description.path(in: directory))
        }
        try Self.compare(file, with: description)
        self.file = file
        let columns = QuantizerFormat.columns(shape)
        let handles = try Self.damaged(number) { () throws(ColumnFileError) in
            var handles: [ColumnID: ColumnHandle] = [:]
            for column in columns {
                handles[column.id] = try file.handle(column.id, column.elementType, column.shape)
            }
            return handles
        }
        func handle(_ id: ColumnID) -> ColumnHandle {
            guard let handle = handles[id] else { preconditionFailure("no handle of column \(id)") }
            return handle
        }
        centroid = handle(QuantizerFormat.centroid)
        centroidByte = handle(QuantizerFormat.centroidByte)
        axis = handle(QuantizerFormat.axis)
        axisByte = handle(QuantizerFormat.axisByte)
        func floats(_ id: ColumnID) throws(VectorIndexError) -> [Float] {
            try Self.damaged(number) { () throws(ColumnFileError) in
                var copy: [Float] = []
                let rowCount = columns.first { $0.id == id }?.shape.rowCount ?? 0
                try file.withFloats(handle(id), rows: 0..<rowCount) { span in
                    copy = (0..<span.count).map { span[$0] }
                }
                return copy
            }
        }
        centroidUnits = try floats(QuantizerFormat.centroidUnit)
        axisUnits = try floats(QuantizerFormat.axisUnit)
        codewords = try floats(QuantizerFormat.codeword)
        axisVariances = try floats(QuantizerFormat.axisVariance)
        residue = try floats(QuantizerFormat.residue)[0]
    }

    // MARK: Queries

    /// Turns a query into what its scan needs. Costs a product with the rounded centroids and axes.
    func prepare(_ query: Span<Float>) throws(VectorIndexError) -> PreparedQuery {
        let (rounded, unit) = round(query)
        let scores = try products(of: rounded, [unit], centroidByte, shape.centroidBytes, centroidUnits)
        let projected = try products(of: rounded, [unit], axisByte, shape.axisBytes, axisUnits)
        return prepared(query, rounded[...], unit, scores: scores, projected: projected)
    }

    /// The same for several queries, at less than their single costs.
    func prepare(_ queries: some Collection<[Float]>) throws(VectorIndexError) -> [PreparedQuery] {
        var (bytes, units): ([Int8], [Float]) = ([], [])
        for query in queries {
            let (rounded, unit) = round(query.span)
            bytes += rounded
            units.append(unit)
        }
        let scores = try products(of: bytes, units, centroidByte, shape.centroidBytes, centroidUnits)
        let projected = try products(of: bytes, units, axisByte, shape.axisBytes, axisUnits)
        let (dimension, listCount, axisCount) = (
            shape.centroidBytes.paddedDimension, shape.listCount, shape.axisCount
        )
        return zip(queries, 0...).map { query, index in
            prepared(
                query.span, bytes[(index * dimension)..<((index + 1) * dimension)], units[index],
                scores: Array(scores[(index * listCount)..<((index + 1) * listCount)]),
                projected: Array(projected[(index * axisCount)..<((index + 1) * axisCount)]))
        }
    }

    private func round(_ query: Span<Float>) -> (bytes: [Int8], unit: Float) {
        var rounded = [Int8](repeating: 0, count: shape.centroidBytes.paddedDimension)
        var room = rounded.mutableSpan
        let unit = QueryTables.quantize(query, into: &room)
        return (rounded, unit)
    }

    private func prepared(
        _ query: Span<Float>, _ rounded: ArraySlice<Int8>, _ unit: Float, scores: [Float], projected: [Float]
    ) -> PreparedQuery {
        var table = [Int8](repeating: 0, count: shape.codeSteps * ProductCodes.stepEntries)
        var tableSpan = table.mutableSpan
        // A span of an object's property does not outlive the expression; one of a copy does.
        let codewords = codewords
        let (middle, tableUnit) = QueryTables.codeTable(
            of: projected.span, codewords: codewords.span, subspaceCount: shape.subspaceCount,
            width: shape.width, into: &tableSpan)
        let squaredLength = DotProducts.product(query, query)
        let (spread, noise) = deviations(projected, squaredLength: squaredLength)
        return PreparedQuery(
            products: scores,
            rounded: RoundedQuery(
                bytes: Array(rounded.prefix(query.count)), unit: unit, length: squaredLength.squareRoot()),
            table: table, middle: middle, unit: tableUnit, spread: spread, noise: noise)
    }

    /// Products of vectors with every row of a column, `units.count × rows`.
    private func products(
        of vectors: [Int8], _ units: [Float], _ column: ColumnHandle, _ packed: ByteProducts.Shape,
        _ rowUnits: [Float]
    ) throws(VectorIndexError) -> [Float] {
        var whole = [Int32](repeating: 0, count: units.count * packed.paddedRowCount)
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withBytes(column, rows: 0..<packed.byteCount) { matrix in
                Self.multiply(vectors, with: matrix, packed, into: &whole)
            }
        }
        var products: [Float] = []
        products.reserveCapacity(units.count * rowUnits.count)
        for (vector, unit) in units.enumerated() {
            let start = vector * packed.paddedRowCount
            for row in rowUnits.indices {
                products.append(Float(whole[start + row]) * (unit * rowUnits[row]))
            }
        }
        return products
    }

    /// How far products with this query spread about a centroid's, and how far the codes' estimates of them
    /// are off: standard deviations over the rows that trained the quantizer.
    private func deviations(_ projected: [Float], squaredLength: Float) -> (spread: Float, noise: Float) {
        var (spread, noise, covered) = (Float(0), Float(0), Float(0))
        for index in projected.indices {
            let square = projected[index] * projected[index]
            covered += square
            spread += square * axisVariances[2 * index]
            noise += square * axisVariances[2 * index + 1]
        }
        let outside = max(0, squaredLength - covered) * residue
        return ((spread + outside).squareRoot(), (noise + outside).squareRoot())
    }

    // MARK: Rows

    /// Lends all centroids, `listCount × dimension`.
    func withCentroids(_ body: (Span<Float>) -> Void) throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withFloats(centroid, rows: 0..<shape.listCount) { body($0) }
        }
    }

    /// Codes of vectors that belong to one list: `count × subspaceCount`, a byte each.
    ///
    /// - Parameter vectors: `count × dimension`.
    func codes(of vectors: [Float], list: Int) throws(VectorIndexError) -> [UInt8] {
        let dimension = shape.dimension
        let count = vectors.count / dimension
        var residuals = vectors
        try withCentroids { centroids in
            for row in 0..<count {
                for i in 0..<dimension { residuals[row * dimension + i] -= centroids[list * dimension + i] }
            }
        }
        var projected = [Float](repeating: 0, count: count * shape.axisCount)
        try Self.damaged(description.number) { () throws(ColumnFileError) in
            try file.withFloats(axis, rows: 0..<shape.axisCount) { axes in
                Self.project(residuals, count, on: axes, shape, into: &projected)
            }
        }
        var codes = [UInt8](repeating: 0, count: count * shape.subspaceCount)
        var room = codes.mutableSpan
        let codewords = codewords
        ProductCodes.nearest(
            to: projected.span, codewords: codewords.span, subspaceCount: shape.subspaceCount,
            width: shape.width, into: &room)
        return codes
    }

    private static func multiply(
        _ vector: [Int8], with matrix: Span<UInt8>, _ packed: ByteProducts.Shape, into products: inout [Int32]
    ) {
        var room = products.mutableSpan
        ByteProducts.products(of: vector.span, with: matrix, shape: packed, into: &room)
    }

    private static func project(
        _ rows: [Float], _ count: Int, on axes: Span<Float>, _ shape: QuantizerShape,
        into projected: inout [Float]
    ) {
        var room = projected.mutableSpan
        MatrixProduct.rowsByRows(
            rows.span, MatrixShape(rowCount: count, columnCount: shape.dimension), axes,
            MatrixShape(rowCount: shape.axisCount, columnCount: shape.dimension), into: &room,
            MatrixShape(rowCount: count, columnCount: shape.axisCount))
    }

    /// Checks every byte of the file.
    func verify() throws(VectorIndexError) {
        try Self.damaged(description.number) { () throws(ColumnFileError) in try file.verify() }
    }

    private static func compare(
        _ file: ColumnFile, with description: QuantizerDescription
    ) throws(VectorIndexError) {
        let identity = file.identity
        let facts: [(SegmentField, expected: String, found: String)] = [
            (.kind, "\(QuantizerFormat.kind)", "\(identity.kind)"),
            (.version, "\(QuantizerFormat.kindVersion)", "\(identity.kindVersion)"),
            (.number, "\(description.number)", "\(identity.number)"),
            (.listCount, "\(description.listCount)", "\(identity.rowCount)"),
            (.dimension, "\(description.dimension)", "\(identity.dimension)"),
            (.byteCount, "\(description.byteCount)", "\(file.byteCount)"),
            (.digest, description.digest, SegmentFormat.hexadecimal(file.digest)),
        ]
        for (field, expected, found) in facts where expected != found {
            throw .quantizerMismatch(
                number: description.number, field: field, expected: expected, found: found)
        }
    }

    private static func damaged<Result>(
        _ number: Int64, _ body: () throws(ColumnFileError) -> Result
    ) throws(VectorIndexError) -> Result {
        do {
            return try body()
        } catch {
            throw error.isDamage
                ? .quantizerDamaged(number: number, underlying: error)
                : .segmentUnreadable(number: number, underlying: error)
        }
    }
}

/// A query as the scan of one quantizer's lists needs it.
struct PreparedQuery {
    /// The query's product with each list's centroid.
    var products: [Float]
    let rounded: RoundedQuery
    let table: [Int8]

    /// A row's product is about that with its list's centroid, plus `middle`, plus `unit` for each unit of
    /// its sum of entries.
    let middle: Float
    let unit: Float

    /// Standard deviations: of rows' products about their centroid's, and of estimates about the products.
    let spread: Float
    let noise: Float

    /// Share of a row's difference from its centroid that its estimate shows: a row whose product is `t`
    /// above its centroid's is estimated at `kept · t`, give or take the noise. Codes are means of what they
    /// stand for, so what they miss is uncorrelated with what they show, and by regression 1 - noise² /
    /// spread² is left.
    var kept: Float { spread > 0 ? max(0, 1 - (noise * noise) / (spread * spread)) : 1 }
}

/// A query in whole numbers of a byte, to be held against rows in such.
struct RoundedQuery {
    let bytes: [Int8]

    /// What a whole number stands for.
    let unit: Float

    /// Euclidean, of the query before it was rounded.
    let length: Float

    static let none = RoundedQuery(bytes: [], unit: 0, length: 0)

    /// How far a product of rounded vectors may be below that of the vectors, but in a case of a thousand:
    /// rounding errors spread evenly over a unit, and independent ones add up in squares. The sum of both
    /// parts is taken, which is more.
    func margin(unit other: Float, length otherLength: Float) -> Float {
        Self.deviations / Float(12).squareRoot() * (unit * otherLength + other * length)
    }

    private static let deviations: Float = 3
}
