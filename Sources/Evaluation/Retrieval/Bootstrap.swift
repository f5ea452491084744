/// A mean over queries, and the interval in which it would lie in 95 of 100 such sets of queries.
public struct Estimate: Sendable, Equatable, Codable {
    public var mean: Double
    public var lower: Double
    public var upper: Double

    enum CodingKeys: String, CodingKey {
        case mean
        case lower = "low_95"
        case upper = "high_95"
    }

    public init(mean: Double, lower: Double, upper: Double) {
        (self.mean, self.lower, self.upper) = (mean, lower, upper)
    }
}

/// How sure a mean over queries is: the percentile bootstrap (B. Efron and R. Tibshirani, "An Introduction to the
/// Bootstrap", 1993, chapter 13; their B is `resampleCount` here, their α 0.025).
///
/// The queries are taken for a sample of all that could be asked. As many are drawn from them with replacement, again
/// and again; the interval holds the middle 95 % of the means of these draws.
public struct Bootstrap: Sendable {
    /// Below a thousand the ends of the interval rest on a handful of draws; above a million nothing is gained.
    public static let resampleCountBounds = 1_000...1_000_000

    /// Ends of intervals of two seeds differ by less than a hundredth of the interval.
    public static let resampleCountStandard = 10_000

    /// The share of the draws that lies beyond each end.
    private static let tail = 0.025

    public let resampleCount: Int

    /// - Parameter resampleCount: within `resampleCountBounds`.
    public init(resampleCount: Int = resampleCountStandard) {
        let bounds = Self.resampleCountBounds
        precondition(
            bounds.contains(resampleCount), "resampleCount must be within \(bounds), found \(resampleCount)")
        self.resampleCount = resampleCount
    }

    /// The mean of each column with its interval. All columns see the same draws.
    ///
    /// - Parameter columns: each with one value for every query, in the same order; at least one value.
    public func estimates(of columns: [[Double]], random: inout SeededRandom) -> [Estimate] {
        zip(columns, resampledMeans(of: columns, random: &random)).map(estimate)
    }

    /// - Parameter values: one for every query; at least one.
    public func estimate(of values: [Double], random: inout SeededRandom) -> Estimate {
        estimates(of: [values], random: &random)[0]
    }

    func estimate(of values: [Double], resampled means: [Double]) -> Estimate {
        let ordered = means.sorted()
        // Efron and Tibshirani's rule where B·α is no whole number: the k-th least and the k-th greatest.
        let k = Int(Double(resampleCount + 1) * Self.tail)
        return Estimate(
            mean: values.reduce(0, +) / Double(values.count), lower: ordered[k - 1],
            upper: ordered[resampleCount - k])
    }

    /// For each column the means of `resampleCount` draws.
    func resampledMeans(of columns: [[Double]], random: inout SeededRandom) -> [[Double]] {
        let count = columns.first?.count ?? 0
        precondition(
            columns.isEmpty || count > 0 && columns.allSatisfy { $0.count == count },
            "columns must have the same number of values, at least 1, found \(columns.map(\.count))")
        var means = columns.map { _ in [Double]() }
        var drawn = [Int](repeating: 0, count: count)
        for _ in 0..<resampleCount {
            for place in drawn.indices { drawn[place] = random.below(count) }
            for (index, column) in columns.enumerated() {
                means[index].append(drawn.reduce(0.0) { $0 + column[$1] } / Double(count))
            }
        }
        return means
    }
}
