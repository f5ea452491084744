/// A passage: a range of a corpus' characters.
public struct CorpusSpan: Sendable, Hashable {
    public var corpus: String
    public var range: Range<Int>

    public init(corpus: String, range: Range<Int>) {
        (self.corpus, self.range) = (corpus, range)
    }
}

/// What passages are measured by that were found for a question.
public enum PassageMeasure: String, CaseIterable, Sendable, Codable {
    case recall
    case precision
    case intersectionOverUnion = "iou"
    case coverage

    /// As tables write it.
    public var title: String { self == .intersectionOverUnion ? "IoU" : rawValue }
}

/// How much of what a question asks for is in the passages that were found, and how much else.
///
/// B. Smith and A. Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma 2024
/// (research.trychroma.com/evaluating-chunking), computed as their program does
/// (github.com/brandonstarxel/chunking_evaluation): their tokens are characters, here Unicode scalars. What two
/// passages both hold counts once where something was found and twice where something was read; a passage of another
/// corpus was read in vain.
public struct PassageOverlap: Sendable, Equatable {
    /// Characters of the references that are in a passage.
    public let foundCount: Int

    /// Characters of all references.
    public let referenceCount: Int

    /// Characters of all passages, those that stand in two counted twice.
    public let readCount: Int

    /// - Parameters:
    ///   - references: ranges of the corpus.
    ///   - passages: those found, of any corpus.
    public init(of references: [Range<Int>], in corpus: String, found passages: [CorpusSpan]) {
        let wanted = RangeSet(references)
        let held = RangeSet(passages.filter { $0.corpus == corpus }.map(\.range))
        foundCount = wanted.intersection(held).elementCount
        referenceCount = wanted.elementCount
        readCount = passages.reduce(0) { $0 + $1.range.count }
    }

    /// 0 to 1.
    public func value(of measure: PassageMeasure) -> Double {
        switch measure {
        case .recall: share(of: referenceCount)
        case .precision: share(of: readCount)
        case .intersectionOverUnion: share(of: readCount + referenceCount - foundCount)
        // Not of the paper: whether the reader of the passages has all of the answer.
        case .coverage: foundCount == referenceCount ? 1 : 0
        }
    }

    private func share(of count: Int) -> Double {
        count == 0 ? 0 : Double(foundCount) / Double(count)
    }

    /// The precision of whoever finds every passage that holds anything of the references and no other: what the
    /// cutting alone allows. The paper's precision Ω.
    ///
    /// - Parameter passages: all of the corpus.
    public static func bestPrecision(
        of references: [Range<Int>], in corpus: String, among passages: [CorpusSpan]
    ) -> Double {
        let wanted = RangeSet(references)
        let touching = passages.filter { passage in
            passage.corpus == corpus && references.contains { $0.overlaps(passage.range) }
        }
        let held = RangeSet(touching.map(\.range))
        let all = held.union(wanted).elementCount
        return all == 0 ? 0 : Double(wanted.intersection(held).elementCount) / Double(all)
    }
}

extension RangeSet<Int> {
    fileprivate var elementCount: Int { ranges.reduce(0) { $0 + $1.count } }
}
