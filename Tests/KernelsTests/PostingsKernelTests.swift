import Kernels
import TestSupport
import Testing

@Suite struct PostingsKernelTests {
    private func numbers(bits: Int, _ random: inout SplitMix64) -> [UInt32] {
        let greatest = bits == 32 ? UInt32.max : (1 << UInt32(bits)) - 1
        return (0..<PackedBlock.count).map { _ in UInt32.random(in: 0...greatest, using: &random) }
    }

    @Test(arguments: 0...32)
    func `128 numbers of any number of bits come back as they were packed`(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        let numbers = numbers(bits: bits, &random)
        var bytes: [UInt8] = [7]
        PackedBlock.pack(numbers.span, bits: bits, onto: &bytes)
        #expect(bytes.count == 1 + PackedBlock.byteCount(bits: bits) && bytes[0] == 7)
        var unpacked = [UInt32](repeating: 9, count: PackedBlock.count)
        var room = unpacked.mutableSpan
        PackedBlock.unpack(bytes.span.extracting(droppingFirst: 1), bits: bits, adding: 1, into: &room)
        #expect(unpacked == numbers.map { $0 &+ 1 })
    }

    @Test(arguments: 0...32)
    func `sums of packed differences are those of adding one after the other`(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        let numbers = numbers(bits: bits, &random)
        var bytes: [UInt8] = []
        PackedBlock.pack(numbers.span, bits: bits, onto: &bytes)
        var sums = [UInt32](repeating: 0, count: PackedBlock.count)
        var room = sums.mutableSpan
        let greatest = PackedBlock.unpackSums(bytes.span, bits: bits, base: 1_000, into: &room)
        var expected: [UInt32] = []
        for number in numbers { expected.append((expected.last ?? 1_000) &+ number) }
        #expect(sums == expected && greatest == expected.max())
    }

    @Test(arguments: [0, 1, 7, 8, 9, 128])
    func `scores are added as the scalar twin computes them, and rows outside are left out`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let lengths = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        let norms = (0..<256).map { Float($0) / 97 + 0.3 }
        // Some of them before the base, behind the sums, behind the rows.
        let positions = (0..<count).map { _ in UInt32.random(in: 0...700, using: &random) }
        let frequencies = (0..<count).map { _ in UInt32.random(in: 1...65_535, using: &random) }
        var sums = [UInt32](repeating: 0, count: 256)
        var touched = [UInt64](repeating: 0, count: 4)
        TermScores.add(
            positions.span, frequencies.span, base: 300, lengths: lengths.span, norms: norms.span,
            weight: 1_234_567.8, sums: &sums, touched: &touched)
        var expected = [UInt32](repeating: 0, count: 256)
        for (position, frequency) in zip(positions.map(Int.init), frequencies)
        where (300..<500).contains(position) {
            expected[position - 300] += TermScores.score(
                weight: 1_234_567.8, norm: norms[Int(lengths[position])], frequency: frequency)
        }
        #expect(sums == expected)
        for place in sums.indices {
            let isTouched = touched[place / 64] >> UInt64(place % 64) & 1 == 1
            #expect(isTouched == positions.contains(UInt32(place + 300)) || place >= 200)
            #expect(!isTouched || place < 200)
        }
    }

    @Test func `a score rises with the frequency and falls with the norm, as rounded`() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            let weight = Float.random(in: 0...8_000_000, using: &random)
            let norm = Float.random(in: 0...100, using: &random)
            let frequency = UInt32.random(in: 1...65_534, using: &random)
            let score = TermScores.score(weight: weight, norm: norm, frequency: frequency)
            #expect(TermScores.score(weight: weight, norm: norm, frequency: frequency + 1) >= score)
            #expect(TermScores.score(weight: weight, norm: norm.nextUp, frequency: frequency) <= score)
        }
    }
}
