import Glibc

/// What the system remembers of files.
public enum PageCache {
    /// Asks the system to forget a file's contents, so that the next reader waits for the disk: a cold start
    /// without a restart. Pages that somebody has mapped or that are not yet written stay.
    ///
    /// - Returns: false if the file cannot be opened or the system does not know the request.
    @discardableResult
    public static func forget(path: String) -> Bool {
        // SAFETY: the path is lent for the call as a NUL-terminated string.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 && posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0
    }
}
