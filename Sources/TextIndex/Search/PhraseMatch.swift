/// Whether words stand one after the other.
enum PhraseMatch {
    /// - Parameter places: of each word of the phrase in one row, ascending.
    static func occurs(_ places: [[UInt32]]) -> Bool {
        guard let first = places.first else { return true }
        return first.contains { start in
            places.indices.dropFirst().allSatisfy { index in
                let (wanted, isOver) = start.addingReportingOverflow(UInt32(index))
                return !isOver && places[index].holds(wanted)
            }
        }
    }
}

extension [UInt32] {
    /// Whether the ascending array holds `value`.
    fileprivate func holds(_ value: UInt32) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}
