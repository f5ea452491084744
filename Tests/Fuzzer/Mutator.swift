import TestSupport

/// Makes new documents of old ones, the same for the same seed.
struct Mutator {
    private var generator: SplitMix64
    private let corpus: [[UInt8]]
    private let tokens: [[UInt8]]
    private let keepsLength: Bool

    /// A document does not grow beyond this: what is found is found in small ones.
    private static let bytesMax = 64 * 1024

    private static let numbers: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, .max, .max >> 1,
    ]

    /// - Parameter keepsLength: mostly changes bytes where they are: in a file that says where each of its parts lies,
    ///   what is inserted or taken away is all that is ever found.
    init(seed: UInt64, corpus: [[UInt8]], tokens: [String], keepsLength: Bool = false) {
        self.keepsLength = keepsLength
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
        let isKept = keepsLength && below(8) > 0
        for _ in 0...below(isKept ? 3 : 8) {
            if isKept { overwrite(&bytes) } else { mutate(&bytes) }
        }
        return bytes.count > Self.bytesMax ? Array(bytes.prefix(Self.bytesMax)) : bytes
    }

    private mutating func overwrite(_ bytes: inout [UInt8]) {
        let place = below(max(bytes.count, 1))
        guard place < bytes.count else { return }
        switch below(5) {
        case 0: bytes[place] ^= 1 << UInt8(below(8))
        case 1: bytes[place] = UInt8(below(256))
        case 2: bytes[place] &+= UInt8(below(7)) &- 3
        case 3: overwrite(&bytes, at: place, with: Self.numbers[below(Self.numbers.count)])
        default:
            let (from, length) = (below(bytes.count), 1 + below(16))
            for offset in 0..<length where place + offset < bytes.count && from + offset < bytes.count {
                bytes[place + offset] = bytes[from + offset]
            }
        }
    }

    private mutating func overwrite(_ bytes: inout [UInt8], at place: Int, with number: UInt64) {
        let width = [1, 2, 4, 8][below(4)]
        for index in 0..<width where place + index < bytes.count {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
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
        case 6: overwrite(&bytes, at: place, with: Self.numbers[below(Self.numbers.count)])
        default:
            let other = corpus[below(corpus.count)]
            let from = below(other.count + 1)
            bytes.replaceSubrange(place..., with: other[from...])
        }
    }
}
