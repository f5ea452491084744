import Engine
import TestSupport
import Testing
import VectorIndex

struct CompactionPlanTests {
    private typealias Step = CompactionPlan.Step

    /// A segment in few words: rows, dead rows, and the quantizer of its lists.
    struct Rows: Sendable, ExpressibleByIntegerLiteral {
        var count: Int
        var dead = 0
        var quantizer: Int64?

        init(_ count: Int, dead: Int = 0, in quantizer: Int64? = nil) {
            (self.count, self.dead, self.quantizer) = (count, dead, quantizer)
        }

        init(integerLiteral value: Int) { self.init(value) }
    }

    /// Segments are numbered from 1 in the order of their sequences.
    private func check(
        _ rows: [Rows], lists: Int?, trainingRowsMin: Int = 4_096, _ expected: Step,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let segments = zip(1..., rows).map { number, rows in
            CompactionPlan.Segment(
                number: number, firstSequence: number * 10, rowCount: rows.count, deletedRowCount: rows.dead,
                quantizer: rows.quantizer)
        }
        let plan = CompactionPlan(
            segments: segments.reversed(),
            quantizer: lists.map { CompactionPlan.Quantizer(number: 99, listCount: $0) },
            trainingRowsMin: trainingRowsMin)
        #expect(plan.next == expected, "\(rows)", sourceLocation: sourceLocation)
    }

    @Test func `nothing is done to nothing, nor to segments in good order`() {
        check([], lists: nil, .nothing)
        check([1_024], lists: nil, .nothing)
        check([3_000, 500, 500], lists: nil, .nothing)
        check([Rows(100_000, in: 99), Rows(4_096, in: 99), Rows(4_096, in: 99)], lists: 1_264, .nothing)
        check([Rows(100_000, dead: 20_000, in: 99)], lists: 1_264, .nothing)
    }

    @Test func `a quantizer is trained once there are rows enough, and again at four times as many`() {
        check([4_095], lists: nil, .nothing)
        check([4_096], lists: nil, .train)
        check([2_000, 2_096], lists: nil, .train)
        check([Rows(4_500, dead: 500)], lists: nil, .nothing)
        let lists = VectorIndex.listCount(suiting: 4_096)
        check([Rows(4_096, in: 99)], lists: lists, .nothing)
        check([Rows(16_000, in: 99)], lists: lists, .nothing)
        check([Rows(16_384, in: 99)], lists: lists, .train)
        check([Rows(1_000_000_000, in: 99)], lists: 65_536, .nothing)
        check([16], lists: nil, trainingRowsMin: 1, .train)
        check([15], lists: nil, trainingRowsMin: 1, .nothing)
    }

    @Test func `what is not in the newest quantizer's lists is brought there, neighbours together`() {
        check([4_096, 4_096, 1_000], lists: 300, .compact([1, 2, 3]))
        check([Rows(9_000, in: 98), 10, Rows(20, in: 98)], lists: 300, .compact([1, 2, 3]))
        check([Rows(9_000, in: 99), 10, 20], lists: 300, .compact([2, 3]))
        check([10, Rows(9_000, in: 99), 20], lists: 300, .compact([1]))
        check([Rows(9_000, in: 99), 0], lists: 300, .compact([2]))
    }

    @Test func `four neighbours of which none outweighs the rest become one, the smallest first`() {
        check([500, 500, 500, 500], lists: nil, .rewrite([1, 2, 3, 4]))
        check([100, 100, 1_000, 10, 10, 10, 10], lists: nil, .rewrite([4, 5, 6, 7]))
        check([1_000, 100, 100, 100], lists: nil, .nothing)
        check([0, 0, 0, 0], lists: nil, .rewrite([1, 2, 3, 4]))
        let sealed = Rows(4_096, in: 99)
        check([Rows(60_000, in: 99), sealed, sealed, sealed], lists: 900, .nothing)
        check([Rows(60_000, in: 99), sealed, sealed, sealed, sealed], lists: 900, .compact([2, 3, 4, 5]))
        // Far from equal, but together they outweigh every one of them.
        let small = Rows(1_024, in: 99)
        check([sealed, small, sealed, small], lists: 900, .compact([1, 2, 3, 4]))
    }

    @Test func `a segment of which more than a fifth is dead is written without the dead, the worst first`() {
        check([Rows(100, dead: 20)], lists: nil, .nothing)
        check([Rows(100, dead: 21)], lists: nil, .rewrite([1]))
        check([Rows(1_000, dead: 400), Rows(10, dead: 9), 5], lists: nil, .rewrite([2]))
        check([Rows(9_000, dead: 3_000, in: 99)], lists: 300, .compact([1]))
        check([Rows(9_000, dead: 9_000, in: 99)], lists: 300, .compact([1]))
    }

    /// Seals tails of all sizes, deletes, and does what the plan says until it says nothing.
    @Test(arguments: 0..<8)
    func `sealed tails end in few segments, and no row is written more often than rows double`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var (rows, quantizer): ([Rows], (number: Int64, lists: Int)?) = ([], nil)
        var (sealed, written, steps) = (0, 0, 0)
        for _ in 0..<400 {
            let count = Int.random(in: 1_024...16_384, using: &generator)
            rows.append(Rows(count, in: quantizer?.number))
            sealed += count
            while true {
                let segments = zip(1..., rows).map { number, rows in
                    CompactionPlan.Segment(
                        number: number, firstSequence: number, rowCount: rows.count,
                        deletedRowCount: rows.dead,
                        quantizer: rows.quantizer)
                }
                let plan = CompactionPlan(
                    segments: segments,
                    quantizer: quantizer.map { .init(number: $0.number, listCount: $0.lists) },
                    trainingRowsMin: 4_096)
                let step = plan.next
                guard step != .nothing else { break }
                steps += 1
                #expect(steps < 2_000)
                switch step {
                case .nothing: break
                case .train:
                    let live = rows.reduce(0) { $0 + $1.count }
                    quantizer = ((quantizer?.number ?? 0) + 1, VectorIndex.listCount(suiting: live))
                case .compact(let numbers), .rewrite(let numbers):
                    let range = (Int(numbers[0]) - 1)...(Int(numbers[numbers.count - 1]) - 1)
                    let merged = rows[range].reduce(0) { $0 + $1.count }
                    written += merged
                    rows.replaceSubrange(range, with: [Rows(merged, in: quantizer?.number)])
                }
            }
        }
        #expect(rows.reduce(0) { $0 + $1.count } == sealed)
        #expect(rows.count <= 10, "\(rows.map(\.count))")
        let times = Double(written) / Double(sealed)
        #expect(times < 6, "rows were written \(times) times; 4.2 to 4.9 was seen")
    }
}
