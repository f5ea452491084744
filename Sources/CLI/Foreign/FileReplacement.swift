import Foundation
import Glibc

/// Puts a file in another's place.
enum FileReplacement {
    /// Renames `file` to `target`, on the same file system: whoever has the old one open or mapped keeps it, and nobody
    /// ever sees half of the new one.
    static func rename(_ file: URL, to target: URL) throws {
        // SAFETY: both strings are NUL-terminated for the length of the call.
        guard unsafe Glibc.rename(file.path, target.path) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }
}
