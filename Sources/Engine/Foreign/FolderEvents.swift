import Dispatch
import Foundation
import Glibc
import Synchronization

/// Something that happened in a folder that is watched.
package enum FolderEvent: Sendable, Equatable {
    /// - Parameters:
    ///   - path: within the folder.
    ///   - isFolder: of what is or was there.
    ///   - appeared: it was made there, or moved to there.
    case changed(path: String, isFolder: Bool, appeared: Bool)

    /// More happened than the system keeps: nobody knows what.
    case overflow
}

/// What happens in folders, by inotify(7).
///
/// inotify watches a folder and not what is in folders within it: each of these is watched by itself.
final class FolderEvents: @unchecked Sendable {
    // SAFETY: the source is never changed after `init`, and Dispatch's objects may be used from any thread; all else is
    // Sendable by itself.
    private let descriptor: Int32
    private let source: any DispatchSourceRead
    private let folders = Mutex<[Int32: String]>([:])
    let events: AsyncStream<FolderEvent>

    /// Events that wait to be taken. More become one overflow, as in the system's own queue.
    private static let pendingMax = 16_384

    private static let bufferBytes = 65_536

    /// Whatever leaves a file with other bytes than before, and whatever makes a name or takes it away. A file that is
    /// being written is told of when it is closed.
    private static let mask =
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
        | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        | UInt32(IN_DONT_FOLLOW)

    init() throws(POSIXError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let (stream, continuation) = AsyncStream.makeStream(
            of: FolderEvent.self, bufferingPolicy: .bufferingOldest(Self.pendingMax))
        events = stream
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        let descriptor = descriptor
        source.setCancelHandler {
            close(descriptor)
            continuation.finish()
        }
        source.setEventHandler { [weak self] in self?.read(into: continuation) }
        source.activate()
    }

    deinit {
        source.cancel()
    }

    /// Ends the events.
    func stop() {
        source.cancel()
    }

    /// Watches a folder, not those within it.
    ///
    /// - Parameter path: within the folder that is watched; told with its events.
    /// - Returns: false where there is no such folder any more, or it may not be looked into.
    /// - Throws: `POSIXError`: ENOSPC where the user may watch no more folders.
    func watch(_ location: String, as path: String) throws(POSIXError) -> Bool {
        // SAFETY: the string is NUL-terminated for the length of the call.
        let watch = unsafe inotify_add_watch(descriptor, location, Self.mask)
        guard watch >= 0 else {
            let code = errno
            if [ENOENT, ENOTDIR, EACCES].contains(code) { return false }
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
        folders.withLock { $0[watch] = path }
        return true
    }

    private func read(into continuation: AsyncStream<FolderEvent>.Continuation) {
        var buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
        // SAFETY: the system writes up to `count` bytes of the buffer, all within it.
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return }
        for event in events(in: buffer[..<count]) {
            if case .dropped = continuation.yield(event) {
                continuation.yield(.overflow)
            }
        }
    }

    /// Takes apart what inotify gives: `int wd; uint32_t mask, cookie, len; char name[len]`.
    private func events(in bytes: ArraySlice<UInt8>) -> [FolderEvent] {
        var events: [FolderEvent] = []
        var rest = bytes
        while rest.count >= 16 {
            let watch = Int32(bitPattern: Self.number(rest, at: 0))
            let mask = Self.number(rest, at: 4)
            let length = min(Int(Self.number(rest, at: 12)), rest.count - 16)
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            rest = rest.dropFirst(16 + length)
            if let event = event(watch, mask, String(decoding: name, as: UTF8.self)) { events.append(event) }
        }
        return events
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        // The system writes in the machine's own order, which is this one on all that Carrel runs on.
        (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << (8 * UInt32($1)) }
    }

    private func event(_ watch: Int32, _ mask: UInt32, _ name: String) -> FolderEvent? {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .overflow }
        guard let folder = folders.withLock({ $0[watch] }) else { return nil }
        if mask & UInt32(IN_IGNORED) != 0 {
            // The system has forgotten the folder; its number may come again.
            folders.withLock { $0[watch] = nil }
            return nil
        }
        let path = [folder, name].filter { !$0.isEmpty }.joined(separator: "/")
        let isSelf = mask & (UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)) != 0
        return .changed(
            path: path, isFolder: isSelf || mask & UInt32(IN_ISDIR) != 0,
            appeared: mask & (UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)) != 0)
    }
}
