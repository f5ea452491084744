/// Documents by their ordinals: a bit for each from 1 to the greatest.
///
/// Ordinals are given out one after the other, so a million documents are 125 KB, whichever of them are meant.
package struct OrdinalSet: Sendable {
    private var words: [UInt64] = []

    package init() {}

    package init(_ ordinals: some Sequence<Int64>) {
        for ordinal in ordinals { insert(ordinal) }
    }

    /// O(words).
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Ascending.
    package var ordinals: [Int64] {
        var ordinals: [Int64] = []
        ordinals.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var left = word
            while left != 0 {
                ordinals.append(Int64(index * 64 + left.trailingZeroBitCount))
                left &= left - 1
            }
        }
        return ordinals
    }

    package func contains(_ ordinal: Int64) -> Bool {
        ordinal >= 0 && ordinal >> 6 < Int64(words.count)
            && words[Int(ordinal >> 6)] >> UInt64(ordinal & 63) & 1 == 1
    }

    package mutating func insert(_ ordinal: Int64) {
        precondition(ordinal >= 0, "an ordinal is not negative, found \(ordinal)")
        let index = Int(ordinal >> 6)
        if index >= words.count {
            words.append(contentsOf: repeatElement(0, count: index + 1 - words.count))
        }
        words[index] |= 1 << UInt64(ordinal & 63)
    }

    package mutating func formUnion(_ other: OrdinalSet) {
        if other.words.count > words.count {
            words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
        }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    package mutating func formIntersection(_ other: OrdinalSet) {
        if words.count > other.words.count { words.removeLast(words.count - other.words.count) }
        for index in words.indices { words[index] &= other.words[index] }
    }

    package mutating func subtract(_ other: OrdinalSet) {
        for index in 0..<min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }
}
