/// XXH64, a 64-bit checksum: it finds accidents, it does not stop a forger.
///
/// Source: Yann Collet, "xxHash fast digest algorithm", version 0.1.1 (2018),
/// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. The names below are the specification's:
/// `acc` the accumulators, stripes of 32 bytes in four lanes of 8.
package enum XXH64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripeBytes = 32

    /// The checksum of `bytes`.
    package static func checksum(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
        let length = bytes.count
        // SAFETY: the pointer lives for the closure; every load below ends at or before `length`.
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else {
                return avalanche(seed &+ prime5)
            }
            let striped = length / stripeBytes * stripeBytes
            let acc = striped > 0 ? unsafe consumeStripes(base, striped, seed) : seed &+ prime5
            // SAFETY: `striped` ≤ `length`: what is left starts inside the buffer and ends where it ends.
            return unsafe consumeRemainder(base + striped, length - striped, acc &+ UInt64(length))
        }
    }

    /// Steps 1 to 3 of the specification, for inputs of 32 bytes and more; `length` is a multiple of 32.
    private static func consumeStripes(_ base: UnsafeRawPointer, _ length: Int, _ seed: UInt64) -> UInt64 {
        var acc1 = seed &+ prime1 &+ prime2
        var acc2 = seed &+ prime2
        var acc3 = seed
        var acc4 = seed &- prime1
        var offset = 0
        while offset < length {
            // SAFETY: `offset` + 32 ≤ `length`, which the caller took from the buffer.
            acc1 = round(acc1, unsafe lane(base, offset))
            acc2 = round(acc2, unsafe lane(base, offset + 8))
            acc3 = round(acc3, unsafe lane(base, offset + 16))
            acc4 = round(acc4, unsafe lane(base, offset + 24))
            offset += stripeBytes
        }
        var acc = rotate(acc1, 1) &+ rotate(acc2, 7) &+ rotate(acc3, 12) &+ rotate(acc4, 18)
        for lane in [acc1, acc2, acc3, acc4] {
            acc = (acc ^ round(0, lane)) &* prime1 &+ prime4
        }
        return acc
    }

    /// Steps 5 and 6: the last 0 to 31 bytes, then the final mix.
    private static func consumeRemainder(
        _ base: UnsafeRawPointer, _ length: Int, _ start: UInt64
    ) -> UInt64 {
        var acc = start
        var offset = 0
        // SAFETY: each load is guarded by the bytes that are left, `length` - `offset`.
        while length - offset >= 8 {
            acc = rotate(acc ^ round(0, unsafe lane(base, offset)), 27) &* prime1 &+ prime4
            offset += 8
        }
        if length - offset >= 4 {
            let half = unsafe UInt32(
                littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            acc = rotate(acc ^ (UInt64(half) &* prime1), 23) &* prime2 &+ prime3
            offset += 4
        }
        while offset < length {
            // SAFETY: `offset` < `length`.
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            acc = rotate(acc ^ (UInt64(byte) &* prime5), 11) &* prime1
            offset += 1
        }
        return avalanche(acc)
    }

    @inline(__always)
    private static func lane(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        // SAFETY: the caller leaves 8 bytes from `offset` on.
        unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ acc: UInt64, _ lane: UInt64) -> UInt64 {
        rotate(acc &+ lane &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 - bits)
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var acc = value
        acc = (acc ^ acc >> 33) &* prime2
        acc = (acc ^ acc >> 29) &* prime3
        return acc ^ acc >> 32
    }
}
