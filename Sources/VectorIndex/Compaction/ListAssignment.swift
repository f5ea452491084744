import Kernels

/// Which list every live row of some sources goes to, and in which order.
///
/// Memory: 8 bytes a row, 20 while it is made, and one block of products.
struct ListAssignment {
    /// A row's source and its position there.
    typealias Place = (source: Int, position: Int)

    /// List l has the rows `starts[l] ..< starts[l + 1]`.
    let starts: [UInt32]

    /// The places in the new segment of its rows by ascending row.
    let order: [UInt32]

    /// Rows by list, and within a list by ascending row, as numbers that go through all sources.
    private let numbers: [UInt32]

    /// The number of each source's first row.
    private let firsts: [Int]

    private static let blockRows = 1_024

    /// - Parameter mayGoOn: asked now and then; false stops with `.compactionStopped`.
    init(
        _ sources: [any RowSource], by quantizer: Quantizer, mayGoOn: () -> Bool
    ) throws(VectorIndexError) {
        var centroids: [Float] = []
        try quantizer.withCentroids { span in centroids = (0..<span.count).map { span[$0] } }
        var nearest = NearestCentroid(centroids: centroids, dimension: quantizer.shape.dimension)
        let total = sources.reduce(0) { $0 + $1.rowCount }
        precondition(total <= UInt32.max, "\(total) rows do not fit in a segment")
        var found = FoundRows(capacity: total)
        var firsts: [Int] = []
        var first = 0
        for source in sources {
            firsts.append(first)
            for start in stride(from: 0, to: source.rowCount, by: Self.blockRows) {
                guard mayGoOn() else { throw .compactionStopped }
                let positions = start..<min(start + Self.blockRows, source.rowCount)
                var assigned = [Int](repeating: -1, count: positions.count)
                for position in positions {
                    assigned[position - start] = source.list(of: position, by: quantizer) ?? -1
                }
                let isKnown = !assigned.contains(-1)
                try source.withRows(positions) { rows, _, _, vectors in
                    if !isKnown {
                        nearest.forEach(vectors, rowCount: rows.count) { row, list, _ in assigned[row] = list
                        }
                    }
                    for offset in rows.indices where !source.isDead(start + offset) {
                        found.append(rows[offset], number: first + start + offset, list: assigned[offset])
                    }
                }
            }
            first += source.rowCount
        }
        self.firsts = firsts
        (starts, numbers, order) = found.grouped(listCount: quantizer.shape.listCount)
    }

    var rowCount: Int { numbers.count }

    /// Where rows of the new segment are now.
    func places(_ rows: Range<Int>) -> [Place] {
        numbers[rows].map { number in
            let source = (firsts.firstIndex { $0 > number } ?? firsts.count) - 1
            return (source, Int(number) - firsts[source])
        }
    }
}

/// Live rows in the order in which they are found.
private struct FoundRows {
    private var rows: [Int64] = []
    private var numbers: [UInt32] = []
    private var lists: [UInt32] = []
    private var isAscending = true

    init(capacity: Int) {
        rows.reserveCapacity(capacity)
        numbers.reserveCapacity(capacity)
        lists.reserveCapacity(capacity)
    }

    mutating func append(_ row: Int64, number: Int, list: Int) {
        if let last = rows.last, last > row { isAscending = false }
        rows.append(row)
        numbers.append(UInt32(number))
        lists.append(UInt32(list))
    }

    /// By list, and within a list by row: row after row goes behind those that its list has already.
    consuming func grouped(listCount: Int) -> (starts: [UInt32], numbers: [UInt32], order: [UInt32]) {
        var starts = [UInt32](repeating: 0, count: listCount + 1)
        for list in lists { starts[Int(list) + 1] += 1 }
        for list in 0..<listCount { starts[list + 1] += starts[list] }
        var ascending = Array(0..<UInt32(rows.count))
        if !isAscending { ascending.sort { rows[Int($0)] < rows[Int($1)] } }
        rows = []
        var next = starts
        var grouped = [UInt32](repeating: 0, count: ascending.count)
        for (place, index) in ascending.enumerated() {
            let list = Int(lists[Int(index)])
            grouped[Int(next[list])] = numbers[Int(index)]
            // Its place among the ascending is not looked at any more, and becomes its place in the segment.
            ascending[place] = next[list]
            next[list] += 1
        }
        return (starts, grouped, ascending)
    }
}
