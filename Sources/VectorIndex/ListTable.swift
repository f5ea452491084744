import Kernels

/// Which rows of a listed segment belong to which inverted list.
struct ListTable: Sendable {
    /// List l holds the rows `starts[l] ..< starts[l + 1]`.
    private let starts: [UInt32]

    /// And the code groups `groupStarts[l] ..< groupStarts[l + 1]`.
    private let groupStarts: [UInt32]

    /// - Parameter starts: ascending from 0.
    init(starts: [UInt32]) {
        self.starts = starts
        var groups: [UInt32] = [0]
        groups.reserveCapacity(starts.count)
        for list in 0..<max(0, starts.count - 1) {
            groups.append(groups[list] + Self.groupCount(rows: starts[list + 1] - starts[list]))
        }
        groupStarts = groups
    }

    var listCount: Int { starts.count - 1 }
    var groupCount: Int { Int(groupStarts[listCount]) }

    func rows(of list: Int) -> Range<Int> { Int(starts[list])..<Int(starts[list + 1]) }
    func groups(of list: Int) -> Range<Int> { Int(groupStarts[list])..<Int(groupStarts[list + 1]) }

    /// Rows of the longest list.
    var rowsMax: Int { (0..<listCount).reduce(0) { max($0, rows(of: $1).count) } }

    /// The list that the row at `position` belongs to.
    func list(of position: Int) -> Int {
        var (low, high) = (0, listCount)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if Int(starts[middle]) <= position { low = middle } else { high = middle }
        }
        return low
    }

    static func groupCount(rows: UInt32) -> UInt32 {
        (rows + UInt32(ProductCodes.groupRows) - 1) / UInt32(ProductCodes.groupRows)
    }
}
