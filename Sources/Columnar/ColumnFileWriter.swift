#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes one column file, once.
///
/// All columns and their sizes are given first; then their elements arrive in any portions, the columns in
/// any interleaving. Memory: one block per column, and eight bytes per block written. The header is written
/// last and everything is synced before `finish` returns, so a file that was not finished has no magic. One
/// that is released unfinished is removed. Not for use by several threads at once.
package final class ColumnFileWriter {
    private struct Cursor {
        let placement: ColumnFileLayout.Placement

        /// Bytes that arrived but do not fill a block yet.
        var pending: [UInt8] = []
        var checksums: [UInt64] = []

        /// Bytes that arrived in all.
        var byteCount = 0
    }

    private let file: FileDescriptor
    private let identity: ColumnFileIdentity
    private let layout: ColumnFileLayout
    private var cursors: [Cursor]
    private var isFinished = false

    /// Makes the file.
    ///
    /// - Parameters:
    ///   - path: of a file that does not exist, in a directory that does.
    ///   - columns: ascending by id, at most 64.
    /// - Throws: `.exists` if the name is taken, `.system` if the file cannot be made.
    package init(
        creating path: String, identity: ColumnFileIdentity, columns: [ColumnDescription]
    ) throws(ColumnFileError) {
        Self.check(columns)
        self.identity = identity
        layout = ColumnFileLayout(columns: columns)
        cursors = layout.placements.map { Cursor(placement: $0) }
        file = try FileDescriptor(creating: path)
    }

    deinit {
        if !isFinished {
            // SAFETY: the string outlives the call. The file is this object's own: it made it, exclusively.
            _ = unsafe unlink(file.path)
        }
    }

    /// Adds elements to the end of a column.
    package func append<Element: ColumnElement>(
        _ elements: Span<Element>, to id: ColumnID
    ) throws(ColumnFileError) {
        guard let index = cursors.firstIndex(where: { $0.placement.column.id == id }) else {
            preconditionFailure("no column \(id) in \(file.path)")
        }
        let column = cursors[index].placement.column
        let byteCount = elements.count * column.elementType.byteWidth
        precondition(column.elementType == Element.columnType, "column \(id) holds \(column.elementType)")
        precondition(
            cursors[index].byteCount + byteCount <= column.byteLength,
            "column \(id) takes \(column.byteLength) bytes, found more")
        // SAFETY: the element is one of the format's own types, which have no padding; the bytes are only
        // read.
        try unsafe elements.withUnsafeBytes { bytes throws(ColumnFileError) in
            try append(unsafe bytes.assumingMemoryBound(to: UInt8.self).span, at: index)
        }
        cursors[index].byteCount += byteCount
    }

    /// Makes the file readable as it stands, for whoever has to look at it before it is sealed: columns that are not
    /// complete read as zeros. Nothing is synced, and `finish` makes another file of it, with another digest.
    package func draft() throws(ColumnFileError) -> (byteCount: Int, digest: UInt64) {
        precondition(!isFinished, "\(file.path) is sealed")
        var checksums: [[UInt64]] = []
        for index in cursors.indices {
            if cursors[index].byteCount == cursors[index].placement.column.byteLength { try flush(index) }
            checksums.append(try draftChecksums(cursors[index]))
        }
        return try close(checksums)
    }

    /// Seals the file: rest of the columns, directory, header, then file and directory synced.
    ///
    /// - Returns: the length of the file and the digest of its content.
    package func finish() throws(ColumnFileError) -> (byteCount: Int, digest: UInt64) {
        precondition(!isFinished, "\(file.path) is sealed")
        for index in cursors.indices {
            let length = cursors[index].placement.column.byteLength
            precondition(
                cursors[index].byteCount == length,
                "\(cursors[index].placement.column) holds \(cursors[index].byteCount) bytes of \(length)")
            try flush(index)
        }
        let sealed = try close(cursors.map(\.checksums))
        try file.synchronize()
        try FileDescriptor.synchronizeDirectory(parentDirectory)
        isFinished = true
        return sealed
    }

    /// Writes directory and header.
    private func close(_ checksums: [[UInt64]]) throws(ColumnFileError) -> (byteCount: Int, digest: UInt64) {
        let directory = ColumnFileEncoding.directory(layout, checksums: checksums)
        let header = ColumnFileEncoding.header(identity, layout, directory: directory)
        try file.write(directory.span, at: layout.directoryOffset)
        try file.write(header.span, at: 0)
        return (layout.fileLength, header.span.uint64(at: ColumnFileFormat.headerChecksumOffset))
    }

    /// The column's checksums, with those of zeros, which it writes, for blocks that are not there yet.
    private func draftChecksums(_ cursor: Cursor) throws(ColumnFileError) -> [UInt64] {
        let column = cursor.placement.column
        var checksums = cursor.checksums
        precondition(
            cursor.pending.isEmpty, "\(column) has part of a block: a draft needs columns complete or empty")
        while checksums.count < column.blockCount {
            let range = cursor.placement.byteRange(block: checksums.count)
            let zeros = [UInt8](repeating: 0, count: range.count)
            try file.write(zeros.span, at: range.lowerBound)
            checksums.append(XXH64.checksum(zeros.span))
        }
        return checksums
    }

    private var parentDirectory: String {
        guard let slash = file.path.lastIndex(of: "/") else { return "." }
        return slash == file.path.startIndex ? "/" : String(file.path[..<slash])
    }

    private func append(_ bytes: Span<UInt8>, at index: Int) throws(ColumnFileError) {
        let blockSize = cursors[index].placement.column.blockSize
        var done = 0
        while done < bytes.count {
            let left = bytes.count - done
            if cursors[index].pending.isEmpty, left >= blockSize {
                try writeBlock(bytes.extracting(done..<(done + blockSize)), at: index)
                done += blockSize
                continue
            }
            let portion = min(left, blockSize - cursors[index].pending.count)
            // SAFETY: the range is inside the span, and the bytes are copied before the closure returns.
            unsafe bytes.extracting(done..<(done + portion)).withUnsafeBufferPointer { portion in
                unsafe cursors[index].pending.append(contentsOf: portion)
            }
            done += portion
            if cursors[index].pending.count == blockSize { try flush(index) }
        }
    }

    private func flush(_ index: Int) throws(ColumnFileError) {
        guard !cursors[index].pending.isEmpty else { return }
        var block: [UInt8] = []
        swap(&block, &cursors[index].pending)
        try writeBlock(block.span, at: index)
        block.removeAll(keepingCapacity: true)
        swap(&block, &cursors[index].pending)
    }

    private func writeBlock(_ bytes: Span<UInt8>, at index: Int) throws(ColumnFileError) {
        let placement = cursors[index].placement
        let offset = placement.byteRange(block: cursors[index].checksums.count).lowerBound
        try file.write(bytes, at: offset)
        cursors[index].checksums.append(XXH64.checksum(bytes))
    }

    private static func check(_ columns: [ColumnDescription]) {
        precondition(columns.count <= ColumnFileFormat.columnCountMax, "\(columns.count) columns")
        var previous: UInt32 = 0
        for column in columns {
            precondition(column.id.rawValue > previous, "ids ascend from 1: \(column.id) after \(previous)")
            precondition(
                column.shape.rowCount >= 0
                    && (1...ColumnFileFormat.rowElementsMax).contains(column.shape.rowElements),
                "impossible shape \(column.shape)")
            precondition(
                ColumnFileFormat.blockSizes.contains(column.blockSize)
                    && column.blockSize & (column.blockSize - 1) == 0,
                "impossible block size \(column.blockSize)")
            previous = column.id.rawValue
        }
    }
}
