import Kernels

/// The codes of a listed segment's admitted rows, gathered from their lists: a scan of them costs what these
/// rows do, not what all lists do that hold one.
struct GatheredCodes: Sendable {
    /// Rows of a segment that are gathered at most: of more the nearest lists alone, other rows and all, are
    /// scanned in less time. The second bound is on what a filter keeps in memory, 60 bytes or so a row.
    static func countMax(ofRows rowCount: Int) -> Int { min(rowCount / 12, 32_768) }

    /// Ascending.
    let positions: [UInt32]

    /// Of each row.
    let lists: [UInt32]

    /// In groups, as `ProductCodes` has them.
    let codes: [UInt8]

    var groupCount: Int { (positions.count + ProductCodes.groupRows - 1) / ProductCodes.groupRows }

    /// - Parameter positions: ascending positions of rows of `segment`, which has lists.
    init(
        _ positions: [UInt32], of segment: Segment, _ lists: ListTable, stepCount: Int
    ) throws(VectorIndexError) {
        self.positions = positions
        let group = ProductCodes.groupRows
        var codes = [UInt8](
            repeating: 0,
            count: (positions.count + group - 1) / group * stepCount * ProductCodes.stepBytes)
        var owners: [UInt32] = []
        owners.reserveCapacity(positions.count)
        var place = 0
        while place < positions.count {
            let list = lists.list(of: Int(positions[place]))
            let rows = lists.rows(of: list)
            var end = place
            while end < positions.count, Int(positions[end]) < rows.upperBound { end += 1 }
            owners.append(contentsOf: repeatElement(UInt32(list), count: end - place))
            try segment.withCodes(lists.groups(of: list)) { source in
                for place in place..<end {
                    Self.copy(
                        source, row: Int(positions[place]) - rows.lowerBound, to: &codes, row: place,
                        stepCount)
                }
            }
            place = end
        }
        (self.lists, self.codes) = (owners, codes)
    }

    private static func copy(
        _ source: Span<UInt8>, row: Int, to codes: inout [UInt8], row target: Int, _ stepCount: Int
    ) {
        var room = codes.mutableSpan
        ProductCodes.copyRow(row, of: source, to: target, of: &room, stepCount: stepCount)
    }
}

extension ListSearch {
    /// Scans the gathered codes of rows of `segments`, all of `quantizer`: every one of them, whatever list
    /// it is in.
    mutating func run(
        gathered segments: [(rows: ListedRows, codes: GatheredCodes)], of quantizer: Quantizer
    ) throws(VectorIndexError) {
        let prepared = try quantizer.prepare(query.span)
        rounded = prepared.rounded
        let target = ListTarget(prepared, list: 0, product: 0, policy)
        for (rows, gathered) in segments {
            let count = gathered.positions.count
            guard count > 0 else { continue }
            _ = Self.scan(
                gathered.codes.span, groupCount: gathered.groupCount, prepared.table, atLeast: .min, [], 0,
                &places,
                &sums)
            target.addProducts(prepared.products, of: gathered.lists, to: &sums)
            work.codedRowCount += count
            let pivot = count > Self.crowd ? pivot(of: count) : .min
            take(gathered, pivot...Int32.max, of: rows)
            try comparePending()
            let least = target.least(for: best.threshold)
            take(gathered, least..<max(least, pivot), of: rows)
            try comparePending()
        }
    }

    private mutating func take(
        _ gathered: GatheredCodes, _ bounds: some RangeExpression<Int32>, of segment: ListedRows
    ) {
        pending.restart(in: segment)
        let units = segment.rows.segment.byteUnits
        for index in gathered.positions.indices where bounds.contains(sums[index]) {
            pending.append(gathered.positions[index], unit: units[Int(gathered.lists[index])])
        }
    }
}

extension ListTarget {
    /// Adds to each row's sum what its list's centroid contributes, in the same units: rows of different
    /// lists can then be held against each other.
    fileprivate func addProducts(_ products: [Float], of lists: [UInt32], to sums: inout [Int32]) {
        let scale = unit > 0 ? kept / unit : 0
        for (index, list) in lists.enumerated() {
            // Beyond these bounds no sum of bytes matters, and the conversion would trap.
            sums[index] += Int32(max(-1e9, min(1e9, scale * products[Int(list)])))
        }
    }
}
