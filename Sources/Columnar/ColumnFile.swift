/// A sealed file of columns, open for reading by any number of threads.
///
/// Opening checks header and directory and touches nothing else; a block of a column is checked when it is
/// first lent, and the result remembered. Bytes that fail a check are never lent.
package final class ColumnFile: Sendable {
    package let identity: ColumnFileIdentity

    /// The header's checksum, which seals those of the directory and of every block.
    package let digest: UInt64

    let mapping: MappedFile
    private let layout: ColumnFileLayout
    private let checkedBlocks: AtomicBitmap

    /// Opens the file at `path`. Cost: the header, the directory, and the zeros between columns.
    ///
    /// - Parameter residentBytesMax: for who reads the file once through: pages past so many bytes are given back while
    ///   it is read, and do not count as the process's memory. Nil for one that is searched.
    package init(opening path: String, residentBytesMax: Int? = nil) throws(ColumnFileError) {
        let mapping = try MappedFile(
            path: path, byteCountMin: ColumnFileFormat.headerLength, residentBytesMax: residentBytesMax)
        let decoding = ColumnFileDecoding(file: path)
        let (header, layout) = try mapping.withBytes { bytes throws(ColumnFileError) in
            let header = try decoding.header(bytes)
            return (header, try decoding.layout(bytes, header))
        }
        self.mapping = mapping
        self.layout = layout
        identity = header.identity
        digest = header.digest
        checkedBlocks = AtomicBitmap(count: layout.blockCount)
    }

    package var path: String { mapping.path }

    /// Length of the file.
    package var byteCount: Int { mapping.byteCount }

    /// The columns, by ascending id.
    package var columns: [ColumnDescription] { layout.placements.map(\.column) }

    /// Lends the elements of the given rows of a column.
    ///
    /// - Parameters:
    ///   - rows: rows of the column, inside its row count.
    ///   - body: gets `rows.count × rowElements` elements, row after row, valid during the call.
    /// - Throws: `.columnMissing`, `.elementType`, or `.checksum` if a block that holds one of the rows is
    ///   damaged.
    package func withColumn<Element: ColumnElement, Result>(
        _ id: ColumnID, rows: Range<Int>, as type: Element.Type,
        _ body: (Span<Element>) throws(ColumnFileError) -> Result
    ) throws(ColumnFileError) -> Result {
        let placement = try placement(id)
        let column = placement.column
        guard column.elementType == Element.columnType else {
            throw .elementType(
                file: path, column: id, expected: Element.columnType, found: column.elementType)
        }
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= column.shape.rowCount,
            "rows \(rows) of a column of \(column.shape.rowCount)")
        let rowBytes = column.shape.rowElements * column.elementType.byteWidth
        let bytes = (rows.lowerBound * rowBytes)..<(rows.upperBound * rowBytes)
        try prepare(placement, bytes)
        return try mapping.withElements(
            of: Element.self, byteOffset: placement.byteOffset + bytes.lowerBound,
            count: rows.count * column.shape.rowElements, body)
    }

    /// Throws unless column `id` is there with elements of `type` in the given shape.
    package func expect(
        _ id: ColumnID, _ type: ColumnElementType, _ shape: ColumnShape
    ) throws(ColumnFileError) {
        let column = try placement(id).column
        guard column.elementType == type else {
            throw .elementType(file: path, column: id, expected: type, found: column.elementType)
        }
        guard column.shape == shape else {
            throw .columnShape(file: path, column: id, expected: shape, found: column.shape)
        }
    }

    /// Checks every block, whether it was checked before or not.
    package func verify() throws(ColumnFileError) {
        for placement in layout.placements {
            for block in 0..<placement.column.blockCount {
                try check(block: block, of: placement)
            }
        }
    }

    /// Gives back the pages that were touched up to now.
    ///
    /// For whoever has opened a file and looked at its ends: the kernel maps 64 KiB around each place that is looked
    /// at, and a segment that nobody searches would hold a megabyte of them.
    package func giveBackPages() {
        mapping.giveBackPages()
    }

    func placement(_ id: ColumnID) throws(ColumnFileError) -> ColumnFileLayout.Placement {
        guard let placement = layout.placements.first(where: { $0.column.id == id }) else {
            throw .columnMissing(file: path, column: id)
        }
        return placement
    }

    /// Checks and counts bytes before they are lent.
    ///
    /// - Parameter bytes: counted from the start of the column.
    func prepare(_ placement: ColumnFileLayout.Placement, _ bytes: Range<Int>) throws(ColumnFileError) {
        try checkBlocks(of: placement, holding: bytes)
        guard mapping.isPassing else { return }
        let start = placement.byteOffset
        mapping.touch((start + bytes.lowerBound)..<(start + bytes.upperBound))
    }

    private func checkBlocks(
        of placement: ColumnFileLayout.Placement, holding bytes: Range<Int>
    ) throws(ColumnFileError) {
        guard !bytes.isEmpty else { return }
        let blockSize = placement.column.blockSize
        for block in (bytes.lowerBound / blockSize)...((bytes.upperBound - 1) / blockSize)
        where !checkedBlocks[placement.blockFirst + block] {
            try check(block: block, of: placement)
        }
    }

    func isChecked(blocks: Range<Int>) -> Bool {
        blocks.allSatisfy { checkedBlocks[$0] }
    }

    private func check(block: Int, of placement: ColumnFileLayout.Placement) throws(ColumnFileError) {
        let decoding = ColumnFileDecoding(file: path)
        let number = placement.blockFirst + block
        mapping.touch(placement.byteRange(block: block))
        try mapping.withBytes { bytes throws(ColumnFileError) in
            let expected = bytes.uint64(at: layout.checksumOffset(block: number))
            let part = ColumnFilePart.block(column: placement.column.id, index: block)
            try decoding.check(part, bytes, placement.byteRange(block: block), against: expected)
        }
        checkedBlocks.set(number)
    }
}
