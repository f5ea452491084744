import Embedding

/// How two rankings become one.
package enum FusionMethod: Sendable, Hashable {
    /// `weight / (k + rank)` for each ranking (G. Cormack, C. Clarke and S. Büttcher, 2009, "Reciprocal rank fusion
    /// outperforms Condorcet and individual rank learning methods"). Needs nothing to be known of the scores.
    case reciprocalRank(k: Double)

    /// A sum of the scores, each on a scale of its own (S. Bruch, S. Gai and A. Ingber, 2023, "An analysis of fusion
    /// functions for hybrid retrieval", where this is a convex combination).
    ///
    /// Where the model's cosines are known, the scales are absolute: a passage's score does not depend on what else was
    /// found. BM25 counts as the share of what the question's words can give at most. Where they are not, both scales
    /// go from the worst to the best candidate.
    case normalized

    /// What is done where a request does not say.
    package static let standard = FusionMethod.normalized

    /// The one of the paper.
    package static let reciprocalRankDefault = FusionMethod.reciprocalRank(k: 60)

    /// Below it the first rank is nearly all that counts; above it ranks hardly differ.
    package static let kBounds = 1.0...1_000.0
}

/// How much either side of a hybrid search counts; only their ratio matters.
package struct FusionWeights: Sendable, Hashable {
    package var vector: Double
    package var keyword: Double

    package init(vector: Double, keyword: Double) {
        self.vector = vector
        self.keyword = keyword
    }

    package static let bounds = 0.0...1.0
}

/// A passage that one side of a search found, or both.
///
/// Scores of both sides are there for every candidate, whichever found it; ranks only where it was found.
struct Candidate: Sendable {
    let row: Int64

    /// Nil where the passage has no vector in the space.
    var similarity: Double?
    var vectorRank: Int?

    /// BM25; 0 where it has none of the words, nil where words were not looked at.
    var keywordScore: Double?
    var keywordRank: Int?
}

/// What both scores mean, for a question as it is and a model as it is.
struct ScoreScale: Sendable {
    /// Nil where nobody has measured it.
    var cosines: CosineScale?

    /// What the question's words can give at most.
    var keywordMax: Double

    func referred(_ similarity: Double) -> Double { (cosines ?? .reference).referred(similarity) }

    func share(_ keywordScore: Double) -> Double { keywordMax > 0 ? keywordScore / keywordMax : 0 }

    /// What the sides of a hybrid search count where a request does not say: chosen on SciFact's training questions and
    /// on headings of technical documents, never on a test set.
    func standardWeights(_ method: FusionMethod) -> FusionWeights {
        switch method {
        case .normalized where cosines == nil: FusionWeights(vector: 0.4, keyword: 0.6)
        case .normalized, .reciprocalRank: FusionWeights(vector: 0.5, keyword: 0.5)
        }
    }
}

/// Where the scores of the candidates lie.
private struct CandidateRange {
    /// Of the best and the worst of the vector side's candidates.
    var similarities: ClosedRange<Double>

    /// Of the best of the keyword side's; none of the words is 0.
    var keywordMax: Double

    init(_ candidates: [Candidate]) {
        let similarities = candidates.filter { $0.vectorRank != nil }.compactMap(\.similarity)
        let low = similarities.min() ?? 0
        self.similarities = low...max(similarities.max() ?? low, low)
        keywordMax = candidates.compactMap(\.keywordScore).max() ?? 0
    }

    /// 1 for the best, 0 for the worst that was found, and for all below it.
    func normalized(similarity: Double) -> Double {
        let width = similarities.upperBound - similarities.lowerBound
        guard width > 0 else { return similarity >= similarities.lowerBound ? 1 : 0 }
        return min(max((similarity - similarities.lowerBound) / width, 0), 1)
    }

    func normalized(keyword score: Double) -> Double {
        keywordMax > 0 ? score / keywordMax : 0
    }
}

/// Gives candidates their scores. A pure value.
struct Fusion: Sendable {
    /// Nil where there is one side only, whose scores are the scores.
    let method: FusionMethod?
    let weights: FusionWeights

    /// The candidates' receipts, in the order given.
    func receipts(of candidates: [Candidate], on scale: ScoreScale) -> [ScoreReceipt] {
        let range = scale.cosines == nil ? CandidateRange(candidates) : nil
        return candidates.map { candidate in
            let parts = [vectorPart(candidate, scale, range), keywordPart(candidate, scale, range)]
            return ScoreReceipt(parts: parts.compactMap(\.self))
        }
    }

    private func vectorPart(
        _ candidate: Candidate, _ scale: ScoreScale, _ range: CandidateRange?
    ) -> ScoreReceipt.Part? {
        guard let similarity = candidate.similarity else { return nil }
        return part(
            .vector, rank: candidate.vectorRank, value: similarity, weight: weights.vector,
            normalized: range?.normalized(similarity: similarity) ?? scale.referred(similarity))
    }

    private func keywordPart(
        _ candidate: Candidate, _ scale: ScoreScale, _ range: CandidateRange?
    ) -> ScoreReceipt.Part? {
        guard let score = candidate.keywordScore else { return nil }
        return part(
            .keyword, rank: candidate.keywordRank, value: score, weight: weights.keyword,
            normalized: range?.normalized(keyword: score) ?? scale.share(score))
    }

    private func part(
        _ side: ScoreReceipt.Side, rank: Int?, value: Double, weight: Double, normalized: Double
    ) -> ScoreReceipt.Part {
        let share: Double =
            switch method {
            case nil: value
            case .normalized: normalized
            case .reciprocalRank(let k): rank.map { 1 / (k + Double($0)) } ?? 0
            }
        return ScoreReceipt.Part(
            side: side, rank: rank, value: value, share: share, weight: weight, contribution: weight * share)
    }
}
