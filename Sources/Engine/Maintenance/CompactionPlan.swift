import VectorIndex

/// What an index wants done to its segments next, told from how they are. A pure value.
///
/// Only neighbours in the order of their sequences are merged, so that what a segment covers is one range and no
/// other segment's commits lie within it.
package struct CompactionPlan: Sendable {
    /// One segment, as far as it matters here.
    package struct Segment: Sendable {
        package var number: Int64
        package var firstSequence: Int64

        /// Rows in its file, and how many of them are dead.
        package var rowCount: Int
        package var deletedRowCount: Int

        /// The quantizer that its lists were made with; nil in a flat segment.
        package var quantizer: Int64?

        package init(
            number: Int64, firstSequence: Int64, rowCount: Int, deletedRowCount: Int = 0,
            quantizer: Int64? = nil
        ) {
            self.number = number
            self.firstSequence = firstSequence
            self.rowCount = rowCount
            self.deletedRowCount = deletedRowCount
            self.quantizer = quantizer
        }

        var liveRowCount: Int { rowCount - deletedRowCount }

        /// What merging it costs: an empty file is a file too.
        var weight: Int { max(liveRowCount, 1) }
    }

    /// The newest quantizer.
    package struct Quantizer: Sendable {
        package var number: Int64
        package var listCount: Int

        package init(number: Int64, listCount: Int) {
            self.number = number
            self.listCount = listCount
        }
    }

    package enum Step: Sendable, Equatable {
        case nothing

        /// Train a quantizer on the rows there are.
        case train

        /// Make one listed segment of these, which are neighbours.
        case compact([Int64])

        /// Make one flat segment of these, which are neighbours: there is no quantizer.
        case rewrite([Int64])
    }

    /// By their sequences.
    private let segments: [Segment]
    private let quantizer: Quantizer?
    private let trainingRowsMin: Int

    /// Neighbours that are worth merging for their number alone.
    private static let mergedCountMin = 4

    /// A segment of which more than one row in so many is dead is written without them.
    private static let deadShareInverse = 5

    /// A quantizer is made anew for this many times the rows that its lists suit.
    private static let retrainingGrowth = 4

    package init(segments: [Segment], quantizer: Quantizer?, trainingRowsMin: Int) {
        self.segments = segments.sorted { $0.firstSequence < $1.firstSequence }
        self.quantizer = quantizer
        self.trainingRowsMin = trainingRowsMin
    }

    /// The most urgent step.
    package var next: Step {
        if wantsTraining { return .train }
        guard let chosen = staleRun ?? mergeableRun ?? mostlyDead else { return .nothing }
        let numbers = chosen.map(\.number)
        return quantizer == nil ? .rewrite(numbers) : .compact(numbers)
    }

    private var wantsTraining: Bool {
        let live = segments.reduce(0) { $0 + $1.liveRowCount }
        let suiting = VectorIndex.listCount(suiting: live)
        guard let quantizer else { return live >= max(trainingRowsMin, suiting) }
        // Where lists cannot be more, training again changes nothing.
        return suiting > quantizer.listCount
            && live / Self.retrainingGrowth >= Self.rowCount(suitedBy: quantizer.listCount)
    }

    /// The fewest rows that so many lists suit: about as many as there were at training.
    private static func rowCount(suitedBy listCount: Int) -> Int {
        var (few, many) = (0, 1 << 40)
        while few < many {
            let middle = (few + many) / 2
            if VectorIndex.listCount(suiting: middle) >= listCount { many = middle } else { few = middle + 1 }
        }
        return many
    }

    /// The first neighbours that are not in the newest quantizer's lists, all of them: after training, everything.
    private var staleRun: ArraySlice<Segment>? {
        guard let quantizer,
            let first = segments.firstIndex(where: { $0.quantizer != quantizer.number })
        else { return nil }
        let end = segments[first...].firstIndex { $0.quantizer == quantizer.number } ?? segments.endIndex
        return segments[first..<end]
    }

    /// The cheapest run of four or more of which the greatest has no more rows than the others together.
    ///
    /// So every row that is merged ends in a segment at least twice as large as its own, and is written no more
    /// often than a workspace's rows can be doubled; and of segments within a factor of sixteen no more than a
    /// handful are left.
    private var mergeableRun: ArraySlice<Segment>? {
        var best: (run: Range<Int>, weight: Int)?
        for start in segments.indices {
            var (total, greatest) = (0, 0)
            for end in start..<segments.endIndex {
                total += segments[end].weight
                greatest = max(greatest, segments[end].weight)
                guard end - start + 1 >= Self.mergedCountMin, 2 * greatest <= total else { continue }
                if total < best?.weight ?? .max { best = (start..<(end + 1), total) }
            }
        }
        return best.map { segments[$0.run] }
    }

    /// The segment with the greatest share of dead rows, if that is too great.
    private var mostlyDead: ArraySlice<Segment>? {
        let candidates = segments.indices.filter {
            segments[$0].deletedRowCount * Self.deadShareInverse > segments[$0].rowCount
        }
        // Shares a / b < c / d, without dividing.
        let worst = candidates.max {
            segments[$0].deletedRowCount * segments[$1].rowCount
                < segments[$1].deletedRowCount * segments[$0].rowCount
        }
        return worst.map { segments[$0...$0] }
    }
}
