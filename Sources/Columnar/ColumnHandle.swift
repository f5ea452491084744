/// A column that was found and compared once, for those who lend parts of it many times.
package struct ColumnHandle: Sendable {
    let placement: ColumnFileLayout.Placement

    /// Bytes of a row of the column.
    let rowBytes: Int
}

extension ColumnFile {
    /// The column `id`, if it is there with elements of `type` in the given shape.
    package func handle(
        _ id: ColumnID, _ type: ColumnElementType, _ shape: ColumnShape
    ) throws(ColumnFileError) -> ColumnHandle {
        try expect(id, type, shape)
        return ColumnHandle(placement: try placement(id), rowBytes: shape.rowElements * type.byteWidth)
    }

    // One function for each type of element, so that none is generic where it is called.

    /// Lends the elements of the given rows.
    package func withBytes(
        _ handle: ColumnHandle, rows: Range<Int>, _ body: (Span<UInt8>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withElements(handle, rows: rows, body)
    }

    /// Lends the elements of the given rows.
    package func withFloats(
        _ handle: ColumnHandle, rows: Range<Int>, _ body: (Span<Float>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withElements(handle, rows: rows, body)
    }

    /// Lends the elements of the given rows.
    package func withIntegers(
        _ handle: ColumnHandle, rows: Range<Int>, _ body: (Span<Int64>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withElements(handle, rows: rows, body)
    }

    /// Lends the elements of the given rows.
    package func withPositions(
        _ handle: ColumnHandle, rows: Range<Int>, _ body: (Span<UInt32>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withElements(handle, rows: rows, body)
    }

    /// Lends the whole column, of which the rows at the first `count` positions were checked and no other may be read.
    ///
    /// Rows taken here and there would otherwise be lent one by one.
    package func withFloats(
        _ handle: ColumnHandle, checkedAt positions: Span<UInt32>, count: Int,
        _ body: (Span<Float>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withAll(handle, checkedAt: positions, count: count, body)
    }

    /// The same of bytes.
    package func withBytes(
        _ handle: ColumnHandle, checkedAt positions: Span<UInt32>, count: Int,
        _ body: (Span<UInt8>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        try withAll(handle, checkedAt: positions, count: count, body)
    }

    private func withAll<Element: ColumnElement>(
        _ handle: ColumnHandle, checkedAt positions: Span<UInt32>, count: Int,
        _ body: (Span<Element>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        let placement = handle.placement
        for index in 0..<count {
            let position = Int(positions[index])
            precondition(
                position < placement.column.shape.rowCount,
                "row \(position) of a column of \(placement.column.shape.rowCount)")
            try prepare(placement, (position * handle.rowBytes)..<((position + 1) * handle.rowBytes))
        }
        try mapping.withElements(
            of: Element.self, byteOffset: placement.byteOffset, count: placement.column.elementCount, body)
    }

    private func withElements<Element: ColumnElement>(
        _ handle: ColumnHandle, rows: Range<Int>, _ body: (Span<Element>) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        let placement = handle.placement
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= placement.column.shape.rowCount,
            "rows \(rows) of a column of \(placement.column.shape.rowCount)")
        let bytes = (rows.lowerBound * handle.rowBytes)..<(rows.upperBound * handle.rowBytes)
        try prepare(placement, bytes)
        try mapping.withElements(
            of: Element.self, byteOffset: placement.byteOffset + bytes.lowerBound,
            count: rows.count * placement.column.shape.rowElements, body)
    }
}
