/// Vectors without a model: a text is the sum of its words, each a fixed pseudo-random direction.
///
/// Texts that share words are near one another, whatever the words mean.
package struct WordHashes: Sendable {
    package let dimension: Int
    private let seed: UInt64

    /// What stands around every text; words are the ids after them.
    package static let specialIDs: (begin: Int32, end: Int32) = (0, 1)

    /// - Parameter seed: of the directions: with another one the same words lie elsewhere.
    package init(dimension: Int, seed: UInt64 = 0) {
        precondition(dimension > 0, "dimension must be positive, found \(dimension)")
        self.dimension = dimension
        self.seed = seed
    }

    /// The words of a text, in lower case.
    package static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// A word's id: from 2, so that no word is a special one.
    package static func id(of word: String) -> Int32 {
        // FNV-1a (Fowler, Noll, Vo): the same on every run, unlike `Hasher`.
        let hash = word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return 2 + Int32(hash % UInt64(Int32.max - 2))
    }

    /// The ids of a text, special ones included, cut to `tokensMax` (at least 2).
    package static func ids(of text: String, tokensMax: Int) -> [Int32] {
        [specialIDs.begin] + words(of: text).prefix(max(tokensMax, 2) - 2).map(id(of:)) + [specialIDs.end]
    }

    /// The unit-length vector of a text's ids. One of the special two counts, so that a text without words has one.
    package func vector(of ids: [Int32]) -> [Float] {
        var sum = [Float](repeating: 0, count: dimension)
        for id in ids.dropFirst() {
            var state = UInt64(UInt32(bitPattern: id)) ^ seed
            for index in sum.indices { sum[index] += Self.next(&state) }
        }
        let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / norm }
    }

    /// From -0.5 to 0.5. SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    private static func next(_ state: inout UInt64) -> Float {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Float((mixed ^ (mixed >> 31)) >> 40) / Float(1 << 24) - 0.5
    }
}
