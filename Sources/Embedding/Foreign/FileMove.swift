#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

enum FileMove {
    /// Gives the file at `path` the name `target`, in the same folder, in place of the file that has it. Whoever has
    /// that one open or mapped keeps it.
    ///
    /// - Throws: `fileUnreadable` with the system's code.
    static func move(_ path: String, onto target: String) throws(EmbeddingError) {
        // SAFETY: both strings are lent as NUL-terminated ones for the call.
        guard unsafe rename(path, target) == 0 else { throw .fileUnreadable(name: path, code: errno) }
    }
}
