import Glibc

/// Numbers of which every pattern of bits is one, so that they can be read from a file as they lie. Files are
/// little-endian, as all processors that this is built for.
protocol FileNumber: BitwiseCopyable {}

extension Float: FileNumber {}
extension Double: FileNumber {}
extension Int32: FileNumber {}
extension Int64: FileNumber {}
extension UInt32: FileNumber {}
extension UInt8: FileNumber {}

/// An open file, read at positions; any thread may.
final class ReadableFile: Sendable {
    let path: String
    let byteCount: Int
    private let descriptor: Int32

    init(path: String) throws(VectorFileError) {
        // SAFETY: the path is lent for the call as a NUL-terminated string.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        let end = descriptor < 0 ? -1 : lseek(descriptor, 0, SEEK_END)
        byteCount = Int(end)
        guard end >= 0 else { throw .unreadable(path: path, code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// `count` numbers from a position on.
    ///
    /// - Throws: `.sizeMismatch` if the file ends before, `.unreadable`.
    func numbers<Number: FileNumber>(
        _ type: Number.Type, at offset: Int, count: Int
    ) throws(VectorFileError) -> [Number] {
        let wanted = count * MemoryLayout<Number>.stride
        guard offset >= 0, wanted >= 0, wanted <= byteCount - offset else {
            throw .sizeMismatch(path: path, expectedBytes: offset + wanted, foundBytes: byteCount)
        }
        var done = 0
        var failure: Int32 = 0
        // SAFETY: `pread` writes at most `wanted - done` bytes from `done` on, and the buffer holds `wanted`;
        // it counts as initialised only as far as whole numbers were read, and any bits are a number.
        let numbers = unsafe [Number](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            while done < wanted, let base = bytes.baseAddress {
                let read = unsafe pread(descriptor, base + done, wanted - done, off_t(offset + done))
                if read < 0, errno == EINTR { continue }
                guard read > 0 else {
                    failure = read < 0 ? errno : 0
                    break
                }
                done += read
            }
            initializedCount = done / MemoryLayout<Number>.stride
        }
        guard failure == 0 else { throw .unreadable(path: path, code: failure) }
        guard done == wanted else {
            throw .sizeMismatch(path: path, expectedBytes: offset + wanted, foundBytes: offset + done)
        }
        return numbers
    }
}

/// A file that is written beside its name and takes it when it is whole.
final class WritableFile {
    private let path: String
    private let descriptor: Int32
    private var isFinished = false

    private var unfinishedPath: String { path + ".part" }

    init(path: String) throws(VectorFileError) {
        self.path = path
        // SAFETY: the path is lent for the call as a NUL-terminated string.
        descriptor = unsafe open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        // SAFETY: the path is lent for the call as a NUL-terminated string.
        if descriptor >= 0, !isFinished { _ = unsafe unlink(unfinishedPath) }
    }

    func append<Number: FileNumber>(_ numbers: [Number]) throws(VectorFileError) {
        let wanted = numbers.count * MemoryLayout<Number>.stride
        var failure: Int32 = 0
        // SAFETY: `write` reads at most `wanted - done` bytes from `done` on, and the array holds `wanted`;
        // the pointer lives for the closure only.
        unsafe numbers.withUnsafeBytes { bytes in
            var done = 0
            while done < wanted, let base = bytes.baseAddress {
                let written = unsafe write(descriptor, base + done, wanted - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else {
                    failure = errno
                    return
                }
                done += written
            }
        }
        guard failure == 0 else { throw .unwritable(path: path, code: failure) }
    }

    func finish() throws(VectorFileError) {
        // SAFETY: both paths are lent for the call as NUL-terminated strings.
        guard fsync(descriptor) == 0, unsafe rename(unfinishedPath, path) == 0 else {
            throw .unwritable(path: path, code: errno)
        }
        isFinished = true
    }
}
