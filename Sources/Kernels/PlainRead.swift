import CKernels

/// Reading as fast as memory gives: what other kernels are measured against.
package enum PlainRead {
    /// Whole blocks are read.
    package static let blockBytes = 256

    /// Reads the whole blocks of `elements`.
    ///
    /// - Returns: the exclusive or of their 64-bit words, so that nobody can leave the reading out.
    @discardableResult
    package static func words<Element: BitwiseCopyable>(
        of elements: Span<Element>, using set: InstructionSet = .best
    ) -> UInt64 {
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        // SAFETY: the kernel reads no more than the bytes of the span; the pointer lives for the call only.
        return unsafe elements.withUnsafeBytes { bytes in
            unsafe ckernels_read(
                set.isa, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
    }

    /// Of a cache line.
    package static let lineBytes = 64

    /// Elements before the first that begins a cache line: elsewhere every load of 64 bytes touches two lines.
    package static func countBeforeLine<Element: BitwiseCopyable>(in elements: Span<Element>) -> Int {
        // SAFETY: the pointer is only looked at.
        unsafe elements.withUnsafeBytes { bytes in
            let past = Int(bitPattern: bytes.baseAddress) % lineBytes
            return (lineBytes - past) % lineBytes / MemoryLayout<Element>.stride
        }
    }
}
