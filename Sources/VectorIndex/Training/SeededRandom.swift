/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014): the same
/// seed, the same training, on every machine and release.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// In 0 ..< 1.
    mutating func unit() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// `count` different numbers of `0 ..< bound`, ascending (R. Floyd's method: J. Bentley, "Programming
    /// pearls: a sample of brilliance", 1987).
    mutating func sample(_ count: Int, of bound: Int) -> [Int] {
        guard count < bound else { return Array(0..<bound) }
        var chosen: Set<Int> = []
        for last in (bound - count)..<bound {
            let candidate = Int(next() % UInt64(last + 1))
            chosen.insert(chosen.contains(candidate) ? last : candidate)
        }
        return chosen.sorted()
    }
}
