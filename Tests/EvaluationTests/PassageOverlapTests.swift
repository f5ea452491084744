import Evaluation
import Testing

struct PassageOverlapTests {
    private static func spans(_ ranges: [Range<Int>], in corpus: String = "c") -> [CorpusSpan] {
        ranges.map { CorpusSpan(corpus: corpus, range: $0) }
    }

    @Test func `recall, precision and IoU are as by hand`() {
        // Wanted 10..<20 and 40..<50, read 0..<15 and 12..<30 (33 characters, 3 of them twice): found 10 of 20.
        let overlap = PassageOverlap(
            of: [10..<20, 40..<50], in: "c", found: Self.spans([0..<15, 12..<30]))
        #expect(overlap.foundCount == 10 && overlap.referenceCount == 20 && overlap.readCount == 33)
        #expect(overlap.value(of: .recall) == 0.5)
        #expect(overlap.value(of: .precision) == 10.0 / 33)
        #expect(overlap.value(of: .intersectionOverUnion) == 10.0 / 43)
        #expect(overlap.value(of: .coverage) == 0)
    }

    @Test func `a passage of another corpus is read in vain`() {
        let overlap = PassageOverlap(
            of: [0..<10], in: "c", found: Self.spans([0..<10]) + Self.spans([0..<10], in: "d"))
        #expect(overlap.value(of: .recall) == 1 && overlap.value(of: .coverage) == 1)
        #expect(overlap.value(of: .precision) == 0.5)
        #expect(overlap.value(of: .intersectionOverUnion) == 0.5)
    }

    @Test func `who finds nothing has zero of everything`() {
        let overlap = PassageOverlap(of: [0..<10], in: "c", found: [])
        for measure in PassageMeasure.allCases { #expect(overlap.value(of: measure) == 0) }
        #expect(PassageOverlap.bestPrecision(of: [0..<10], in: "c", among: []) == 0)
    }

    @Test func `the best precision is that of all passages which hold anything that is wanted`() {
        // 0..<20 and 20..<40 touch 15..<25; 40..<60 does not, and the other corpus does not count.
        let passages = Self.spans([0..<20, 20..<40, 40..<60]) + Self.spans([0..<60], in: "d")
        #expect(PassageOverlap.bestPrecision(of: [15..<25], in: "c", among: passages) == 10.0 / 40)
        // What no passage holds counts against it.
        #expect(
            PassageOverlap.bestPrecision(of: [15..<25, 60..<70], in: "c", among: passages) == 10.0 / 50)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `counts are those of counting character by character`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func ranges(_ most: Int) -> [Range<Int>] {
            (0..<random.below(most) + 1).map { _ in
                let start = random.below(80)
                return start..<(start + 1 + random.below(20))
            }
        }
        let references = ranges(4)
        let (own, other) = (Self.spans(ranges(5)), Self.spans(ranges(3), in: "d"))
        let wanted = Set(references.flatMap { Array($0) })
        let held = Set(own.flatMap { Array($0.range) })
        let overlap = PassageOverlap(of: references, in: "c", found: own + other)
        #expect(overlap.foundCount == wanted.count(where: held.contains))
        #expect(overlap.referenceCount == wanted.count)
        #expect(overlap.readCount == (own + other).flatMap { Array($0.range) }.count)
        for measure in PassageMeasure.allCases { #expect((0...1).contains(overlap.value(of: measure))) }

        let touching = own.map { Set($0.range) }.filter { !$0.isDisjoint(with: wanted) }
        let all = touching.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let best = PassageOverlap.bestPrecision(of: references, in: "c", among: own + other)
        #expect(best == Double(all.intersection(wanted).count) / Double(all.union(wanted).count))
    }
}
