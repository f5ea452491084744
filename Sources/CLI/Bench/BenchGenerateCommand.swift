import ArgumentParser
import Evaluation
import Foundation
import Kernels

struct BenchGenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Makes any number of vectors that lie like a sample of real ones.",
        discussion: """
            Each is a vector of the sample, moved along the difference of two of its neighborhood and by a little \
            noise, of length 1. How far is fitted: as many vectors as the sample has shall be as hard to search as \
            these. The same sample, seed and --difference make the same vectors, whatever the threads. Queries of the \
            same kind come from another --query-seed.

            Example:
              carrel bench generate --sample real.npy --count 1000000 --seed 1 --out base.fbin
            """)

    @Option(help: "Real vectors: .fvecs, .bvecs, .fbin or .npy.", completion: .file())
    var sample: String

    @Option(help: "Read this many of the sample at most; they are held in memory.")
    var sampleLimit = 200_000

    @Option(help: "Vectors to make.")
    var count: Int

    @Option(help: "Seed.")
    var seed: UInt64 = 1

    @Option(help: "Another seed for the vectors alone, for queries beside a base of the same --seed.")
    var querySeed: UInt64?

    @Option(help: "How far vectors are moved, above 0 to 2; fitted to the sample if not given.")
    var difference: Float?

    @Option(help: "File to write: .fvecs, .fbin or .npy.", completion: .file())
    var out: String

    @Option(help: "Threads; as many as there are processors if not given.")
    var threads: Int?

    func validate() throws {
        guard count > 0, sampleLimit > 0 else {
            throw ValidationError("--count and --sample-limit must be positive")
        }
        guard difference.map({ $0 > 0 && $0 <= 2 }) ?? true else {
            throw ValidationError("--difference must be above 0 and at most 2")
        }
        guard (1...ComputeThreads.max).contains(threads ?? 1) else {
            throw ValidationError("--threads must be 1 to \(ComputeThreads.max)")
        }
    }

    func run() async throws {
        try await CommandError.reported {
            let file = try VectorFile(opening: sample, limit: sampleLimit)
            let writer = try VectorFileWriter(vectorsTo: out, rowCount: count, dimension: file.dimension)
            let pool = ComputePool(threadCount: ComputeThreads.count(threads))
            let rows = try VectorTable(file: file, isNormalized: true).rows(0..<file.rowCount)
            let generator = try await VectorGenerator(
                sample: rows, dimension: file.dimension, seed: seed, pool: pool)
            let difference = try await fitted(generator, pool)
            try await write(generator, difference, to: writer, pool)
            Terminal.print(
                "\(out): \(Figure.count(count, "vector")) of dimension \(file.dimension), made of "
                    + "\(Figure.count(file.rowCount, "real one")) with --difference \(difference)")
        }
    }

    /// Where the sample is too small to fit, vectors are moved as far as for most embeddings.
    private func fitted(_ generator: VectorGenerator, _ pool: ComputePool) async throws -> Float {
        if let difference { return difference }
        let fit = try await GeneratorFit(generator: generator, seed: seed, pool: pool).fitted()
        guard let fit else { return Self.usualDifference }
        Terminal.printError("real: \(ReportTable.words(fit.real))")
        Terminal.printError("made: \(ReportTable.words(fit.made))")
        return fit.difference
    }

    /// Fitted to 20,000 MiniLM embeddings of documentation.
    private static let usualDifference: Float = 0.4

    /// As many blocks at once as there are threads, written in order.
    private func write(
        _ generator: VectorGenerator, _ difference: Float, to writer: VectorFileWriter, _ pool: ComputePool
    ) async throws {
        let blockRows = VectorGenerator.blockRows
        let blockCount = (count + blockRows - 1) / blockRows
        for first in stride(from: 0, to: blockCount, by: pool.threadCount) {
            let blocks = first..<min(first + pool.threadCount, blockCount)
            let made = try await pool.map(count: blocks.count, in: .background) {
                [count, seed, querySeed] index in
                let block = blocks.lowerBound + index
                return generator.rows(
                    ofBlock: block, count: min(blockRows, count - block * blockRows),
                    difference: difference, seed: querySeed ?? seed)
            }
            for rows in made { try writer.append(rows) }
        }
        try writer.finish()
    }
}
