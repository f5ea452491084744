/// Why a measurement cannot be made or not be believed. All but the last three mean "fix what was given".
public enum BenchmarkError: Error, Sendable, Equatable {
    /// Base and queries are of two dimensions.
    case dimensionMismatch(base: Int, query: Int)

    case kOutOfRange(found: Int, allowed: ClosedRange<Int>)

    /// As many rows cannot be held out of a base.
    case heldOutOfRange(found: Int, allowed: ClosedRange<Int>)

    /// Every vector of the sample is one of the queries.
    case sampleHoldsQueries(count: Int)

    /// The truth answers other queries than were asked, or its ids and its scores differ in shape.
    case truthCountMismatch(expected: Int, found: Int)
    case truthDepthMismatch(ids: Int, scores: Int)

    /// The truth names fewer neighbors than recall@`needed` compares.
    case truthTooShallow(depth: Int, needed: Int)

    /// The truth names a row that the base does not have.
    case truthOutOfRange(query: Int, id: Int64, rowCount: Int)

    /// A neighbor is more similar than the one before it: the truth belongs to other vectors or another
    /// measure.
    case truthNotDescending(query: Int, rank: Int, score: Double, before: Double)

    /// A found row is more similar than the truth's best: the truth belongs to other vectors or another
    /// measure.
    case truthContradicted(query: Int, id: Int64, score: Double, best: Double)

    /// The engine answered with a row that does not exist.
    case unknownID(query: Int, id: Int64, rowCount: Int)

    /// The engine answered a batch with more or fewer answers than queries.
    case answerCountMismatch(expected: Int, found: Int)

    /// The engine does not offer what is to be measured.
    case notOffered(engine: String, ability: String)
}
