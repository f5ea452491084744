import Kernels
import TestSupport
import Testing

@Suite struct TopKTests {
    @Test(arguments: 1...40)
    func `the best k are those of a full sort`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 0...200, using: &random)
        // Few distinct scores, so that most comparisons are ties.
        let entries = (0..<count).map { id in
            TopK.Entry(score: Float(Int.random(in: 0...9, using: &random)), id: Int64(id), tag: Int64(id * 2))
        }
        let sorted = entries.sorted { ($1.score, $0.id) < ($0.score, $1.id) }
        for k in [1, 2, 10, 199, 500] {
            var best = TopK(k: k)
            for entry in entries.shuffled(using: &random) { best.offer(entry) }
            #expect(best.sorted() == Array(sorted.prefix(k)))
        }
    }

    @Test func `the threshold is the k-th score once there are k`() {
        var best = TopK(k: 2)
        #expect(best.threshold == -.infinity)
        best.offer(TopK.Entry(score: 5, id: 1, tag: 0))
        #expect(best.threshold == -.infinity)
        best.offer(TopK.Entry(score: 3, id: 2, tag: 0))
        #expect(best.threshold == 3)
        best.offer(TopK.Entry(score: 4, id: 3, tag: 0))
        #expect(best.threshold == 4)
    }

    @Test func `of equal scores the lower id stays`() {
        var best = TopK(k: 1)
        best.offer(TopK.Entry(score: 1, id: 5, tag: 50))
        best.offer(TopK.Entry(score: 1, id: 4, tag: 40))
        best.offer(TopK.Entry(score: 1, id: 6, tag: 60))
        #expect(best.sorted() == [TopK.Entry(score: 1, id: 4, tag: 40)])
    }
}
