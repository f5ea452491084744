/// The pieces that begin a word, by all their bytes. Most words of a text are such a piece: one look here, in place of
/// a step in the trie for each byte.
struct WholeWords: Sendable {
    /// A place of an open-addressed hash table, half full at most. An `id` below 0 marks a free one.
    private struct Slot {
        var hash: UInt32 = 0
        var byteOffset: UInt32 = 0
        var byteCount: UInt32 = 0
        var id: Int32 = -1
    }

    private var slots: [Slot]
    private let mask: Int

    /// The pieces' UTF-8, one after the other.
    private var bytes: [UInt8] = []

    /// - Parameter pieces: UTF-8 without the `##`; of two equal ones the last counts, as in `PieceTrie`. Together
    ///   shorter than 4 GiB.
    init(_ pieces: some Collection<(utf8: ArraySlice<UInt8>, isContinuing: Bool, id: Int32)>) {
        let slotCount = max(2, 2 * pieces.count).nextPowerOfTwo
        mask = slotCount - 1
        slots = [Slot](repeating: Slot(), count: slotCount)
        for piece in pieces where !piece.isContinuing && !piece.utf8.isEmpty {
            let utf8 = Array(piece.utf8)
            let hash = Self.hash(utf8.span)
            let place = place(of: utf8.span, hash)
            if slots[place].id < 0 {
                slots[place] = Slot(
                    hash: hash, byteOffset: UInt32(bytes.count), byteCount: UInt32(utf8.count), id: piece.id)
                bytes += utf8
            } else {
                slots[place].id = piece.id
            }
        }
    }

    /// The piece that is the whole of `word`; below 0 if none is.
    @inline(__always)
    func piece(_ word: Span<UInt8>) -> Int32 {
        slots[place(of: word, Self.hash(word))].id
    }

    /// Where the word is, or the free place where it belongs.
    @inline(__always)
    private func place(of word: Span<UInt8>, _ hash: UInt32) -> Int {
        var place = Int(hash) & mask
        while slots[place].id >= 0, slots[place].hash != hash || !holds(word, at: place) {
            place = (place + 1) & mask
        }
        return place
    }

    @inline(__always)
    private func holds(_ word: Span<UInt8>, at place: Int) -> Bool {
        guard Int(slots[place].byteCount) == word.count else { return false }
        let start = Int(slots[place].byteOffset)
        for index in 0..<word.count where bytes[start + index] != word[index] { return false }
        return true
    }

    /// FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), its upper half mixed into the lower.
    @inline(__always)
    private static func hash(_ word: Span<UInt8>) -> UInt32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in 0..<word.count { hash = (hash ^ UInt64(word[index])) &* 0x0000_0100_0000_01b3 }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

extension Int {
    /// The least power of two that is not below, for 1 and more.
    fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
