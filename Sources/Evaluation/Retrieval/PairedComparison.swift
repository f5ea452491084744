/// Whether one run is better than another over the same queries.
///
/// The paired bootstrap: a query is hard or easy for both runs alike, so what is drawn is the difference at each
/// query (T. Sakai, "Evaluating evaluation metrics based on the bootstrap", SIGIR 2006; the interval and the achieved
/// significance level as in Efron and Tibshirani 1993, chapters 13 and 15).
public struct PairedComparison: Sendable, Equatable, Codable {
    /// The second run less the first.
    public var difference: Estimate

    /// Two-sided: how often a difference at least as far on the other side of zero would be drawn, 0 to 1. Twice the
    /// smaller share of the draws at or beyond zero, each counted with one more, since no number of draws shows
    /// that something never happens.
    public var probability: Double

    /// Queries at which the second run is better, and worse.
    public var wins: Int
    public var losses: Int

    enum CodingKeys: String, CodingKey {
        case difference, wins, losses
        case probability = "p"
    }

    /// Differences smaller than this are none: sums of the same numbers in another order differ so.
    private static let nothing = 1e-12

    /// One comparison for each column. All columns see the same draws.
    ///
    /// - Parameters:
    ///   - first: for each measure one value for every query.
    ///   - second: the same measures of the same queries, in the same order.
    public static func comparing(
        _ first: [[Double]], with second: [[Double]], by bootstrap: Bootstrap = Bootstrap(),
        random: inout SeededRandom
    ) -> [PairedComparison] {
        precondition(
            first.map(\.count) == second.map(\.count),
            "both runs must have the same queries, found \(first.map(\.count)) and \(second.map(\.count))")
        let differences = zip(first, second).map { first, second in zip(first, second).map { $1 - $0 } }
        let drawn = bootstrap.resampledMeans(of: differences, random: &random)
        return zip(differences, drawn).map { values, means in
            let notAbove = means.count { $0 <= nothing }
            let notBelow = means.count { $0 >= -nothing }
            let share = Double(min(notAbove, notBelow) + 1) / Double(means.count + 1)
            return PairedComparison(
                difference: bootstrap.estimate(of: values, resampled: means),
                probability: min(1, 2 * share), wins: values.count { $0 > nothing },
                losses: values.count { $0 < -nothing })
        }
    }
}
