import Evaluation
import Testing

struct RecallJudgeTests {
    /// Rows 0 to 9 have these similarities to query 0; rows 3, 4 and 5 are equal, and the truth names one of
    /// them.
    private static let scores: [Double] = [0.9, 0.8, 0.7, 0.5, 0.5, 0.5, 0.4, 0.3, 0.2, 0.1]

    private func judge(
        ids: [[Int64]] = [[0, 1, 2, 3]], scores: [[Float]]? = nil, depth: Int? = nil,
        matches: (@Sendable (Int64) -> Bool)? = nil
    ) throws -> RecallJudge {
        RecallJudge(
            truth: try TrueNeighbors(ids: ids, scores: scores, depth: depth ?? ids[0].count), rowCount: 10,
            matches: matches
        ) { _, id in Self.scores[Int(id)] }
    }

    private static let answers: [([Int64], Double)] = [
        ([0, 1, 2, 3], 1), ([0, 1, 2, 4], 1), ([5, 4, 3, 2], 1), ([0, 1, 2, 6], 0.75), ([6, 7, 8, 9], 0),
        ([], 0), ([0], 0.25), ([0, 0, 0, 0], 0.25), ([9, 8, 7, 6, 0, 1, 2, 3], 0), ([3, 4, 5, 0], 1),
    ]

    @Test(arguments: answers)
    func `a row counts once if it is as near as the k-th, whichever of equals the truth names`(
        found: [Int64], recall: Double
    ) throws {
        #expect(try judge().recall(of: [found], at: 4) == recall)
        #expect(try judge(scores: [[0.9, 0.8, 0.7, 0.5]]).recall(of: [found], at: 4) == recall)
    }

    @Test func `scores within a millionth are a tie, and no further`() throws {
        func recall(_ other: Double) throws -> Double {
            let truth = try TrueNeighbors(ids: [[0]], scores: [[0.5]], depth: 1)
            return try RecallJudge(truth: truth, rowCount: 2) { _, _ in other }.recall(of: [[1]], at: 1)
        }
        #expect(try recall(0.5 - 0.9e-6) == 1)
        #expect(try recall(0.5 - 1.2e-6) == 0)
    }

    @Test func `recall is the mean over queries, and at a smaller k the first count`() throws {
        let judge = try judge(ids: [[0, 1, 2, 3], [0, 1, 2, 3]])
        #expect(try judge.recall(of: [[0, 1, 6, 7], [6, 7, 8, 9]], at: 4) == 0.25)
        #expect(try judge.recall(of: [[0, 9], [9, 0]], at: 1) == 0.5)
    }

    @Test func `a filter that few rows pass divides by these, and rows outside of it never count`() throws {
        let filtered = try judge(ids: [[8, 9]], depth: 4) { $0 >= 8 }
        #expect(try filtered.recall(of: [[8, 9]], at: 4) == 1)
        #expect(try filtered.recall(of: [[0, 8]], at: 4) == 0.5)
        let none = try judge(ids: [[]], depth: 4) { _ in false }
        #expect(try none.recall(of: [[]], at: 4) == 1)
    }

    @Test func `answers that cannot be are errors, not low recall`() throws {
        #expect(throws: BenchmarkError.unknownID(query: 0, id: 10, rowCount: 10)) {
            try judge().recall(of: [[10]], at: 4)
        }
        #expect(throws: BenchmarkError.answerCountMismatch(expected: 1, found: 2)) {
            try judge().recall(of: [[0], [1]], at: 4)
        }
        #expect(throws: BenchmarkError.truthTooShallow(depth: 4, needed: 5)) {
            try judge().recall(of: [[0]], at: 5)
        }
        #expect(throws: BenchmarkError.truthContradicted(query: 0, id: 0, score: 0.9, best: 0.4)) {
            try judge(ids: [[6, 7, 8, 9]]).recall(of: [[0, 1, 2, 3]], at: 4)
        }
    }

    @Test func `truth whose similarities do not fall is of something else`() throws {
        let truth = try TrueNeighbors(ids: [[0, 1], [2, 1]], depth: 2)
        #expect(throws: BenchmarkError.truthNotDescending(query: 1, rank: 2, score: 0.75, before: 0.5)) {
            try truth.checked { query, id in query == 0 ? 1 : id == 1 ? 0.75 : 0.5 }
        }
        #expect(try TrueNeighbors(ids: [[0, 1]], depth: 2).checked { -Double($1) }.scores == [[0, -1]])
    }

    @Test func `the spread of distances tells the intrinsic dimension`() throws {
        // By hand: distances r·(i/n)^(1/d) of neighbors 1…n are what a uniform set of dimension d has.
        let dimension = 8.0
        let scores = (1...100).map { rank -> Float in
            let distance = 0.5 * power(Double(rank) / 100, 1 / dimension)
            return Float(1 - distance * distance / 2)
        }
        let truth = try TrueNeighbors(ids: [(0..<100).map { Int64($0) }], scores: [scores], depth: 100)
        let difficulty = try #require(truth.difficulty)
        #expect(abs(difficulty.intrinsicDimension - dimension) < 0.5)
        #expect(difficulty.similarityAt1 == Double(scores[0]))
        #expect(difficulty.similarityAt100 == Double(scores[99]))
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        // Square roots only: the exponent is an eighth.
        #expect(exponent == 0.125)
        return base.squareRoot().squareRoot().squareRoot()
    }
}
