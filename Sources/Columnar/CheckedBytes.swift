/// A column of bytes every block of which was found right, lent without looking again.
///
/// For the innermost loops, where the look costs as much as what is done with the bytes.
@safe
package final class CheckedBytes: @unchecked Sendable {
    @usableFromInline package let rowBytes: Int
    @usableFromInline package let rowCount: Int

    // SAFETY: of `@unchecked Sendable` and `@safe`: the memory is read-only, holds `rowCount × rowBytes`
    // bytes, and is mapped as long as `file`, which this object keeps.
    @usableFromInline let start: UnsafePointer<UInt8>
    private let file: MappedFile

    init?(_ file: MappedFile, _ placement: ColumnFileLayout.Placement, rowBytes: Int) {
        self.file = file
        self.rowBytes = rowBytes
        rowCount = placement.column.shape.rowCount
        guard rowCount > 0,
            let start = unsafe file.pointer(at: placement.byteOffset, count: rowCount * rowBytes)
        else {
            return nil
        }
        unsafe self.start = start
    }

    /// Lends the bytes of the given rows.
    @inlinable
    package func withRows(_ rows: Range<Int>, _ body: (Span<UInt8>) -> Void) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of \(rowCount)")
        defer { extendLifetime(self) }
        // SAFETY: the rows were found to be in the column; `self` lives past `body`.
        let bytes = unsafe UnsafeBufferPointer(
            start: start + rows.lowerBound * rowBytes, count: rows.count * rowBytes)
        body(unsafe bytes.span)
    }
}

extension ColumnFile {
    /// The column, if every block of it was checked since the file was opened and pages are not counted; costs a look
    /// at each block's bit up to the first that was not.
    package func checkedBytes(_ handle: ColumnHandle) -> CheckedBytes? {
        let placement = handle.placement
        guard placement.column.elementType == .uint8, !mapping.isPassing,
            isChecked(blocks: placement.blockFirst..<(placement.blockFirst + placement.column.blockCount))
        else { return nil }
        return CheckedBytes(mapping, placement, rowBytes: handle.rowBytes)
    }
}
