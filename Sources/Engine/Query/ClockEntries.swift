/// Values by key, bounded in count and in bytes: what was not asked for since the hand last passed goes first (F.
/// Corbató, 1968, "A paging experiment with the Multics system", known as CLOCK or second chance).
///
/// Looking up and adding take constant time, spread over many calls; nothing is moved when a value is asked for.
struct ClockEntries<Key: Hashable, Value> {
    private struct Entry {
        let key: Key
        let value: Value
        let byteCount: Int

        /// Whether it was asked for since the hand passed.
        var isUsed = false
    }

    private let countMax: Int
    private let byteCountMax: Int

    /// In a circle; nil is a free place.
    private var entries: [Entry?] = []
    private var freePlaces: [Int] = []
    private var places: [Key: Int] = [:]

    /// Where the next entry that has to go is looked for.
    private var hand = 0

    /// Of all entries, as they were told.
    private(set) var byteCount = 0

    var count: Int { places.count }

    init(countMax: Int, byteCountMax: Int) {
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }

    /// The value, which counts as a use; nil if there is none.
    mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        entries[place]?.isUsed = true
        return entries[place]?.value
    }

    /// Adds a value under a key that has none, and drops as many others as it takes. A value larger than all the room
    /// there is is not kept.
    mutating func insert(_ value: Value, for key: Key, byteCount: Int) {
        guard places[key] == nil, byteCount <= byteCountMax, countMax > 0 else { return }
        while count >= countMax || self.byteCount + byteCount > byteCountMax { dropOne() }
        let entry = Entry(key: key, value: value, byteCount: byteCount)
        // A place that was just freed lies right behind the hand: the new entry is the last that it comes to.
        if let place = freePlaces.popLast() {
            entries[place] = entry
            places[key] = place
        } else {
            places[key] = entries.count
            entries.append(entry)
        }
        self.byteCount += byteCount
    }

    /// There is at least one.
    private mutating func dropOne() {
        while true {
            let place = hand
            hand = (hand + 1) % entries.count
            guard let entry = entries[place] else { continue }
            if entry.isUsed {
                entries[place]?.isUsed = false
                continue
            }
            entries[place] = nil
            freePlaces.append(place)
            places[entry.key] = nil
            byteCount -= entry.byteCount
            return
        }
    }
}
