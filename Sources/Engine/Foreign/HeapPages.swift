import CMalloc

/// The memory that the C library holds for the process beyond what is in use.
package enum HeapPages {
    /// One arena a processor core instead of eight: each keeps what its threads have freed, which adds up to tens of
    /// megabytes. Call it before threads are made; where the library has no arenas it does nothing.
    package static func limitArenas(to cores: Int) {
        #if canImport(Glibc)
            _ = mallopt(M_ARENA_MAX, Int32(clamping: max(1, cores)))
        #endif
    }

    /// Gives free pages back to the system. Costs milliseconds: for the end of something large.
    static func giveBack() {
        #if canImport(Glibc)
            malloc_trim(0)
        #endif
    }
}
