import Documents
import Glibc
import Synchronization

/// A process that reads documents, and the connection to it. One question at a time.
final class RenderProcess: Sendable {
    private let identifier: pid_t
    private let connection: FrameConnection
    private let served = Mutex(0)
    private let ended = Mutex(false)

    /// What the system counts as a child's greatest memory is at first our own: a child's figure that is not greater
    /// tells nothing of it.
    private let inheritedBytes: Double

    /// Share of the memory that it may have from which on a sudden end is put down to memory.
    private static let memoryShare = 0.6

    var servedCount: Int { served.withLock { $0 } }

    /// Starts the program with an environment of its own: nothing of this process's is handed on.
    init(executable: String, arguments: [String]) throws(RendererStop) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: two descriptors are written to an array of two.
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        else {
            throw .notStarted(code: errno)
        }
        defer { close(ends[1]) }
        var usage = rusage()
        // SAFETY: it is written whole before the call returns.
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        inheritedBytes = Double(usage.ru_maxrss) * 1024
        do {
            identifier = try Self.spawn(executable, arguments, connection: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        connection = FrameConnection(descriptor: ends[0])
    }

    deinit {
        end()
    }

    /// Asks for a document's rendition; a process that did not answer rightly has been ended.
    func ask(
        _ bytes: [UInt8], as mediaType: MediaType, within timeout: Duration
    ) -> Result<Result<Rendition, DocumentError>, RendererStop> {
        let deadline = ContinuousClock.now + timeout
        served.withLock { $0 += 1 }
        if connection.send(RenderFrame.request(bytes, as: mediaType), until: deadline),
            let head = connection.receive(RenderFrame.answerHeadBytes, until: deadline)
        {
            let (headBytes, textBytes) = RenderFrame.lengths(head)
            // A rendition is refused by its own maker a block past its bound.
            let most = RenderFrame.headBytesMax + 4 * DocumentLimits.renditionBytesMax
            if headBytes <= RenderFrame.headBytesMax, headBytes + textBytes <= most,
                let body = connection.receive(headBytes + textBytes, until: deadline)
            {
                let digest = Array(head[8...])
                if let result = RenderFrame.result(of: body, headBytes: headBytes, digest: digest) {
                    return .success(result)
                }
                end()
                return .failure(.garbled)
            }
        }
        return .failure(end(wasLate: ContinuousClock.now >= deadline, timeout))
    }

    /// Ends the process. Safe to call again.
    func end() {
        _ = end(wasLate: false, .zero)
    }

    @discardableResult
    private func end(wasLate: Bool, _ timeout: Duration) -> RendererStop {
        guard
            ended.withLock({ wasEnded in
                defer { wasEnded = true }; return !wasEnded
            })
        else { return .garbled }
        // Closed first, so that one that is well goes by itself; one that has died already is not touched by
        // the signal.
        close(connection.descriptor)
        kill(identifier, SIGKILL)
        var status: Int32 = 0
        var usage = rusage()
        // SAFETY: both are written whole before the call returns. The child is ours, and nobody else waits for it.
        while unsafe wait4(identifier, &status, 0, &usage) < 0, errno == EINTR {}
        let seconds = Int(timeout.components.seconds)
        if wasLate { return .timeout(seconds: seconds) }
        let signal = status & 0x7f
        if signal == SIGXCPU { return .timeout(seconds: seconds) }
        let residentBytes = Double(usage.ru_maxrss) * 1024
        let most = Double(DocumentLimits.renderMemoryBytesMax)
        if residentBytes > most * Self.memoryShare, residentBytes > inheritedBytes {
            return .memory(mebibytes: DocumentLimits.renderMemoryBytesMax / 1_048_576)
        }
        return .crash(signal: signal == 0 ? nil : signal)
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], connection: Int32
    ) throws(RendererStop) -> pid_t {
        // SAFETY: actions and argument lists are made, used and freed here; strings are copied by `strdup`,
        // and the lists end with nil. Only standard input, output and error are open in the child: all else
        // here is closed on exec.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, connection, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // The library for matrices would start a thread for each processor, with memory for each.
        var texts = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe [strdup("OPENBLAS_NUM_THREADS=1"), nil]
        defer {
            unsafe (texts + environment).forEach { unsafe free($0) }
        }
        var identifier: pid_t = 0
        let code = unsafe posix_spawn(&identifier, executable, &actions, nil, &texts, &environment)
        guard code == 0 else { throw .notStarted(code: code) }
        return identifier
    }
}
