#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One open file of the operating system, closed when it is released.
struct FileDescriptor: ~Copyable {
    let path: String
    private let number: Int32

    /// Opens the file at `path` for reading.
    init(reading path: String) throws(ColumnFileError) {
        self.path = path
        // SAFETY: the string is passed as a NUL-terminated copy that outlives the call.
        number = try Self.retrying(.open, path) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    }

    /// Makes a file at `path` that was not there; its mode lets nobody open it for writing again.
    init(creating path: String) throws(ColumnFileError) {
        self.path = path
        do {
            number = try Self.retrying(.open, path) {
                // SAFETY: as above; the mode is the one variadic argument that O_CREAT takes.
                unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
            }
        } catch {
            if case .system(_, .open, EEXIST) = error { throw .exists(file: path) }
            throw error
        }
    }

    deinit {
        close(number)
    }

    /// Length in bytes.
    func byteCount() throws(ColumnFileError) -> Int {
        var status = stat()
        // SAFETY: `status` outlives the call that fills it.
        _ = try Self.retrying(.status, path) { unsafe fstat(number, &status) }
        return Int(status.st_size)
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(ColumnFileError) {
        var done = 0
        while done < bytes.count {
            // SAFETY: the pointer and its count are the span's, which outlives the call.
            let written = unsafe bytes.extracting(droppingFirst: done).withUnsafeBufferPointer { rest in
                unsafe pwrite(number, rest.baseAddress, rest.count, off_t(offset + done))
            }
            if written > 0 {
                done += written
            } else if written == 0 || errno != EINTR {
                throw .system(file: path, call: .write, code: written == 0 ? ENOSPC : errno)
            }
        }
    }

    /// Returns once the file's content and length are on the disk.
    func synchronize() throws(ColumnFileError) {
        _ = try Self.retrying(.synchronize, path) { fsync(number) }
    }

    /// Maps the first `byteCount` bytes, read-only.
    func map(byteCount: Int) throws(ColumnFileError) -> UnsafeRawBufferPointer {
        // SAFETY: a fresh mapping of an open file; the caller owns and unmaps it.
        let address = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, number, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw .system(file: path, call: .map, code: errno)
        }
        return unsafe UnsafeRawBufferPointer(start: address, count: byteCount)
    }

    /// Puts the names inside the directory at `path` on the disk.
    static func synchronizeDirectory(_ path: String) throws(ColumnFileError) {
        try FileDescriptor(reading: path).synchronize()
    }

    private static func retrying(
        _ call: SystemCall, _ path: String, _ body: () -> Int32
    ) throws(ColumnFileError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw .system(file: path, call: call, code: errno) }
        }
    }
}
