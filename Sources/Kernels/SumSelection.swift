/// The greatest of many sums of a small range.
package enum SumSelection {
    /// The `rank`-th greatest of the first `count` sums, counted from 1.
    ///
    /// - Parameter scratch: room for `count`; its content is lost.
    package static func threshold(
        _ sums: Span<Int32>, count: Int, rank: Int, scratch: inout MutableSpan<Int32>
    ) -> Int32 {
        precondition(
            rank >= 1 && rank <= count && count <= sums.count && count <= scratch.count,
            "rank \(rank) of \(count) sums, \(sums.count) given, room for \(scratch.count)")
        for index in 0..<count { scratch[index] = sums[index] }
        // SAFETY: the buffer is the scratch's own for the call only; all places below are within `count`.
        return unsafe scratch.withUnsafeMutableBufferPointer { values in
            unsafe select(rank - 1, UnsafeMutableBufferPointer(rebasing: values[..<count]))
        }
    }

    /// Hoare's selection, descending (C. A. R. Hoare, "Algorithm 65: find", 1961).
    private static func select(_ place: Int, _ values: UnsafeMutableBufferPointer<Int32>) -> Int32 {
        var (low, high) = (0, values.count - 1)
        while low < high {
            // SAFETY: `low`, `high`, `left` and `right` stay within the buffer: the pivot stops both.
            let pivot = unsafe values[low + (high - low) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while unsafe values[left] > pivot { left += 1 }
                while unsafe values[right] < pivot { right -= 1 }
                if left <= right {
                    unsafe values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if place <= right { high = right } else if place >= left { low = left } else { break }
        }
        return unsafe values[place]
    }
}
