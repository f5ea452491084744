/// A random part of the rows: each row is in it by its own id and the seed, independent of all others.
public struct RowSubset: Sendable, Hashable {
    /// The share of rows that is admitted, from 0 to 1.
    public let share: Double

    /// Rows of the whole.
    public let rowCount: Int

    private let seed: UInt64
    private let threshold: UInt64

    public init(share: Double, of rowCount: Int, seed: UInt64) {
        precondition((0...1).contains(share), "a share is 0 to 1, found \(share)")
        (self.share, self.rowCount, self.seed) = (share, rowCount, seed)
        // 2³² steps: finer than a row of the largest base.
        threshold = UInt64((share * 4_294_967_296).rounded())
    }

    /// Whether a row is in the subset.
    public func contains(_ id: Int64) -> Bool {
        var random = SeededRandom(seed: seed &+ UInt64(bitPattern: id) &* 0xD134_2543_DE82_EF95)
        return random.next() >> 32 < threshold
    }

    /// All rows in it, ascending.
    public var ids: [Int64] {
        (0..<Int64(rowCount)).filter(contains)
    }
}

/// Random numbers that are the same for the same seed, on every machine.
///
/// SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Roughly normal, mean 0 and variance 1: the sum of four uniform numbers, which is near enough for noise
    /// in hundreds of dimensions and ten times as fast as exact.
    public mutating func normal() -> Float {
        let bits = next()
        let sum = (0..<4).reduce(Int32(0)) { $0 + Int32(truncatingIfNeeded: bits >> (16 * $1) & 0xFFFF) }
        // Four uniform numbers in 0..<1 have the sum's mean 2 and variance 1/3.
        return (Float(sum) / 65_536 - 2) * 1.732_050_8
    }

    /// A whole number below `bound`, which is positive. Biased by less than 2⁻³² for bounds below 2³².
    public mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
