#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A whole file in memory, read-only, for as long as the object lives.
///
/// Pages are read from the disk when they are touched. A file that somebody shortens while it is mapped ends
/// the process with SIGBUS at the next touch past its end: sealed files are made unwritable and never
/// modified, and a rebuild makes a new file.
@safe
final class MappedFile: @unchecked Sendable {
    let path: String
    let byteCount: Int

    // SAFETY: of `@unchecked Sendable` and `@safe`: the memory is read-only, and only lent while `self`
    // lives.
    private let memory: UnsafeRawBufferPointer

    /// Of a file that is read once through; nil for one that stays as near as the kernel likes.
    private let budget: PageBudget?

    /// - Parameters:
    ///   - byteCountMin: a shorter file is refused before it is mapped (an empty one cannot be).
    ///   - residentBytesMax: more pages than this are given back to the kernel while the file is read; nil: no limit.
    init(path: String, byteCountMin: Int, residentBytesMax: Int? = nil) throws(ColumnFileError) {
        let file = try FileDescriptor(reading: path)
        byteCount = try file.byteCount()
        guard byteCount >= byteCountMin else {
            throw .length(file: path, expected: UInt64(byteCountMin), found: UInt64(byteCount))
        }
        self.path = path
        budget = residentBytesMax.map { [byteCount] in PageBudget(byteCount: byteCount, bytesMax: $0) }
        // SAFETY: the mapping is as long as the file was found to be, and `deinit` unmaps just that.
        unsafe memory = try file.map(byteCount: byteCount)
    }

    deinit {
        // SAFETY: the range is the one that was mapped; nobody holds a span of it, as all are lent by
        // closure.
        unsafe munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), byteCount)
    }

    /// Where `count` bytes from `byteOffset` on are, for an owner that keeps `self`; nil if they are not in the file.
    func pointer(at byteOffset: Int, count: Int) -> UnsafePointer<UInt8>? {
        guard byteOffset >= 0, count >= 0, count <= byteCount - byteOffset else { return nil }
        // SAFETY: the range is inside the mapping.
        return unsafe memory.baseAddress.map {
            unsafe ($0 + byteOffset).assumingMemoryBound(to: UInt8.self)
        }
    }

    /// Whether pages are given back while the file is read.
    var isPassing: Bool { budget != nil }

    /// Counts bytes that are about to be read, and gives pages back if there are too many.
    func touch(_ bytes: Range<Int>) {
        if budget?.touch(bytes) == true { giveBackPages() }
    }

    /// Gives back the pages that were touched: they are not counted as the process's until they are touched again.
    func giveBackPages() {
        // SAFETY: of a private mapping that nobody writes to: a page that is given back is read again from the file
        // when it is touched, with the same bytes, whoever holds a span of it.
        unsafe madvise(UnsafeMutableRawPointer(mutating: memory.baseAddress), byteCount, MADV_DONTNEED)
    }

    /// Lends all bytes of the file; they are not counted.
    func withBytes<Result>(
        _ body: (Span<UInt8>) throws(ColumnFileError) -> Result
    ) throws(ColumnFileError) -> Result {
        try withElements(of: UInt8.self, byteOffset: 0, count: byteCount, body)
    }

    /// Lends `count` elements from `byteOffset` on; both must lie inside the file and fit the type's
    /// alignment. They are not counted: `touch` those that are read.
    func withElements<Element: ColumnElement, Result>(
        of type: Element.Type, byteOffset: Int, count: Int,
        _ body: (Span<Element>) throws(ColumnFileError) -> Result
    ) throws(ColumnFileError) -> Result {
        precondition(
            byteOffset >= 0 && count >= 0 && count <= (byteCount - byteOffset) / MemoryLayout<Element>.stride,
            "\(count) elements at \(byteOffset) do not lie in \(byteCount) bytes")
        precondition(byteOffset.isMultiple(of: MemoryLayout<Element>.alignment), "unaligned: \(byteOffset)")
        defer { extendLifetime(self) }
        // SAFETY: bounds and alignment (the mapping starts a page) were checked; `self` lives past `body`.
        let elements = unsafe UnsafeRawBufferPointer(rebasing: memory[byteOffset...])
            .assumingMemoryBound(to: Element.self)
        let lent = unsafe UnsafeBufferPointer(rebasing: elements[..<count])
        return try body(unsafe lent.span)
    }
}
