/// Turns the bytes of a file back into identity and layout, believing nothing it has not checked.
///
/// The order of the checks is the order of trust: length, magic, the header's checksum, the header's fields,
/// the directory's place, its checksum, its entries, and that all lies exactly where the layout of such
/// columns puts it.
struct ColumnFileDecoding {
    let file: String

    struct Header {
        let identity: ColumnFileIdentity
        let columnCount: Int
        let directory: Range<Int>
        let digest: UInt64
    }

    // MARK: Header

    func header(_ bytes: Span<UInt8>) throws(ColumnFileError) -> Header {
        let length = ColumnFileFormat.headerLength
        guard bytes.count >= length else {
            throw .length(file: file, expected: UInt64(length), found: UInt64(bytes.count))
        }
        guard bytes.uint64(at: 0) == ColumnFileFormat.magic else {
            throw .magic(file: file, found: bytes.uint64(at: 0))
        }
        let digest = bytes.uint64(at: ColumnFileFormat.headerChecksumOffset)
        try check(.header, bytes, 0..<ColumnFileFormat.headerChecksumOffset, against: digest)
        guard bytes.uint32(at: 8) == ColumnFileFormat.version else {
            throw .formatVersion(file: file, supported: ColumnFileFormat.version, found: bytes.uint32(at: 8))
        }
        try checkFixedFields(bytes)
        return Header(
            identity: try identity(bytes), columnCount: try columnCount(bytes),
            directory: try directoryRange(bytes), digest: digest)
    }

    private func checkFixedFields(_ bytes: Span<UInt8>) throws(ColumnFileError) {
        let length = UInt64(bytes.count)
        guard bytes.uint64(at: 112) == length else {
            throw .length(file: file, expected: bytes.uint64(at: 112), found: length)
        }
        try expect(.headerLength, at: 12, UInt64(bytes.uint32(at: 12)), UInt64(ColumnFileFormat.headerLength))
        try expect(.cipher, at: 72, UInt64(bytes.uint32(at: 72)), 0)
        try expect(.reserved, at: 76, UInt64(bytes.uint32(at: 76)), 0)
        try expect(.keyID, at: 80, bytes.uint64(at: 80), 0)
        for offset in stride(from: 120, to: ColumnFileFormat.headerChecksumOffset, by: 8) {
            try expect(.reserved, at: offset, bytes.uint64(at: offset), 0)
        }
    }

    private func identity(_ bytes: Span<UInt8>) throws(ColumnFileError) -> ColumnFileIdentity {
        let number = try signed(.number, bytes, at: 24)
        let rowCount = try signed(.rowCount, bytes, at: 32)
        let first = try signed(.sequenceFirst, bytes, at: 48)
        let last = try signed(.sequenceLast, bytes, at: 56)
        guard first <= last else {
            throw field(.sequenceLast, nil, at: 56, found: UInt64(last), expected: UInt64(first))
        }
        return ColumnFileIdentity(
            kind: bytes.uint32(at: 16), kindVersion: bytes.uint32(at: 20), number: number,
            rowCount: Int(rowCount), dimension: bytes.uint32(at: 40), sequences: first...last,
            quantizerVersion: bytes.uint64(at: 64))
    }

    private func columnCount(_ bytes: Span<UInt8>) throws(ColumnFileError) -> Int {
        let count = bytes.uint32(at: 44)
        guard count <= ColumnFileFormat.columnCountMax else {
            let bound = UInt64(ColumnFileFormat.columnCountMax)
            throw field(.columnCount, nil, at: 44, found: UInt64(count), expected: bound)
        }
        return Int(count)
    }

    /// The directory's bytes: inside the file, up to its end.
    private func directoryRange(_ bytes: Span<UInt8>) throws(ColumnFileError) -> Range<Int> {
        let offset = bytes.uint64(at: 88)
        let end = UInt64(bytes.count)
        guard offset >= ColumnFileFormat.headerLength, offset <= end else {
            throw field(.directoryOffset, nil, at: 88, found: offset, expected: end)
        }
        try expect(.directoryLength, at: 96, bytes.uint64(at: 96), end - offset)
        return Int(offset)..<bytes.count
    }

    // MARK: Directory

    func layout(_ bytes: Span<UInt8>, _ header: Header) throws(ColumnFileError) -> ColumnFileLayout {
        let directory = header.directory
        let entriesLength = header.columnCount * ColumnFileFormat.entryLength
        guard directory.count >= entriesLength else {
            let found = UInt64(directory.count)
            throw field(.directoryLength, nil, at: 96, found: found, expected: UInt64(entriesLength))
        }
        try check(.directory, bytes, directory, against: bytes.uint64(at: 104))
        var columns: [ColumnDescription] = []
        for index in 0..<header.columnCount {
            let entry = directory.lowerBound + index * ColumnFileFormat.entryLength
            columns.append(try column(bytes, entry: entry, after: columns.last))
        }
        let layout = ColumnFileLayout(columns: columns)
        try compare(layout, with: header, bytes)
        for gap in layout.gaps {
            for offset in gap where bytes[offset] != 0 {
                throw .padding(file: file, offset: UInt64(offset), found: bytes[offset])
            }
        }
        return layout
    }

    /// The column that the entry at `entry` describes: fields possible, size no greater than the file.
    private func column(
        _ bytes: Span<UInt8>, entry: Int, after previous: ColumnDescription?
    ) throws(ColumnFileError) -> ColumnDescription {
        let id = ColumnID(rawValue: bytes.uint32(at: entry))
        let floor = previous?.id.rawValue ?? 0
        guard id.rawValue > floor else {
            throw field(.columnID, id, at: entry, found: UInt64(id.rawValue), expected: UInt64(floor) + 1)
        }
        guard let type = ColumnElementType(rawValue: bytes.uint32(at: entry + 4)) else {
            let found = UInt64(bytes.uint32(at: entry + 4))
            throw field(.elementType, id, at: entry + 4, found: found, expected: 4)
        }
        let width = UInt64(type.byteWidth)
        try expect(.elementWidth, id, at: entry + 8, UInt64(bytes.uint32(at: entry + 8)), width)
        let shape = try shape(bytes, id, entry: entry, elementCountMax: UInt64(bytes.count) / width)
        let blockSize = Int(bytes.uint32(at: entry + 40))
        guard ColumnFileFormat.blockSizes.contains(blockSize), blockSize & (blockSize - 1) == 0 else {
            let bound = UInt64(ColumnFileFormat.blockSizeDefault)
            throw field(.blockSize, id, at: entry + 40, found: UInt64(blockSize), expected: bound)
        }
        try expect(.reserved, id, at: entry + 56, bytes.uint64(at: entry + 56), 0)
        return ColumnDescription(id: id, elementType: type, shape: shape, blockSize: blockSize)
    }

    private func shape(
        _ bytes: Span<UInt8>, _ id: ColumnID, entry: Int, elementCountMax: UInt64
    ) throws(ColumnFileError) -> ColumnShape {
        let rowElements = UInt64(bytes.uint32(at: entry + 12))
        let elementCount = bytes.uint64(at: entry + 16)
        guard rowElements >= 1, rowElements <= ColumnFileFormat.rowElementsMax else {
            let bound = UInt64(ColumnFileFormat.rowElementsMax)
            throw field(.rowElements, id, at: entry + 12, found: rowElements, expected: bound)
        }
        guard elementCount <= elementCountMax else {
            throw field(.elementCount, id, at: entry + 16, found: elementCount, expected: elementCountMax)
        }
        guard elementCount.isMultiple(of: rowElements) else {
            let expected = elementCount / rowElements * rowElements
            throw field(.elementCount, id, at: entry + 16, found: elementCount, expected: expected)
        }
        return ColumnShape(rowCount: Int(elementCount / rowElements), rowElements: Int(rowElements))
    }

    /// Every place the file names must be the place the layout gives it.
    private func compare(
        _ layout: ColumnFileLayout, with header: Header, _ bytes: Span<UInt8>
    ) throws(ColumnFileError) {
        for (index, placement) in layout.placements.enumerated() {
            let (column, id) = (placement.column, placement.column.id)
            let entry = header.directory.lowerBound + index * ColumnFileFormat.entryLength
            let checksums = layout.checksumOffset(block: placement.blockFirst)
            try expect(
                .byteOffset, id, at: entry + 24, bytes.uint64(at: entry + 24), UInt64(placement.byteOffset))
            try expect(
                .byteLength, id, at: entry + 32, bytes.uint64(at: entry + 32), UInt64(column.byteLength))
            let blockCount = UInt64(bytes.uint32(at: entry + 44))
            try expect(.blockCount, id, at: entry + 44, blockCount, UInt64(column.blockCount))
            try expect(.checksumsOffset, id, at: entry + 48, bytes.uint64(at: entry + 48), UInt64(checksums))
        }
        try expect(
            .directoryOffset, at: 88, UInt64(header.directory.lowerBound), UInt64(layout.directoryOffset))
        try expect(.fileLength, at: 112, UInt64(bytes.count), UInt64(layout.fileLength))
    }

    // MARK: Checks

    func check(
        _ part: ColumnFilePart, _ bytes: Span<UInt8>, _ range: Range<Int>, against expected: UInt64
    ) throws(ColumnFileError) {
        let found = XXH64.checksum(bytes.extracting(range))
        guard found == expected else {
            let offset = UInt64(range.lowerBound)
            throw .checksum(file: file, part: part, offset: offset, expected: expected, found: found)
        }
    }

    private func signed(
        _ name: ColumnFileField, _ bytes: Span<UInt8>, at offset: Int
    ) throws(ColumnFileError) -> Int64 {
        let value = bytes.uint64(at: offset)
        guard let signed = Int64(exactly: value) else {
            throw field(name, nil, at: offset, found: value, expected: UInt64(Int64.max))
        }
        return signed
    }

    private func expect(
        _ name: ColumnFileField, _ column: ColumnID? = nil, at offset: Int, _ found: UInt64,
        _ expected: UInt64
    ) throws(ColumnFileError) {
        guard found == expected else {
            throw field(name, column, at: offset, found: found, expected: expected)
        }
    }

    private func field(
        _ name: ColumnFileField, _ column: ColumnID?, at offset: Int, found: UInt64, expected: UInt64
    ) -> ColumnFileError {
        .field(
            file: file, field: name, column: column, offset: UInt64(offset), expected: expected, found: found)
    }
}

extension Span<UInt8> {
    func uint32(at offset: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: littleEndian(at: offset, byteCount: 4))
    }

    func uint64(at offset: Int) -> UInt64 {
        littleEndian(at: offset, byteCount: 8)
    }

    private func littleEndian(at offset: Int, byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<byteCount {
            value |= UInt64(self[offset + index]) << UInt64(8 * index)
        }
        return value
    }
}
