/// In which order operating points are measured.
///
/// A machine that others share is fast in one minute and slow in the next. So points are not repeated one
/// after the other, but in rounds: every point once, then every point again. What disturbs a round disturbs
/// all points, and the median over rounds is of times that lie apart.
public struct RepetitionPlan: Sendable, Equatable {
    /// One measurement of one point.
    public struct Step: Sendable, Equatable {
        public var point: Int

        /// From 0; nil for a warm-up, whose figures are thrown away.
        public var round: Int?
    }

    public let steps: [Step]

    /// - Parameters:
    ///   - warmUps: passes over all points before the first round.
    ///   - rounds: passes that count, at least 1.
    public init(pointCount: Int, warmUps: Int, rounds: Int) {
        precondition(
            pointCount >= 0 && warmUps >= 0 && rounds >= 1,
            "\(pointCount) points, \(warmUps) warm-ups, \(rounds) rounds")
        let passes = [Int?](repeating: nil, count: warmUps) + (0..<rounds).map { $0 }
        steps = passes.flatMap { round in (0..<pointCount).map { Step(point: $0, round: round) } }
    }
}

/// The median of several measurements of the same, and how far they lie apart.
public struct Spread: Sendable, Equatable, Codable {
    public var median: Double
    public var min: Double
    public var max: Double

    /// nil of nothing.
    public init?(of values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        (min, max) = (first, last)
    }
}
