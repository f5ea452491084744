import Glibc

/// One end of a local connection, read and written in whole pieces until a moment.
struct FrameConnection: Sendable {
    let descriptor: Int32

    /// Exactly `count` bytes; nil if the other end closes or the moment comes first.
    ///
    /// - Parameter deadline: nil to wait for ever.
    func receive(_ count: Int, until deadline: ContinuousClock.Instant?) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            guard isReady(POLLIN, until: deadline) else { return nil }
            // SAFETY: `filled < count`, so the rest of the array is not empty and as long as is said.
            let found = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            if found < 0, errno == EINTR || errno == EAGAIN { continue }
            guard found > 0 else { return nil }
            filled += found
        }
        return bytes
    }

    /// False if the other end closes or the moment comes first.
    func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant?) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard isReady(POLLOUT, until: deadline) else { return false }
            // SAFETY: as in `receive`. Without the first flag a closed connection would end this process, without the
            // second a full one would hold it up beyond the moment.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func isReady(_ event: Int32, until deadline: ContinuousClock.Instant?) -> Bool {
        while true {
            var milliseconds: Int32 = -1
            if let deadline {
                let left = (deadline - .now) / .milliseconds(1)
                guard left > 0 else { return false }
                milliseconds = Int32(min(left.rounded(.up), 60_000))
            }
            var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            // SAFETY: one request, as is said.
            let count = unsafe poll(&request, 1, milliseconds)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
