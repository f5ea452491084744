/// How far a search goes.
struct ProbePolicy: Sendable, Hashable {
    /// A list is left out, and all after it, when its centroid's product with the query is more than
    /// `reach(at:)` `spread`s below the k-th best found: a row there would have to be that far from its
    /// centroid.
    var reach: Float

    /// A row is compared by its vector if its estimate is less than this many `noise`s below the k-th best.
    var slack: Float

    /// Lists to scan, whatever `reach` says; nil to follow it.
    var listCount: Int?

    /// Whether it looks at everything that the other one looks at, and reaches further, of those without a number of
    /// lists.
    func goesBeyond(_ other: ProbePolicy) -> Bool { reach > other.reach && slack >= other.slack }

    /// The reach for the list of a rank, counted from 0. It shrinks with the rank's logarithm: of two queries
    /// whose next lists are equally far, the one that has scanned more has less left to find. Measured on
    /// 164k glosses and passages in 2,048 lists, questions against them, recall 0.95: a fixed number of lists
    /// scans 6,001 rows, a fixed reach 8,036, this 5,122.
    func reach(at rank: Int) -> Float {
        reach - Self.rankWeight * Float(rank + 1).logarithm
    }

    private static let rankWeight: Float = 1.25
}

extension Float {
    /// The natural logarithm of a number of at least 1, within 0.03: the significand's is taken for linear.
    fileprivate var logarithm: Float {
        (Float(exponent) + (significand - 1) + 0.043) * 0.693_147_2
    }
}

/// One way to search, and what it was measured to find and to cost.
public struct RecallPoint: Sendable, Hashable {
    static let elementCount = 6

    let policy: ProbePolicy

    /// Share of the true 10 nearest found: of queries like the rows, and of queries unlike them.
    public let recall: Double
    public let recallUnlike: Double

    /// Rows whose codes were scanned and rows whose vectors were compared, a query.
    public let codedRowCount: Double
    public let rerankedRowCount: Double

    /// The same for a policy that goes further, at a cost of which only so much is known that it is more.
    func surpassed(by policy: ProbePolicy) -> RecallPoint {
        RecallPoint(
            policy: policy, recall: recall, recallUnlike: recallUnlike, codedRowCount: codedRowCount + 1,
            rerankedRowCount: rerankedRowCount)
    }

    /// Time for a query, as far as it can be told from the counts: in units of one coded row.
    var cost: Double { codedRowCount + Self.rerankCost * rerankedRowCount }

    /// A row of 384 bytes somewhere in memory against 24 to 48 bytes of codes that come one after the other:
    /// 30 to 40 ns against 1 to 1.5 ns (AMD EPYC, Zen 5, shared).
    private static let rerankCost = 30.0
}

/// What recall costs: ways to search, cheapest first, each better than those before it.
public struct RecallCurve: Sendable, Hashable {
    public let points: [RecallPoint]

    /// Keeps of `points` those that no other beats in both recall and cost.
    ///
    /// Between two points of one slack recall and cost go smoothly with the reach, so each gap is first
    /// filled with some points in between: a target is then met closely, however few were measured. Past a
    /// target by a hundredth costs a tenth of the speed.
    init(points: [RecallPoint]) {
        var filled = points
        for (_, row) in Dictionary(grouping: points, by: \.policy.slack) {
            let ordered = row.sorted { $0.policy.reach < $1.policy.reach }
            for (low, high) in zip(ordered, ordered.dropFirst()) {
                for step in 1..<Self.stepsBetween {
                    filled.append(low.between(high, share: Double(step) / Double(Self.stepsBetween)))
                }
            }
        }
        var kept: [RecallPoint] = []
        for point in filled.sorted(by: { ($0.cost, -$0.least) < ($1.cost, -$1.least) })
        where point.least > (kept.last?.least ?? -1) {
            kept.append(point)
        }
        self.points = kept
    }

    private static let stepsBetween = 12

    /// - Parameter elements: `elementCount` for each point.
    init(elements: Span<Float>) {
        let read = stride(from: 0, to: elements.count, by: RecallPoint.elementCount).map { start in
            RecallPoint(
                policy: ProbePolicy(reach: elements[start], slack: elements[start + 1]),
                recall: Double(elements[start + 2]), recallUnlike: Double(elements[start + 3]),
                codedRowCount: Double(elements[start + 4]), rerankedRowCount: Double(elements[start + 5]))
        }
        self.init(points: read.filter { $0.least > 0 })
    }

    static func elements(of points: [RecallPoint]) -> [Float] {
        points.flatMap { point in
            [
                point.policy.reach, point.policy.slack, Float(point.recall), Float(point.recallUnlike),
                Float(point.codedRowCount), Float(point.rerankedRowCount),
            ]
        }
    }

    /// The cheapest point that reaches the target with a margin; the best one if none does.
    ///
    /// - Parameter isCalibrated: measured on queries of the kind that is asked; else on rows of the segment.
    func point(reaching target: Double, isCalibrated: Bool) -> RecallPoint? {
        let margin = isCalibrated ? Self.marginCalibrated : Self.margin
        return points.first { $0.least >= target + margin * (1 - target) } ?? points.last
    }

    /// A target of 0.95 is aimed at as 0.955 when calibrated: the mean of a few hundred queries is off by
    /// about that. Queries unlike the rows find less than rows do: sentences against glosses, aimed at 0.96,
    /// found 0.938 (164k rows, 2,048 lists), so without calibration it is aimed at 0.9625.
    private static let marginCalibrated = 0.1
    private static let margin = 0.25
}

extension RecallPoint {
    /// The lesser of both recalls: a promise must hold for either kind of query.
    var least: Double { min(recall, recallUnlike) }

    /// A point on the way to another one of the same slack.
    fileprivate func between(_ other: RecallPoint, share: Double) -> RecallPoint {
        func mean(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
        return RecallPoint(
            policy: ProbePolicy(
                reach: Float(mean(Double(policy.reach), Double(other.policy.reach))), slack: policy.slack),
            recall: mean(recall, other.recall), recallUnlike: mean(recallUnlike, other.recallUnlike),
            codedRowCount: mean(codedRowCount, other.codedRowCount),
            rerankedRowCount: mean(rerankedRowCount, other.rerankedRowCount))
    }
}
