import Embedding
import Testing

@Suite struct BatchPlanTests {
    /// Lengths from 2 to 256, the same for the same seed.
    private func lengths(_ count: Int, seed: UInt64) -> [Int] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 2 + Int(state >> 33) % 255
        }
    }

    @Test(arguments: [0, 1, 2, 17, 1_000], [1, 2, 8])
    func `every text is in exactly one batch, and no batch is empty or over its bound`(
        count: Int, threads: Int
    ) {
        let lengths = lengths(count, seed: UInt64(count + threads))
        let plan = BatchPlan(lengths: lengths, threadCount: threads)
        #expect(plan.batches.joined().sorted() == Array(0..<count))
        for batch in plan.batches {
            let tokens = batch.reduce(0) { $0 + lengths[$1] }
            #expect(!batch.isEmpty && tokens <= BatchPlan.batchTokensMax)
        }
    }

    @Test func `texts go from long to short, equal ones in input order`() {
        let plan = BatchPlan(lengths: [5, 9, 5, 9, 5], threadCount: 1)
        #expect(plan.batches == [[1, 3, 0, 2, 4]])
    }

    @Test func `a text longer than a batch has one to itself`() {
        let plan = BatchPlan(lengths: [3, BatchPlan.batchTokensMax + 1, 3], threadCount: 1)
        #expect(plan.batches == [[1], [0, 2]])
    }

    @Test func `enough work for two threads is cut in two, too little is not`() {
        #expect(BatchPlan(lengths: [300, 300], threadCount: 2).batches == [[0], [1]])
        #expect(BatchPlan(lengths: [30, 30], threadCount: 2).batches == [[0, 1]])
    }
}
