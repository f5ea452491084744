import Evaluation
import Synchronization

/// Searches exactly, but looks at a part of the rows only: the recall of a point is known.
final class ToyEngine: FilteringEngine, InsertingEngine {
    struct Broken: Error {}

    /// What the engine does wrong.
    enum Fault {
        case throwing, dropsABatchAnswer, losesInsertions
    }

    let name: String
    let points: [OperatingPoint]
    private let rows: Mutex<[(id: Int64, vector: [Float])]>
    private let fault: Fault?

    init(
        _ rows: [[Float]], shares: [Double] = [1], name: String = "toy", fault: Fault? = nil
    ) {
        self.rows = Mutex(zip(0..., rows).map { (id: $0, vector: $1) })
        points = shares.map { OperatingPoint(["share": $0]) }
        (self.name, self.fault) = (name, fault)
    }

    private init(_ rows: [(id: Int64, vector: [Float])], points: [OperatingPoint]) {
        (name, self.points, fault) = ("toy", points, nil)
        self.rows = Mutex(rows)
    }

    func search(_ query: [Float], k: Int, at point: OperatingPoint) throws -> EngineAnswer {
        if fault == .throwing { throw Broken() }
        let share = point.parameters["share"] ?? 1
        let seen = rows.withLock { rows in rows.prefix(Int(Double(rows.count) * share)) }
        let scored = seen.map { row in
            (id: row.id, score: zip(query, row.vector).reduce(Float(0)) { $0 + $1.0 * $1.1 })
        }
        let best = scored.sorted { ($0.score, $1.id) > ($1.score, $0.id) }.prefix(k)
        return EngineAnswer(ids: best.map(\.id), expectedRecall: share)
    }

    func search(batch queries: [[Float]], k: Int, at point: OperatingPoint) throws -> [EngineAnswer] {
        let answers = try queries.map { try search($0, k: k, at: point) }
        return fault == .dropsABatchAnswer ? Array(answers.dropLast()) : answers
    }

    func restricted(to subset: RowSubset) throws -> any SearchEngine {
        ToyEngine(rows.withLock { rows in rows.filter { subset.contains($0.id) } }, points: points)
    }

    func insert(_ vectors: [[Float]], firstID: Int64) throws {
        guard fault != .losesInsertions else { return }
        rows.withLock { $0 += zip(firstID..., vectors).map { (id: $0, vector: $1) } }
    }
}

/// Rows and queries with their exact truth.
struct ToyVectors {
    let rows: [[Float]]
    let queries: [[Float]]
    let truth: TrueNeighbors

    init(seed: UInt64, rowCount: Int = 200, queryCount: Int = 20, dimension: Int = 8, depth: Int = 100) throws
    {
        var random = SeededRandom(seed: seed)
        func vectors(_ count: Int) -> [[Float]] {
            (0..<count).map { _ in (0..<dimension).map { _ in random.normal() } }
        }
        rows = vectors(rowCount)
        queries = vectors(queryCount)
        let exact = ToyEngine(rows)
        let point = exact.points[0]
        truth = try TrueNeighbors(
            ids: queries.map { try exact.search($0, k: depth, at: point).ids }, depth: depth)
    }

    func judge() -> RecallJudge {
        let (rows, queries) = (rows, queries)
        return RecallJudge(truth: truth, rowCount: rows.count) { query, id in
            zip(queries[query], rows[Int(id)]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
    }
}
