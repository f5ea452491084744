/// Terms of words that were met lately: stemming costs ten times what finding a word again does.
///
/// Direct mapped: a word has one slot, and whoever comes last has it. Words of up to 32 bytes.
struct TermMemory {
    struct Key: Equatable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0
    }

    private struct Slot {
        var key = Key()
        var term = ""
    }

    private var slots = [Slot](repeating: Slot(), count: 512)
    private var missCount = 0

    /// 8,192 slots of 48 bytes: what a long text in one language comes back to, and still in the second-level cache.
    private static let slotsMax = 8192

    /// Nil if the word is longer than is remembered.
    static func key(of bytes: Span<UInt8>, _ range: Range<Int>) -> Key? {
        guard range.count <= 32 else { return nil }
        var key = Key()
        let start = range.lowerBound
        let end = range.upperBound
        key.a = packed(bytes, start, min(start + 8, end))
        guard end > start + 8 else { return key }
        key.b = packed(bytes, start + 8, min(start + 16, end))
        guard end > start + 16 else { return key }
        key.c = packed(bytes, start + 16, min(start + 24, end))
        if end > start + 24 { key.d = packed(bytes, start + 24, end) }
        return key
    }

    @inline(__always)
    private static func packed(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
        var word: UInt64 = 0
        var place = start
        while place < end {
            word = word << 8 | UInt64(bytes[place])
            place += 1
        }
        return word
    }

    func term(of key: Key) -> String? {
        let slot = slots[place(of: key)]
        // No word's key is zero: a word has a byte that is not.
        return slot.key == key && key.a != 0 ? slot.term : nil
    }

    mutating func remember(_ term: String, of key: Key) {
        missCount += 1
        if missCount > slots.count, slots.count < Self.slotsMax {
            slots = [Slot](repeating: Slot(), count: Self.slotsMax)
        }
        slots[place(of: key)] = Slot(key: key, term: term)
    }

    private func place(of key: Key) -> Int {
        var mixed = (key.a ^ key.c) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 32) ^ key.b ^ key.d) &* 0xbf58_476d_1ce4_e5b9
        return Int(truncatingIfNeeded: (mixed >> 40) & UInt64(slots.count - 1))
    }
}
