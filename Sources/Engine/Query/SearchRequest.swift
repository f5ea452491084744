package import Foundation
import Store
import VectorIndex

/// A question to one workspace.
package struct SearchRequest: Sendable, Hashable {
    package var query: String

    /// Passages wanted: 1 to `limitMax`.
    package var limit: Int

    /// Share of the passages that are truly nearest which the search is to find on average: above 0, at most 1. At
    /// 1 every passage is compared.
    package var recallTarget: Double

    /// Inverted lists to look through in place of what `recallTarget` asks for; nil to let the index choose.
    package var nprobe: Int?

    package var mode: SearchMode

    /// Which documents' passages may be found; nil for all. It is applied before the best are chosen.
    package var filter: DocumentFilter?

    /// How the two sides of a hybrid search become one ranking.
    package var fusion = FusionMethod.standard

    /// What either side of a hybrid search counts; nil for the standard weights, under the language guard.
    package var weights: FusionWeights?

    /// The question's language, as BCP 47 has it; nil to have it detected.
    package var language: String?

    /// Relevance below which a passage is not shown: 0 to 1; nil shows all.
    package var minScore: Double?

    /// How much a passage that says what a better one says is put back: 0 to 1 (λ = 1 − `diversity` of J. Carbonell and
    /// J. Goldstein, 1998, "The use of MMR").
    package var diversity = 0.0

    /// Whether passages that say nearly the same, word by word, are shown once.
    package var collapsesDuplicates = false

    /// Passages shown before and after each hit, of the same document.
    package var neighborCount = 0

    /// Whether each hit comes with all that stands under its heading.
    package var showsSection = false

    /// The moment to be searched; nil for now.
    package var asOf: SnapshotReference?

    /// Hits to leave out: those that were shown before.
    package var offset = 0

    /// Whether, and of how many, a reranker decides the order.
    package var rerankDepth: Int?

    package static let limitDefault = 5
    package static let recallTargetDefault = SearchOptions.recallTargetDefault

    /// As many lists as an index can have.
    package static let nprobeBounds = 1...65_536

    /// More passages than any reader, human or model, takes in; it bounds the memory of one answer.
    package static let limitMax = 1_000

    /// Longer queries are refused rather than cut: what a model's window cannot hold would be lost in
    /// silence.
    package static let queryBytesMax = 32_768

    /// Of passages before and after a hit, on either side.
    package static let neighborsMax = 5

    /// Rerankers take a few hundredths of a second for each passage.
    package static let rerankDepthMax = 200
    package static let rerankDepthDefault = 50

    package init(
        query: String, limit: Int = limitDefault, recallTarget: Double = recallTargetDefault,
        nprobe: Int? = nil, mode: SearchMode = .hybrid, filter: DocumentFilter? = nil
    ) {
        self.query = query
        self.limit = limit
        self.recallTarget = recallTarget
        self.nprobe = nprobe
        self.mode = mode
        self.filter = filter
    }

    /// The same for every page of one question, and no other: a digest of all that decides its ranking.
    package var fingerprint: String {
        var question = self
        (question.offset, question.asOf, question.limit) = (0, nil, Self.limitDefault)
        return String(ContentDigest(of: String(reflecting: question)).hex.prefix(32))
    }

    /// - Throws: `EngineError.emptyQuery`, `.queryTooLong`, `.limitOutOfRange`, `.recallTargetOutOfRange`,
    ///   `.nprobeOutOfRange`, `.filterInvalid` or `.search`; fix the request.
    func validate() throws(EngineError) {
        guard query.contains(where: { !$0.isWhitespace }) else { throw .emptyQuery }
        guard query.utf8.count <= Self.queryBytesMax else {
            throw .queryTooLong(byteCount: query.utf8.count, byteCountMax: Self.queryBytesMax)
        }
        guard (1...Self.limitMax).contains(limit), (0...Self.limitMax - limit).contains(offset) else {
            throw .limitOutOfRange(found: offset + limit, allowed: 1...Self.limitMax)
        }
        // Written so that NaN fails it.
        guard recallTarget > 0, recallTarget <= 1 else { throw .recallTargetOutOfRange(found: recallTarget) }
        if let nprobe, !Self.nprobeBounds.contains(nprobe) {
            throw .nprobeOutOfRange(found: nprobe, allowed: Self.nprobeBounds)
        }
        try filter?.validate()
        try validateRanking()
    }

    private func validateRanking() throws(EngineError) {
        if let weights {
            try Self.check(weights.vector, .vectorWeight, FusionWeights.bounds)
            try Self.check(weights.keyword, .keywordWeight, FusionWeights.bounds)
            guard weights.vector + weights.keyword > 0 else { throw .search(.weightsZero) }
        }
        if case .reciprocalRank(let k) = fusion { try Self.check(k, .fusionK, FusionMethod.kBounds) }
        if let minScore { try Self.check(minScore, .minScore, 0...1) }
        try Self.check(diversity, .diversity, 0...1)
        try Self.check(Double(neighborCount), .neighbors, 0...Double(Self.neighborsMax))
        if let rerankDepth {
            try Self.check(Double(rerankDepth), .rerankDepth, 1...Double(Self.rerankDepthMax))
        }
        if let language {
            let letters = language.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            guard letters, (2...3).contains(language.utf8.count) else {
                throw .search(.languageInvalid(language))
            }
        }
    }

    /// Written so that NaN fails it.
    static func check(
        _ found: Double, _ parameter: SearchParameter, _ allowed: ClosedRange<Double>
    ) throws(EngineError) {
        guard found >= allowed.lowerBound, found <= allowed.upperBound else {
            throw .search(.outOfRange(parameter, found: found, allowed: allowed))
        }
    }
}

/// A moment of a workspace.
package enum SnapshotReference: Sendable, Hashable {
    /// What a response called its snapshot.
    case sequence(Int64)

    /// The last commit before or at it.
    case time(Date)
}
