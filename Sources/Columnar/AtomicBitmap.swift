import Synchronization

/// Bits that are set and read by any number of threads without a lock.
///
/// Nothing is published through a bit: it says that bytes which never change were found right, or about where they
/// were read. Relaxed order is enough; two threads that both find it 0 do the same twice.
@safe
final class AtomicBitmap: @unchecked Sendable {
    // SAFETY: of `@unchecked Sendable` and `@safe`: words are only reached through atomic operations, in
    // bounds.
    private let words: UnsafeMutableBufferPointer<Atomic<UInt64>>

    private let count: Int

    init(count: Int) {
        self.count = count
        // SAFETY: every word is initialized before the memory is used, and released once, in `deinit`.
        unsafe words = .allocate(capacity: (count + 63) / 64)
        for index in unsafe words.indices {
            unsafe words.initializeElement(at: index, to: Atomic(0))
        }
    }

    deinit {
        // SAFETY: every word was initialized, and nobody holds a reference to `self` any more.
        unsafe words.deinitialize()
        unsafe words.deallocate()
    }

    subscript(index: Int) -> Bool {
        precondition(index >= 0 && index < count, "bit \(index) of \(count)")
        // SAFETY: the word is inside the buffer.
        let word = unsafe words[index >> 6].load(ordering: .relaxed)
        return word >> UInt64(index & 63) & 1 == 1
    }

    func set(_ index: Int) {
        precondition(index >= 0 && index < count, "bit \(index) of \(count)")
        // SAFETY: the word is inside the buffer.
        unsafe words[index >> 6].bitwiseOr(1 << UInt64(index & 63), ordering: .relaxed)
    }

    /// Makes every bit 0.
    func clear() {
        // SAFETY: `indices` are those of the buffer.
        for index in unsafe words.indices { unsafe words[index].store(0, ordering: .relaxed) }
    }
}
