import Foundation
import Glibc

/// A file held with `flock`: by any number at once, or by one alone.
///
/// The system frees it with the last reference, or when the process ends, however it ends.
package final class AdvisoryLock: Sendable {
    package enum Hold: Sendable {
        /// Together with others who share.
        case shared

        /// With nobody else.
        case alone
    }

    private let descriptor: Int32

    /// Opens the file, made if missing; nothing is held yet.
    package init(path: String) throws {
        // SAFETY: the string is NUL-terminated for the length of the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure() }
    }

    deinit {
        close(descriptor)
    }

    /// Waits until the file can be held so. What was held before is given up first.
    package func take(_ hold: Hold) throws {
        _ = try attempt(Self.operation(hold))
    }

    /// False if somebody else's hold forbids it.
    package func tryToTake(_ hold: Hold) throws -> Bool {
        try attempt(Self.operation(hold) | LOCK_NB)
    }

    /// Holds the file no more.
    package func giveUp() throws {
        _ = try attempt(LOCK_UN)
    }

    private static func operation(_ hold: Hold) -> Int32 {
        switch hold {
        case .shared: LOCK_SH
        case .alone: LOCK_EX
        }
    }

    private func attempt(_ operation: Int32) throws -> Bool {
        while flock(descriptor, operation) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw Self.failure()
            }
        }
        return true
    }

    private static func failure() -> POSIXError {
        POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
}
