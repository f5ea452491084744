import Columnar

/// Rows that a quantizer is trained on: a sample that stays where it is, so that as many rows are in memory as are
/// looked at together.
protocol TrainingRows {
    var dimension: Int { get }
    var rowCount: Int { get }

    /// The vectors of the rows with the given numbers, one after the other.
    func vectors(_ rows: some Collection<Int>) throws(VectorIndexError) -> [Float]
}

extension TrainingRows {
    /// Gives all rows in order, some thousand at a time.
    func forEachBlock(
        _ body: (_ first: Int, _ vectors: [Float]) throws(VectorIndexError) -> Void
    ) throws(VectorIndexError) {
        for start in stride(from: 0, to: rowCount, by: 4_096) {
            try body(start, try vectors(start..<min(start + 4_096, rowCount)))
        }
    }
}

/// A sample of the live rows of some segments.
struct SampledRows: TrainingRows {
    let dimension: Int
    private let segments: [SealedRows]

    /// The number among `segments`, and the position there, of each row.
    private var places: [(segment: UInt32, position: UInt32)] = []

    /// - Parameters:
    ///   - wanted: of the `live` rows that the segments have; evenly drawn.
    init(_ wanted: Int, of live: Int, in segments: [SealedRows], dimension: Int, _ random: inout SeededRandom)
    {
        self.dimension = dimension
        self.segments = segments
        places.reserveCapacity(wanted)
        var drawn = random.sample(wanted, of: live)[...]
        var passed = 0
        for (number, sealed) in segments.enumerated() {
            for position in 0..<sealed.segment.rowCount where !sealed.dead.contains(position) {
                if drawn.first == passed {
                    places.append((UInt32(number), UInt32(position)))
                    drawn.removeFirst()
                }
                passed += 1
            }
        }
    }

    var rowCount: Int { places.count }

    func vectors(_ rows: some Collection<Int>) throws(VectorIndexError) -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(rows.count * dimension)
        for row in rows {
            let place = places[row]
            let position = Int(place.position)
            try segments[Int(place.segment)].segment.withVectors(position..<(position + 1)) {
                vectors.append(contentsOf: $0)
            }
        }
        return vectors
    }
}
