import ArgumentParser
import Evaluation
import Foundation
import Kernels

struct BenchTruthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truth",
        abstract: "Finds the true nearest neighbors by comparing everything with everything.",
        discussion: """
            Nearest is the greatest dot product, of equals the lower row first. The queries' difficulty is printed.

            Example:
              carrel bench truth --base base.fbin --query queries.npy --k 100 --out truth.ivecs
            """)

    @OptionGroup var vectors: BenchVectorOptions

    @Option(help: "Neighbors of each query.")
    var k = 100

    @Option(help: "File for their ids: .ivecs, .ibin or .npy.", completion: .file())
    var out: String

    @Option(help: "File for their similarities: .fvecs, .fbin or .npy.", completion: .file())
    var scores: String?

    @Option(help: "Threads; as many as there are processors if not given.")
    var threads: Int?

    func validate() throws {
        guard vectors.query != nil else { throw ValidationError("--query is missing") }
        guard (1...ComputeThreads.max).contains(threads ?? 1) else {
            throw ValidationError("--threads must be 1 to \(ComputeThreads.max)")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let vectors = try vectors.open()
            try BenchLimits.check(k: k, rows: vectors.base.rowCount)
            let ids = try VectorFileWriter(idsTo: out, rowCount: vectors.queries.count, dimension: k)
            let similarities = try scores.map {
                try VectorFileWriter(vectorsTo: $0, rowCount: vectors.queries.count, dimension: k)
            }
            let pool = ComputePool(threadCount: ComputeThreads.count(threads))
            let truth = try await ExactTruth(pool: pool)
                .neighbors(of: vectors.queries, in: RowSource(vectors.base), depth: k)[0]
            try ids.append(ids: truth.ids.flatMap { $0 })
            try ids.finish()
            try similarities?.append((truth.scores ?? []).flatMap { $0 })
            try similarities?.finish()
            Terminal.print(
                "\(Figure.count(vectors.queries.count, "query", "queries")) against "
                    + "\(Figure.count(vectors.base.rowCount, "row")): "
                    + (truth.difficulty.map(ReportTable.words) ?? "\(k) neighbor each"))
        }
    }
}

/// How many threads a benchmark may use.
enum ComputeThreads {
    /// The pool's own bound.
    static let max = 256

    static func count(_ asked: Int?) -> Int {
        asked ?? min(ProcessFigures.processorCount, max)
    }
}

/// What is checked before anything is measured.
enum BenchLimits {
    /// Deeper than any recall that is reported, and what the index allows.
    static let kMax = 10_000

    static func check(k: Int, rows: Int) throws {
        let allowed = 1...Swift.min(kMax, rows)
        guard allowed.contains(k) else { throw BenchmarkError.kOutOfRange(found: k, allowed: allowed) }
    }
}
