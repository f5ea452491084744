import TestSupport

/// Makes new documents of old ones, the same for the same seed.
struct Mutator {
    private var generator: SplitMix64
    private let corpus: [[UInt8]]
    private let tokens: [[UInt8]]

    /// A document does not grow beyond this: what is found is found in small ones.
    private static let bytesMax = 64 * 1024

    private static let numbers: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, .max, .max >> 1,
    ]

    init(seed: UInt64, corpus: [[UInt8]], tokens: [String]) {
        generator = SplitMix64(seed: seed)
        self.corpus = corpus
        self.tokens = tokens.map { Array($0.utf8) }
    }

    /// A number below `bound`, which is above 0.
    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &generator)
    }

    mutating func next() -> [UInt8] {
        var bytes = corpus[below(corpus.count)]
        for _ in 0...below(8) { mutate(&bytes) }
        return bytes.count > Self.bytesMax ? Array(bytes.prefix(Self.bytesMax)) : bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = below(bytes.count + 1)
        let length = min(below(1 + below(64)), bytes.count - place)
        switch below(8) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
        case 1 where place < bytes.count: bytes[place] = UInt8(below(256))
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 4: bytes.insert(contentsOf: (0..<length).map { _ in UInt8(below(256)) }, at: place)
        case 5 where !tokens.isEmpty:
            let token = tokens[below(tokens.count)]
            let count = below(20) == 0 ? below(500) : 1
            bytes.insert(contentsOf: (0..<count).flatMap { _ in token }, at: place)
        case 6:
            let number = Self.numbers[below(Self.numbers.count)]
            let width = [1, 2, 4, 8][below(4)]
            for index in 0..<width where place + index < bytes.count {
                bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
            }
        default:
            let other = corpus[below(corpus.count)]
            let from = below(other.count + 1)
            bytes.replaceSubrange(place..., with: other[from...])
        }
    }
}
