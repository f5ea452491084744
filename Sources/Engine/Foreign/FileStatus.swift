import Foundation
import Glibc

/// What stands at a path, symbolic links not followed.
struct FileStatus: Sendable, Equatable {
    enum Kind: Sendable {
        case file, folder, other
    }

    let kind: Kind
    let byteCount: Int

    /// Nil if there is nothing.
    ///
    /// - Throws: `POSIXError` where that cannot be told.
    init?(ofPath path: String) throws(POSIXError) {
        var status = stat()
        // SAFETY: the string is NUL-terminated for the length of the call, and `lstat` fills the one whole `stat`.
        guard unsafe lstat(path, &status) == 0 else {
            // ENOTDIR: what should be a folder on the way is a file by now.
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        byteCount = Int(status.st_size)
    }
}
