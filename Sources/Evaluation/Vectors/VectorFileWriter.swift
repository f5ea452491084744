/// Writes a table of vectors or ids in the format that its name says, in portions.
///
/// The file stands under its name once `finish` returned; a writer that is released before leaves nothing.
/// Not for use by several threads at once.
public final class VectorFileWriter {
    private let path: String
    private let layout: VectorFileLayout
    private let file: WritableFile
    private var rowCount = 0

    /// For vectors: `.fvecs`, `.fbin`, `.npy` (float32).
    public convenience init(
        vectorsTo path: String, rowCount: Int, dimension: Int
    ) throws(VectorFileError) {
        try self.init(path: path, element: .float32, rowCount: rowCount, dimension: dimension)
    }

    /// For ids: `.ivecs`, `.ibin` (int32), `.npy` (int64).
    public convenience init(idsTo path: String, rowCount: Int, dimension: Int) throws(VectorFileError) {
        let isNumPy = try VectorFileFormat(path: path) == .npy
        try self.init(
            path: path, element: isNumPy ? .int64 : .int32, rowCount: rowCount, dimension: dimension)
    }

    private init(
        path: String, element: VectorElement, rowCount: Int, dimension: Int
    ) throws(VectorFileError) {
        let format = try VectorFileFormat(path: path)
        if let holds = format.element, holds != element {
            throw .elementType(path: path, found: holds, expected: [element])
        }
        guard VectorFile.dimensionBounds.contains(dimension) else {
            throw .dimensionOutOfRange(path: path, found: dimension, allowed: VectorFile.dimensionBounds)
        }
        let counts = format == .fbin || format == .ibin ? 1...Int(UInt32.max) : VectorFile.rowCountBounds
        guard counts.contains(rowCount) else {
            throw .countOutOfRange(path: path, found: rowCount, allowed: counts)
        }
        let head: [UInt8]
        switch format {
        case .npy: head = NumPyHeader.bytes(element: element, rowCount: rowCount, dimension: dimension)
        case .fbin, .ibin: head = Self.bytes(UInt32(rowCount)) + Self.bytes(UInt32(dimension))
        case .fvecs, .ivecs, .bvecs: head = []
        }
        self.path = path
        layout = VectorFileLayout(
            element: element, rowCount: rowCount, dimension: dimension, dataOffset: head.count,
            rowHeaderBytes: [.fvecs, .ivecs, .bvecs].contains(format) ? 4 : 0)
        file = try WritableFile(path: path)
        try file.append(head)
    }

    /// Adds whole rows, row-major.
    public func append(_ vectors: [Float]) throws(VectorFileError) {
        precondition(layout.element == .float32, "vectors for a file of \(layout.element)")
        try count(vectors.count)
        if layout.rowHeaderBytes == 0 {
            try file.append(vectors)
        } else {
            try file.append(withHeaders(vectors.map(\.bitPattern)))
        }
    }

    /// Adds whole rows of ids, row-major.
    public func append(ids: [Int64]) throws(VectorFileError) {
        precondition(VectorElement.ids.contains(layout.element), "ids for a file of \(layout.element)")
        try count(ids.count)
        guard layout.element == .int32 else { return try file.append(ids) }
        var words: [UInt32] = []
        words.reserveCapacity(ids.count)
        for id in ids {
            guard let word = Int32(exactly: id) else { throw .integerOutOfRange(path: path, found: id) }
            words.append(UInt32(bitPattern: word))
        }
        try file.append(layout.rowHeaderBytes == 0 ? words : withHeaders(words))
    }

    /// Ends the file and gives it its name.
    public func finish() throws(VectorFileError) {
        guard rowCount == layout.rowCount else {
            throw .rowsMismatch(path: path, expectedRows: layout.rowCount, foundRows: rowCount)
        }
        try file.finish()
    }

    private func count(_ numbers: Int) throws(VectorFileError) {
        precondition(
            numbers.isMultiple(of: layout.dimension), "\(numbers) are no rows of \(layout.dimension)")
        rowCount += numbers / layout.dimension
        guard rowCount <= layout.rowCount else {
            throw .rowsMismatch(path: path, expectedRows: layout.rowCount, foundRows: rowCount)
        }
    }

    private func withHeaders(_ words: [UInt32]) -> [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(words.count / layout.dimension * (layout.dimension + 1))
        for start in stride(from: 0, to: words.count, by: layout.dimension) {
            rows.append(UInt32(layout.dimension))
            rows += words[start..<(start + layout.dimension)]
        }
        return rows
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
