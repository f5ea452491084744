package import Foundation
import Glibc

/// A file that has no name: it is gone with the last who has it open, however the process ends.
package final class UnnamedFile: Sendable {
    private let descriptor: Int32

    /// - Parameter folder: on whose disk it is; made if it is not there.
    package init(in folder: String) throws(POSIXError) {
        // SAFETY: the strings are NUL-terminated for the length of the calls; `mkstemp` writes into the template's
        // own bytes.
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Self.failure() }
        var template = Array((folder + "/upload-XXXXXX").utf8CString)
        let (descriptor, code) = unsafe template.withUnsafeMutableBufferPointer { name -> (Int32, Int32) in
            guard let name = name.baseAddress else { return (-1, EINVAL) }
            let descriptor = unsafe mkstemp(name)
            let code = errno
            if descriptor >= 0 { _ = unsafe unlink(name) }
            return (descriptor, code)
        }
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        close(descriptor)
    }

    /// Blocks.
    package func append(_ bytes: [UInt8]) throws(POSIXError) {
        var offset = 0
        while offset < bytes.count {
            // SAFETY: what is written stands between `offset` and the array's end.
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure() }
            offset += count
        }
    }

    /// Another handle on the file, at its beginning. What the one reads the other has read.
    package func handleAtStart() throws(POSIXError) -> FileHandle {
        let copy = dup(descriptor)
        guard copy >= 0, lseek(copy, 0, SEEK_SET) == 0 else { throw Self.failure() }
        return FileHandle(fileDescriptor: copy, closeOnDealloc: true)
    }

    private static func failure() -> POSIXError {
        POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
}
