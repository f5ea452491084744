extension Span<Int64> {
    /// Position of `value` in ascending values, by binary search; nil if it is not among them.
    func firstPosition(of value: Int64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value ? low : nil
    }
}

extension [Int64] {
    /// Position of `value` in an ascending array, by binary search; nil if it is not among them.
    func firstPosition(of value: Int64) -> Int? {
        span.firstPosition(of: value)
    }
}
