/// Where every part of a file lies: a function of the columns alone, so that a writer places by it and a
/// reader compares with it.
struct ColumnFileLayout: Sendable {
    struct Placement: Sendable {
        let column: ColumnDescription
        let byteOffset: Int

        /// Number of the column's first block among the blocks of the file.
        let blockFirst: Int

        var byteEnd: Int { byteOffset + column.byteLength }

        /// Bytes of the file that block `index` of the column takes.
        func byteRange(block index: Int) -> Range<Int> {
            let start = byteOffset + index * column.blockSize
            return start..<min(start + column.blockSize, byteEnd)
        }
    }

    let placements: [Placement]
    let blockCount: Int
    let directoryOffset: Int

    /// - Parameter columns: with sizes whose sum is far from overflowing (a reader has checked each against
    ///   the length of a real file).
    init(columns: [ColumnDescription]) {
        var placements: [Placement] = []
        var offset = ColumnFileFormat.headerLength
        var blocks = 0
        for column in columns {
            offset = Self.aligned(offset)
            placements.append(Placement(column: column, byteOffset: offset, blockFirst: blocks))
            offset += column.byteLength
            blocks += column.blockCount
        }
        self.placements = placements
        blockCount = blocks
        directoryOffset = Self.aligned(offset)
    }

    var checksumsOffset: Int { directoryOffset + placements.count * ColumnFileFormat.entryLength }
    var directoryLength: Int { fileLength - directoryOffset }
    var fileLength: Int { checksumsOffset + blockCount * ColumnFileFormat.checksumLength }

    /// Byte offset of the checksum of the file's block number `block`.
    func checksumOffset(block: Int) -> Int {
        checksumsOffset + block * ColumnFileFormat.checksumLength
    }

    /// The bytes between the parts, which are zero.
    var gaps: [Range<Int>] {
        let starts = [ColumnFileFormat.headerLength] + placements.map(\.byteEnd)
        let ends = placements.map(\.byteOffset) + [directoryOffset]
        return zip(starts, ends).map { $0..<$1 }
    }

    private static func aligned(_ offset: Int) -> Int {
        let mask = ColumnFileFormat.alignment - 1
        return (offset + mask) & ~mask
    }
}
