import Kernels
import Testing

@Suite struct StoredFloatsTests {
    private func widened(_ bytes: [UInt8], _ kind: StoredFloats, count: Int) -> [Float] {
        var values = [Float](repeating: -1, count: count)
        var target = values.mutableSpan
        kind.widen(bytes.span, into: &target)
        return values
    }

    private func bytes(_ words: some Sequence<UInt16>) -> [UInt8] {
        words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }

    @Test func `every half precision number is widened exactly`() {
        let found = widened(bytes(0...UInt16.max), .float16, count: 1 << 16)
        for (bits, value) in found.enumerated() {
            let expected = Self.value(ofHalf: bits)
            if expected.isNaN {
                #expect(value.isNaN, "\(String(bits, radix: 16))")
            } else {
                #expect(value.bitPattern == expected.bitPattern, "\(String(bits, radix: 16))")
            }
        }
    }

    /// IEEE 754-2019, section 3.4, by its formula.
    private static func value(ofHalf bits: Int) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let (exponent, fraction) = (bits >> 10 & 31, Float(bits & 1023))
        switch exponent {
        case 0: return sign * Float(sign: .plus, exponent: -24, significand: fraction)
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
        }
    }

    @Test func `a bfloat16 is the upper half of a Float32`() {
        let words: [UInt16] = [0, 0x8000, 0x3F80, 0xC048, 0x7F80, 0x0001]
        let found = widened(bytes(words), .bfloat16, count: words.count)
        #expect(found.map(\.bitPattern) == words.map { UInt32($0) << 16 })
    }

    @Test func `a Float32 stays as it is`() {
        let values: [Float] = [0, -1.5, .infinity, .leastNonzeroMagnitude]
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        #expect(widened(bytes, .float32, count: 4).map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test func `a block of four bits is its scale times what is 8 too great`() {
        // Scales of 0.5 and -2; byte j of the first block holds j and 15 - j.
        let first = bytes([0x3800]) + (0..<16).map { UInt8($0 | (15 - $0) << 4) }
        let second = bytes([0xC000]) + [UInt8](repeating: 0x80, count: 16)
        let found = widened(first + second, .q4Blocks, count: 64)
        #expect(found[..<16].elementsEqual((0..<16).map { Float($0 - 8) / 2 }))
        #expect(found[16..<32].elementsEqual((0..<16).map { Float(7 - $0) / 2 }))
        #expect(found[32..<48].allSatisfy { $0 == 16 } && found[48...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: StoredFloats.allCases)
    func `no numbers take no bytes`(kind: StoredFloats) {
        #expect(kind.byteCount(of: 0) == 0 && widened([], kind, count: 0).isEmpty)
    }
}
