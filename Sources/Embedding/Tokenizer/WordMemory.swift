import Synchronization

/// What words became that came before. A text says most of its words again, and finding the best way through one costs
/// ten times what looking it up does.
struct WordMemory: Sendable {
    /// Longer words, which are seldom said twice, are not kept, and neither are those of more pieces.
    static let wordBytesMax = 32
    static let piecesMax = 8

    /// Words that are kept; one that comes later takes the place of one whose hash ends alike. 1.6 MB.
    private static let slotCount = 1 << 14

    struct Entry: Sendable {
        /// UTF-8; zeros behind it, which no word ends with.
        var word = SIMD32<UInt8>()
        var pieces = SIMD8<Int32>()
        var pieceCount: Int32 = 0

        /// By how much every choice on the way was decided; see `UnigramLattice`.
        var margin: Float = 0
    }

    /// A word, as entries hold it, and where its entry is.
    struct Key {
        fileprivate let word: SIMD32<UInt8>
        fileprivate let slot: Int
    }

    private var entries = [Entry](repeating: Entry(), count: slotCount)

    /// Nil for a word that is not kept.
    static func key(_ word: Span<UInt8>) -> Key? {
        guard word.count <= wordBytesMax else { return nil }
        var (key, hash) = (SIMD32<UInt8>(), UInt64(0xcbf2_9ce4_8422_2325))
        for index in 0..<word.count {
            key[index] = word[index]
            // FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo).
            hash = (hash ^ UInt64(word[index])) &* 0x0000_0100_0000_01b3
        }
        return Key(word: key, slot: Int(truncatingIfNeeded: hash ^ hash >> 32) & (slotCount - 1))
    }

    @inline(__always)
    func entry(_ key: Key) -> Entry? {
        let entry = entries[key.slot]
        return entry.pieceCount > 0 && entry.word == key.word ? entry : nil
    }

    /// - Parameter reversed: the pieces, the last first.
    mutating func keep(_ reversed: [Int32], margin: Float, at key: Key) {
        guard (1...Self.piecesMax).contains(reversed.count), margin > 0 else { return }
        var entry = Entry(word: key.word, pieceCount: Int32(reversed.count), margin: margin)
        for (index, piece) in reversed.reversed().enumerated() { entry.pieces[index] = piece }
        entries[key.slot] = entry
    }
}

/// Memories of calls that are over, for calls to come: as many as there were at a time.
final class WordMemoryPool: Sendable {
    private let free = Mutex<[WordMemory]>([])

    /// More callers at a time than there are processors gain nothing.
    private static let keptMax = 16

    func take() -> WordMemory {
        free.withLock { $0.popLast() } ?? WordMemory()
    }

    func giveBack(_ memory: WordMemory) {
        free.withLock { free in
            if free.count < Self.keptMax { free.append(memory) }
        }
    }
}
