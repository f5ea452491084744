import CKernels

/// Blocks of 128 numbers in as few bits each as the greatest takes. The layout is in ckernels_postings.h.
package enum PackedBlock {
    package static let count = 128

    /// Bytes of a block.
    package static func byteCount(bits: Int) -> Int { 16 * bits }

    /// Bits that a number takes.
    package static func bits(of number: UInt32) -> Int { UInt32.bitWidth - number.leadingZeroBitCount }

    /// Adds the packed block to the end of `bytes`.
    ///
    /// - Parameter numbers: 128, each below 2^bits.
    package static func pack(_ numbers: Span<UInt32>, bits: Int, onto bytes: inout [UInt8]) {
        precondition(
            numbers.count == count && (0...32).contains(bits), "\(numbers.count) numbers of \(bits) bits")
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: byteCount(bits: bits)))
        // SAFETY: the kernel reads 128 numbers and writes 16 × bits bytes, which were just added.
        unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe bytes.withUnsafeMutableBufferPointer { room in
                guard let from = numbers.baseAddress, let to = room.baseAddress else { return }
                unsafe ckernels_pack_block(from, UInt32(bits), to + start)
            }
        }
    }

    /// The numbers of a block, each and `addend`, into the first 128 places.
    package static func unpack(
        _ bytes: Span<UInt8>, bits: Int, adding addend: UInt32, into numbers: inout MutableSpan<UInt32>
    ) {
        check(bytes, bits, numbers.count)
        // SAFETY: the kernel reads 16 × bits bytes and writes 128 numbers; both are there.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                unsafe ckernels_unpack_block(bytes.baseAddress, UInt32(bits), addend, numbers.baseAddress)
            }
        }
    }

    /// The sums of the numbers of a block up to each, from `base` on and modulo 2³², into the first 128 places.
    ///
    /// - Returns: the greatest.
    package static func unpackSums(
        _ bytes: Span<UInt8>, bits: Int, base: UInt32, into numbers: inout MutableSpan<UInt32>
    ) -> UInt32 {
        check(bytes, bits, numbers.count)
        // SAFETY: as in `unpack`.
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                unsafe ckernels_unpack_sums(bytes.baseAddress, UInt32(bits), base, numbers.baseAddress)
            }
        }
    }

    private static func check(_ bytes: Span<UInt8>, _ bits: Int, _ room: Int) {
        precondition(
            (0...32).contains(bits) && bytes.count >= byteCount(bits: bits) && room >= count,
            "\(bytes.count) bytes for 128 numbers of \(bits) bits, room for \(room)")
    }
}
