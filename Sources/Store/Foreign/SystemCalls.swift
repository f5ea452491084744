import Glibc

/// The system calls that decide durability, each with its `errno` kept.
///
/// Foundation writes files too, but does not say when a directory entry is on the disk.
enum SystemCalls {
    struct FileStatus: Equatable {
        let byteCount: Int
        let modified: Timestamp
        let isDirectory: Bool
    }

    /// Creates `path`, which must not exist, writes `bytes`, stamps it and syncs it.
    static func createFile(_ path: String, bytes: [UInt8], modified: Timestamp) throws(FileFailure) {
        // SAFETY: the string is NUL-terminated for the length of the call.
        let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileFailure(operation: .create, path: path, code: errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path)
        var times = [timespec(modified), timespec(modified)]
        // SAFETY: `futimens` reads exactly two entries, which the array holds.
        guard unsafe futimens(descriptor, &times) == 0 else {
            throw FileFailure(operation: .touch, path: path, code: errno)
        }
        guard fsync(descriptor) == 0 else { throw FileFailure(operation: .sync, path: path, code: errno) }
    }

    /// The whole file, or nil if there is none.
    static func readFile(_ path: String) throws(FileFailure) -> [UInt8]? {
        // SAFETY: the string is NUL-terminated for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw FileFailure(operation: .open, path: path, code: errno) }
        defer { close(descriptor) }
        guard let byteCount = try status(path)?.byteCount else { return nil }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var filled = 0
        while filled < byteCount {
            // SAFETY: at most the `byteCount - filled` bytes behind `filled` are written, inside the buffer.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress?.advanced(by: filled), byteCount - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(operation: .read, path: path, code: errno) }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(byteCount - filled)
        return bytes
    }

    /// Nil if there is no such file.
    static func status(_ path: String) throws(FileFailure) -> FileStatus? {
        var found = stat()
        // SAFETY: the string is NUL-terminated and `found` is a whole `stat` for the length of the call.
        guard unsafe lstat(path, &found) == 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure(operation: .status, path: path, code: errno)
        }
        let modified = Int64(found.st_mtim.tv_sec) * 1000 + Int64(found.st_mtim.tv_nsec) / 1_000_000
        return FileStatus(
            byteCount: Int(found.st_size), modified: Timestamp(milliseconds: modified),
            isDirectory: found.st_mode & S_IFMT == S_IFDIR)
    }

    /// Sets the time of last change; the content stays.
    static func touch(_ path: String, modified: Timestamp) throws(FileFailure) {
        var times = [timespec(modified), timespec(modified)]
        // SAFETY: `utimensat` reads a NUL-terminated string and exactly two entries.
        guard unsafe utimensat(AT_FDCWD, path, &times, 0) == 0 else {
            throw FileFailure(operation: .touch, path: path, code: errno)
        }
    }

    /// Replaces `target` in one step; the change is durable after `syncDirectory`.
    static func renameFile(_ source: String, to target: String) throws(FileFailure) {
        // SAFETY: both strings are NUL-terminated for the length of the call.
        guard unsafe rename(source, target) == 0 else {
            throw FileFailure(operation: .rename, path: source, code: errno)
        }
    }

    /// A file that is not there is removed already.
    static func removeFile(_ path: String) throws(FileFailure) {
        // SAFETY: the string is NUL-terminated for the length of the call.
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw FileFailure(operation: .unlink, path: path, code: errno)
        }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(FileFailure) {
        // SAFETY: the string is NUL-terminated for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(operation: .open, path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure(operation: .sync, path: path, code: errno) }
    }

    /// One level; a directory that is there already is left as it is.
    static func makeDirectory(_ path: String) throws(FileFailure) {
        // SAFETY: the string is NUL-terminated for the length of the call.
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw FileFailure(operation: .makeDirectory, path: path, code: errno)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            // SAFETY: at most the `bytes.count - written` bytes behind `written` are read, inside the buffer.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(operation: .write, path: path, code: errno) }
            written += count
        }
    }
}

extension timespec {
    fileprivate init(_ time: Timestamp) {
        let (seconds, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
        self.init(tv_sec: Int(seconds), tv_nsec: Int(rest) * 1_000_000)
    }
}
