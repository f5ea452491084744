import CKernels

/// How a file stores numbers that are Float32 in memory. Little-endian, of any alignment.
package enum StoredFloats: String, Sendable, CaseIterable {
    case float32, float16

    /// The upper half of a Float32.
    case bfloat16

    /// Q4_0 of llama.cpp: blocks of 32 numbers, each four bits times the block's half precision scale.
    case q4Blocks

    /// Numbers that stand together: what is stored is a whole number of blocks.
    package var blockCount: Int { self == .q4Blocks ? 32 : 1 }

    /// Bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q4Blocks: 18
        }
    }

    /// Bytes of `count` numbers, which must be whole blocks.
    package func byteCount(of count: Int) -> Int {
        precondition(
            count >= 0 && count.isMultiple(of: blockCount), "\(count) numbers in blocks of \(blockCount)")
        return count / blockCount * blockBytes
    }

    /// Fills `floats` with what `bytes` stand for, of which there are exactly as many as that takes.
    package func widen(_ bytes: Span<UInt8>, into floats: inout MutableSpan<Float>) {
        let count = floats.count
        precondition(
            bytes.count == byteCount(of: count),
            "\(count) numbers of \(self) take \(byteCount(of: count)) bytes, found \(bytes.count)")
        // SAFETY: the bytes are as many as `count` numbers take, as checked above; the pointers live for the call only,
        // and every bit pattern is a number.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe floats.withUnsafeMutableBufferPointer { floats in
                guard let source = bytes.baseAddress, let target = floats.baseAddress else { return }
                switch self {
                case .float32:
                    unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes.count)
                case .float16: unsafe ckernels_widen_f16(source, Int64(count), target)
                case .bfloat16: unsafe ckernels_widen_bf16(source, Int64(count), target)
                case .q4Blocks: unsafe ckernels_widen_q4_0(source, Int64(count / blockCount), target)
                }
            }
        }
    }
}
