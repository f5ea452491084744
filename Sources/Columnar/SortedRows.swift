extension Span<Int64> {
    /// Position of `value` in ascending values, by binary search; nil if it is not among them.
    package func firstPosition(of value: Int64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value ? low : nil
    }

    /// Position of `value` among values that ascend when they are taken in the given order; nil if it is not
    /// among them, or the order names no position there is.
    package func firstPosition(of value: Int64, by order: Span<UInt32>) -> Int? {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = low + (high - low) / 2
            let position = Int(order[middle])
            guard position < count else { return nil }
            if self[position] < value { low = middle + 1 } else { high = middle }
        }
        guard low < order.count, Int(order[low]) < count, self[Int(order[low])] == value else { return nil }
        return Int(order[low])
    }
}

extension [Int64] {
    /// Position of `value` in an ascending array, by binary search; nil if it is not among them.
    package func firstPosition(of value: Int64) -> Int? {
        span.firstPosition(of: value)
    }
}
