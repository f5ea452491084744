#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if _endian(big)
    #error("Weights are little-endian and mapped as they are.")
#endif

/// A file mapped into memory for reading, for as long as this object lives. What is read is copied out; only
/// the pages that are read take memory, shared with every other process that maps the file.
///
/// The file must not be shortened while it is mapped (the system would end the process on the next touch):
/// models are installed by renaming new files over old ones, which leaves a mapping intact.
@safe final class MappedFile: Sendable {
    /// The file's name without its directory, for messages.
    let name: String
    let byteCount: Int

    /// When its content was last changed, in nanoseconds since 1970, as the file system says.
    let modifiedNanoseconds: Int

    // SAFETY: never written, through this pointer or (the mapping is private) any other.
    nonisolated(unsafe) private let base: UnsafeRawPointer

    /// - Throws: `fileMissing`, `fileUnreadable` (also for an empty file, which cannot be mapped).
    init(path: String, name: String) throws(EmbeddingError) {
        // SAFETY: the path is lent as a NUL-terminated string for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .fileMissing(name: name) : .fileUnreadable(name: name, code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        // SAFETY: `status` outlives the call that fills it.
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .fileUnreadable(name: name, code: errno)
        }
        let byteCount = Int(status.st_size)
        // SAFETY: the mapping is of exactly the file's bytes and is checked before use; deinit removes it.
        let mapping = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            throw .fileUnreadable(name: name, code: errno)
        }
        self.name = name
        self.byteCount = byteCount
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        modifiedNanoseconds = Int(modified.tv_sec) * 1_000_000_000 + Int(modified.tv_nsec)
        unsafe base = UnsafeRawPointer(mapping)
    }

    deinit {
        // SAFETY: the same address and length as mapped; nobody else has the pointer.
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    /// A copy of the bytes in `range`, which must lie inside the file.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        check(range)
        // SAFETY: the range was checked to lie inside the mapping, which lives as long as self.
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Lends the bytes in `range`, which must lie inside the file, to `body`.
    func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        check(range)
        // SAFETY: the range was checked to lie inside the mapping, which lives as long as self.
        let bytes = unsafe UnsafeBufferPointer(
            start: (base + range.lowerBound).assumingMemoryBound(to: UInt8.self), count: range.count)
        return try body(unsafe bytes.span)
    }

    /// A copy of `count` little-endian values of four bytes from `byteOffset` on, of any alignment.
    func words<Word: BitwiseCopyable>(at byteOffset: Int, count: Int, of zero: Word) -> [Word] {
        let length = count * MemoryLayout<UInt32>.stride
        precondition(
            MemoryLayout<Word>.size == 4 && MemoryLayout<Word>.stride == 4,
            "\(Word.self) has \(MemoryLayout<Word>.size) bytes, not 4")
        check(byteOffset..<byteOffset + length)
        var words = [Word](repeating: zero, count: count)
        // SAFETY: source and destination hold `length` bytes, as checked; callers ask for UInt32 and Float, of which
        // every bit pattern is one.
        unsafe words.withUnsafeMutableBytes {
            unsafe $0.copyMemory(from: .init(start: base + byteOffset, count: length))
        }
        return words
    }

    private func check(_ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) is not in \(byteCount) bytes")
    }
}
