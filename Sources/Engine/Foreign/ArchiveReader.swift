import CArchive
import Foundation
import Glibc
import Synchronization

/// One thing in an archive.
struct ArchiveEntry: Sendable, Equatable {
    enum Kind: Sendable {
        case file, folder

        /// A link, a device, a pipe.
        case other
    }

    let path: String
    let kind: Kind

    /// As the archive says; nil where that comes only behind the bytes.
    let byteCount: Int?
    let isEncrypted: Bool
}

/// Reads tar, tar.gz and zip from front to back, by libarchive (3.6).
///
/// Calls block. From several threads they wait for one another.
@safe final class ArchiveReader: @unchecked Sendable {
    // SAFETY: the pointer is used under the lock only, is whole from `init` to `deinit`, and never leaves this class.
    private let archive: OpaquePointer
    private let lock = Mutex(())

    /// Bytes read of the file at a time.
    private static let blockBytes = 65_536

    /// - Parameter descriptor: open for reading and at the archive's beginning, for as long as this lives; not closed.
    /// - Throws: `ArchiveFault.notAnArchive`; `.damaged` where its beginning is broken off.
    init(descriptor: Int32) throws(ArchiveFault) {
        // SAFETY: libarchive gives a whole object or null, and each call is given that object alone.
        guard let archive = unsafe archive_read_new() else { throw .damaged(reason: "out of memory") }
        unsafe archive_read_support_format_tar(archive)
        unsafe archive_read_support_format_zip(archive)
        unsafe archive_read_support_filter_gzip(archive)
        guard unsafe archive_read_open_fd(archive, descriptor, Self.blockBytes) == ARCHIVE_OK else {
            let fault = unsafe Self.fault(of: archive)
            unsafe archive_read_free(archive)
            throw fault
        }
        unsafe self.archive = archive
    }

    deinit {
        // SAFETY: nobody has the object any more.
        unsafe archive_read_free(archive)
    }

    /// Bytes of the archive read so far, and what they became.
    var byteCounts: (read: Int, expanded: Int) {
        lock.withLock { _ in
            // SAFETY: filter -1 is the file itself, 0 what the last filter gives.
            (Int(unsafe archive_filter_bytes(archive, -1)), Int(unsafe archive_filter_bytes(archive, 0)))
        }
    }

    /// The next entry, whatever was read of the one before; nil at the end.
    func nextEntry() throws(ArchiveFault) -> ArchiveEntry? {
        let result: Result<ArchiveEntry?, ArchiveFault> = lock.withLock { _ in
            var entry: OpaquePointer?
            // SAFETY: the entry belongs to the archive and is whole until the next call; values are copied out of it
            // here.
            switch unsafe archive_read_next_header(archive, &entry) {
            case ARCHIVE_EOF: return .success(nil)
            case ARCHIVE_OK, ARCHIVE_WARN: break
            default: return .failure(fault())
            }
            guard let entry = unsafe entry else { return .success(nil) }
            let kind: ArchiveEntry.Kind =
                switch unsafe archive_entry_filetype(entry) & S_IFMT {
                // A hard link is a file without bytes of its own.
                case S_IFREG: unsafe archive_entry_hardlink(entry) == nil ? .file : .other
                case S_IFDIR: .folder
                default: .other
                }
            let name = unsafe archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)
            return .success(
                ArchiveEntry(
                    path: unsafe name.map { unsafe String(cString: $0) } ?? "", kind: kind,
                    byteCount: unsafe archive_entry_size_is_set(entry) != 0
                        ? Int(unsafe archive_entry_size(entry)) : nil,
                    isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0))
        }
        return try result.get()
    }

    /// The bytes of the entry that was read last, up to so many.
    func read(upTo byteCountMax: Int) throws(ArchiveFault) -> [UInt8] {
        let result: Result<[UInt8], ArchiveFault> = lock.withLock { _ in
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: Self.blockBytes)
            while bytes.count < byteCountMax {
                // SAFETY: libarchive writes `count` bytes of the block at most, all within it.
                let count = unsafe block.withUnsafeMutableBytes { block in
                    unsafe archive_read_data(archive, block.baseAddress, block.count)
                }
                guard count >= 0 else { return .failure(fault()) }
                if count == 0 { break }
                bytes += block[..<min(count, byteCountMax - bytes.count)]
            }
            return .success(bytes)
        }
        return try result.get()
    }

    private func fault() -> ArchiveFault {
        // SAFETY: the archive is whole for as long as this object is.
        unsafe Self.fault(of: archive)
    }

    /// What libarchive says of the last call, in its own words, which hold names of no document.
    private static func fault(of archive: OpaquePointer) -> ArchiveFault {
        // SAFETY: the text belongs to the archive and is copied at once.
        let words = unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "unknown fault"
        // Of a packed file that breaks off it says so before it knows what is packed.
        let isUnknown = unsafe archive_format(archive) == 0 && !words.lowercased().contains("truncated")
        return isUnknown ? .notAnArchive : .damaged(reason: String(words.prefix(200)))
    }
}
