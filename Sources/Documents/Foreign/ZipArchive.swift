import CZip

/// An archive in memory, opened by libzip: bounded in its files, their sizes and how far they expand.
@safe final class ZipArchive {
    /// A file in the archive as its directory declares it.
    struct Entry: Equatable {
        let index: UInt64
        let byteCount: Int
        let compressedByteCount: Int
        let isEncrypted: Bool
    }

    let entries: [String: Entry]
    private let mediaType: MediaType
    private let archive: OpaquePointer
    private let memory: UnsafeMutableRawPointer
    private var expandedByteCount = 0

    /// - Parameter mediaType: what the archive is read as, for the errors.
    init(_ bytes: [UInt8], as mediaType: MediaType) throws(DocumentError) {
        self.mediaType = mediaType
        // SAFETY: the memory is ours until the archive is closed; libzip only reads it.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        unsafe memory.copyMemory(from: bytes, byteCount: bytes.count)
        var error = unsafe zip_error_t()
        guard let source = unsafe zip_source_buffer_create(memory, zip_uint64_t(bytes.count), 0, &error),
            let archive = unsafe zip_open_from_source(source, ZIP_RDONLY, &error)
        else {
            unsafe memory.deallocate()
            throw .damaged(mediaType, part: "ZIP directory")
        }
        do {
            entries = try unsafe Self.entries(of: archive, mediaType)
        } catch {
            unsafe zip_discard(archive)
            unsafe memory.deallocate()
            throw error
        }
        unsafe self.archive = archive
        unsafe self.memory = memory
    }

    deinit {
        // SAFETY: nothing reads the archive any more; its memory outlives it.
        unsafe zip_discard(archive)
        unsafe memory.deallocate()
    }

    private static func entries(
        of archive: OpaquePointer, _ mediaType: MediaType
    ) throws(DocumentError) -> [String: Entry] {
        // SAFETY: the archive is open; a status is written whole before it is read, its name ends with NUL.
        let count = unsafe zip_get_num_entries(archive, 0)
        let most = DocumentLimits.archiveEntriesMax
        guard count <= most else { throw .overLimit(mediaType, .entries, found: Int(count), max: most) }
        var entries: [String: Entry] = [:]
        var declared = 0
        for index in stride(from: 0, to: UInt64(max(count, 0)), by: 1) {
            var status = unsafe zip_stat_t()
            guard unsafe zip_stat_index(archive, index, 0, &status) == 0, let name = unsafe status.name else {
                throw .damaged(mediaType, part: "ZIP directory")
            }
            let byteCount = unsafe Int(clamping: status.size)
            declared = declared.addingReportingOverflow(byteCount).overflow ? .max : declared + byteCount
            entries[unsafe String(cString: name)] = unsafe Entry(
                index: index, byteCount: byteCount, compressedByteCount: Int(clamping: status.comp_size),
                isEncrypted: status.encryption_method != ZIP_EM_NONE)
        }
        guard declared <= DocumentLimits.declaredBytesMax else {
            throw .overLimit(mediaType, .expandedBytes, found: declared, max: DocumentLimits.declaredBytesMax)
        }
        return entries
    }

    /// The bytes of a file; nil if there is none of the name.
    func read(_ name: String) throws(DocumentError) -> [UInt8]? {
        guard let entry = entries[name] else { return nil }
        guard !entry.isEncrypted else { throw .encrypted(mediaType) }
        try checkRatio(expanded: entry.byteCount, compressed: entry.compressedByteCount)
        let most = DocumentLimits.expandedBytesMax - expandedByteCount
        guard entry.byteCount <= most else {
            throw .overLimit(
                mediaType, .expandedBytes, found: expandedByteCount + entry.byteCount,
                max: DocumentLimits.expandedBytesMax)
        }
        let bytes = try expand(entry, name, atMost: most)
        expandedByteCount += bytes.count
        return bytes
    }

    /// What is declared need not be true: bytes are counted as they come.
    private func expand(_ entry: Entry, _ name: String, atMost most: Int) throws(DocumentError) -> [UInt8] {
        // SAFETY: the file is opened and closed here; each read writes at most the buffer.
        guard let file = unsafe zip_fopen_index(archive, entry.index, 0) else {
            throw .damaged(mediaType, part: name)
        }
        defer { unsafe zip_fclose(file) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(entry.byteCount, most))
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe zip_fread(file, $0.baseAddress, zip_uint64_t($0.count))
            }
            guard count >= 0 else { throw .damaged(mediaType, part: name) }
            if count == 0 { return bytes }
            bytes += buffer[..<Int(count)]
            guard bytes.count <= most else {
                throw .overLimit(mediaType, .expandedBytes, found: nil, max: DocumentLimits.expandedBytesMax)
            }
            try checkRatio(expanded: bytes.count, compressed: entry.compressedByteCount)
        }
    }

    private func checkRatio(expanded: Int, compressed: Int) throws(DocumentError) {
        let ratio = expanded / max(compressed, 1)
        guard expanded <= DocumentLimits.ratioFreeBytes || ratio <= DocumentLimits.compressionRatioMax else {
            throw .overLimit(
                mediaType, .compressionRatio, found: ratio, max: DocumentLimits.compressionRatioMax)
        }
    }
}
