import Evaluation
import Testing

struct BootstrapTests {
    private static func bernoulli(_ count: Int, mean: Double, _ random: inout SeededRandom) -> [Double] {
        (0..<count).map { _ in Double(random.below(1_000)) < mean * 1_000 ? 1 : 0 }
    }

    @Test func `values that are all the same leave nothing to doubt`() {
        var random = SeededRandom(seed: 1)
        let estimate = Bootstrap().estimate(of: [0.25, 0.25, 0.25], random: &random)
        #expect(estimate == Estimate(mean: 0.25, lower: 0.25, upper: 0.25))
    }

    @Test func `of a zero and a one the draws are 0, ½, ½ and 1, so that the interval is all of them`() {
        var random = SeededRandom(seed: 1)
        let estimate = Bootstrap().estimate(of: [0, 1], random: &random)
        #expect(estimate == Estimate(mean: 0.5, lower: 0, upper: 1))
    }

    @Test func `of many values the interval is that of the normal distribution`() {
        var random = SeededRandom(seed: 7)
        let values = Self.bernoulli(1_000, mean: 0.3, &random)
        let estimate = Bootstrap().estimate(of: values, random: &random)
        let margin = 1.96 * (estimate.mean * (1 - estimate.mean) / 1_000).squareRoot()
        #expect(abs(estimate.lower - (estimate.mean - margin)) < 0.003, "\(estimate)")
        #expect(abs(estimate.upper - (estimate.mean + margin)) < 0.003, "\(estimate)")
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `about 95 of 100 intervals hold the true mean`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bootstrap = Bootstrap(resampleCount: 1_000)
        let columns = (0..<400).map { _ in Self.bernoulli(60, mean: 0.6, &random) }
        let held = bootstrap.estimates(of: columns, random: &random)
            .count { ($0.lower...$0.upper).contains(0.6) }
        // Observed 0.93 to 0.96; the percentile interval of 60 queries is known to be a little narrow.
        #expect((0.91...0.98).contains(Double(held) / 400), "\(held) of 400")
    }

    @Test func `the same seed gives the same digits, whatever is estimated beside`() {
        var values = SeededRandom(seed: 5)
        let (a, b) = (Self.bernoulli(40, mean: 0.5, &values), Self.bernoulli(40, mean: 0.2, &values))
        var (first, second) = (SeededRandom(seed: 9), SeededRandom(seed: 9))
        let alone = Bootstrap(resampleCount: 1_000).estimate(of: a, random: &first)
        #expect(Bootstrap(resampleCount: 1_000).estimates(of: [b, a], random: &second)[1] == alone)
    }
}

struct PairedComparisonTests {
    private static func comparison(
        _ first: [Double], _ second: [Double], seed: UInt64 = 1
    ) -> PairedComparison {
        var random = SeededRandom(seed: seed)
        return PairedComparison.comparing([first], with: [second], random: &random)[0]
    }

    private static func values(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        (0..<count).map { _ in Double(random.below(1_001)) / 1_000 }
    }

    @Test(arguments: [UInt64(1), 2])
    func `a run does not differ from itself`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let values = Self.values(50, &random)
        let comparison = Self.comparison(values, values, seed: seed)
        #expect(comparison.difference == Estimate(mean: 0, lower: 0, upper: 0))
        #expect(comparison.probability == 1 && comparison.wins == 0 && comparison.losses == 0)
    }

    @Test func `a run that is better at every query is better without doubt`() {
        // No draw is at or below zero: twice one in 10,001.
        let comparison = Self.comparison([0, 0.1, 0.2], [0.5, 0.3, 0.4])
        #expect(abs(comparison.probability - 2.0 / 10_001) < 1e-12)
        #expect(comparison.wins == 3 && comparison.losses == 0)
        #expect(comparison.difference.lower > 0 && abs(comparison.difference.mean - 0.3) < 1e-12)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `the other way round the difference is the opposite, and as probable`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let (first, second) = (Self.values(30, &random), Self.values(30, &random))
        let (there, back) = (Self.comparison(first, second), Self.comparison(second, first))
        #expect(abs(there.difference.mean + back.difference.mean) < 1e-12)
        #expect(abs(there.difference.lower + back.difference.upper) < 1e-12)
        #expect(there.probability == back.probability && there.wins == back.losses)
    }

    @Test func `where there is no difference about one comparison in twenty finds one`() {
        var random = SeededRandom(seed: 11)
        let bootstrap = Bootstrap(resampleCount: 1_000)
        let first = (0..<300).map { _ in Self.values(50, &random) }
        let second = (0..<300).map { _ in Self.values(50, &random) }
        let found = PairedComparison.comparing(first, with: second, by: bootstrap, random: &random)
            .count { $0.probability < 0.05 }
        #expect((6...27).contains(found), "\(found) of 300")
    }
}
