import Glibc

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as the system lets anybody.
    ///
    /// The usual 1,024 is a default from before servers: 1,024 connections and 256 open workspaces of about eight
    /// files each want three times as many. A system that refuses leaves the limit as it was; then connections
    /// wait in its queue.
    static func raise() {
        var limit = rlimit()
        // SAFETY: `getrlimit` fills, and `setrlimit` reads, the one whole `rlimit` that each is given.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
