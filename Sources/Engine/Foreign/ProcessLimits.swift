import Glibc

/// What this process may take from the machine, lowered for good.
enum ProcessLimits {
    /// Files that fonts and encodings are read from, a few at a time.
    private static let openFilesMax: rlim_t = 64

    /// Descriptors below this are closed at the start. All of the parent's are closed on exec; this is for
    /// what a shell or a debugger left open, which are the first ones.
    private static let openFilesOnce: Int32 = 1_024

    /// - Parameter memoryBytesMax: beyond what the program takes for itself.
    static func applyToRenderer(memoryBytesMax: Int) throws {
        // Whatever was left open to this process is closed.
        for descriptor in 3..<openFilesOnce { close(descriptor) }
        let own = try addressSpaceBytes()
        set(RLIMIT_AS, rlim_t(own + memoryBytesMax))
        set(RLIMIT_NOFILE, openFilesMax)
        set(RLIMIT_FSIZE, 0)
        set(RLIMIT_CORE, 0)
    }

    /// Allows so much processor time from now on.
    static func allowProcessorTime(seconds: Int) {
        var usage = rusage()
        // SAFETY: written whole before it is read.
        unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        set(RLIMIT_CPU, rlim_t(used + seconds + 1), keepsMaximum: true)
    }

    private static func set(_ resource: __rlimit_resource, _ value: rlim_t, keepsMaximum: Bool = false) {
        var limit = rlimit(rlim_cur: value, rlim_max: keepsMaximum ? rlim_t.max : value)
        // SAFETY: read during the call. What cannot be lowered is as low already.
        unsafe setrlimit(Int32(resource.rawValue), &limit)
    }

    /// The pages that are mapped, whether touched or not: the first figure of `/proc/self/statm`.
    private static func addressSpaceBytes() throws -> Int {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RendererStop.notStarted(code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        // SAFETY: as many bytes as the array has.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        let digits = bytes.prefix(max(count, 0)).prefix { (0x30...0x39).contains($0) }
        guard let pages = Int(String(decoding: digits, as: UTF8.self)) else {
            throw RendererStop.notStarted(code: EINVAL)
        }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
