/// Turns a file's identity and layout into the bytes of its header and directory.
enum ColumnFileEncoding {
    static func header(
        _ identity: ColumnFileIdentity, _ layout: ColumnFileLayout, directory: [UInt8]
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: ColumnFileFormat.headerLength)
        bytes.store(ColumnFileFormat.magic, at: 0)
        bytes.store(ColumnFileFormat.version, at: 8)
        bytes.store(UInt32(ColumnFileFormat.headerLength), at: 12)
        bytes.store(identity.kind, at: 16)
        bytes.store(identity.kindVersion, at: 20)
        bytes.store(identity.number, at: 24)
        bytes.store(Int64(identity.rowCount), at: 32)
        bytes.store(identity.dimension, at: 40)
        bytes.store(UInt32(layout.placements.count), at: 44)
        bytes.store(identity.sequences.lowerBound, at: 48)
        bytes.store(identity.sequences.upperBound, at: 56)
        bytes.store(identity.quantizerVersion, at: 64)
        bytes.store(UInt64(layout.directoryOffset), at: 88)
        bytes.store(UInt64(layout.directoryLength), at: 96)
        bytes.store(XXH64.checksum(directory.span), at: 104)
        bytes.store(UInt64(layout.fileLength), at: 112)
        let digest = XXH64.checksum(bytes.span.extracting(first: ColumnFileFormat.headerChecksumOffset))
        bytes.store(digest, at: ColumnFileFormat.headerChecksumOffset)
        return bytes
    }

    /// - Parameter checksums: one list per column, one checksum per block.
    static func directory(_ layout: ColumnFileLayout, checksums: [[UInt64]]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: layout.directoryLength)
        for (index, placement) in layout.placements.enumerated() {
            let column = placement.column
            let entry = index * ColumnFileFormat.entryLength
            bytes.store(column.id.rawValue, at: entry)
            bytes.store(column.elementType.rawValue, at: entry + 4)
            bytes.store(UInt32(column.elementType.byteWidth), at: entry + 8)
            bytes.store(UInt32(column.shape.rowElements), at: entry + 12)
            bytes.store(UInt64(column.elementCount), at: entry + 16)
            bytes.store(UInt64(placement.byteOffset), at: entry + 24)
            bytes.store(UInt64(column.byteLength), at: entry + 32)
            bytes.store(UInt32(column.blockSize), at: entry + 40)
            bytes.store(UInt32(column.blockCount), at: entry + 44)
            bytes.store(UInt64(layout.checksumOffset(block: placement.blockFirst)), at: entry + 48)
            for (block, checksum) in checksums[index].enumerated() {
                let offset = layout.checksumOffset(block: placement.blockFirst + block)
                bytes.store(checksum, at: offset - layout.directoryOffset)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    /// Writes `value` at `offset`, least significant byte first.
    fileprivate mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
        var rest = value
        for index in offset..<(offset + value.bitWidth / 8) {
            self[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }
}
