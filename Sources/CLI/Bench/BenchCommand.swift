import ArgumentParser
import Evaluation
import Foundation
import Kernels

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures recall and speed of the vector index on vectors from files.",
        discussion: """
            Without a subcommand it is 'carrel bench run'. Files of vectors are .fvecs, .bvecs, .fbin and .npy, \
            of ids .ivecs, .ibin and .npy.

            Example:
              carrel bench --base base.fvecs --query queries.fvecs --out results
              carrel bench generate --sample real.npy --count 1000000 --seed 1 --out base.fbin
              carrel bench truth --base base.fbin --query queries.npy --out truth.ivecs
              carrel bench plot ours/bench.json theirs/bench.json --out both.svg
              carrel bench kernels
            """,
        subcommands: [
            BenchRunCommand.self, BenchGenerateCommand.self, BenchTruthCommand.self, BenchPlotCommand.self,
            BenchKernelsCommand.self,
        ],
        defaultSubcommand: BenchRunCommand.self)
}

/// The vectors that a benchmark is about.
struct BenchVectorOptions: ParsableArguments {
    @Option(help: "The vectors that are searched.", completion: .file())
    var base: String

    @Option(help: "The vectors that are searched for.", completion: .file())
    var query: String?

    @Option(help: "Read this many base vectors at most.")
    var limit: Int?

    @Option(help: "Read this many queries at most; they are held in memory.")
    var queries = 10_000

    @Flag(help: "Scale every vector to length 1, which makes the dot product the cosine.")
    var normalize = false

    func validate() throws {
        guard limit ?? 1 > 0, queries > 0 else {
            throw ValidationError("--limit and --queries must be positive")
        }
    }

    /// - Parameter heldOut: rows of the base that are searched for instead of the queries' file.
    func open(heldOut: (count: Int, seed: UInt64)? = nil) throws -> BenchVectors {
        let base = try VectorFile(opening: path(base), limit: limit)
        if let heldOut {
            return try BenchVectors(
                base: base, heldOut: heldOut.count, seed: heldOut.seed, isNormalized: normalize)
        }
        guard let query else { throw ValidationError("--query is missing") }
        return try BenchVectors(
            base: base, query: VectorFile(opening: path(query), limit: queries), isNormalized: normalize)
    }

    private func path(_ text: String) -> String {
        NSString(string: text).expandingTildeInPath
    }
}

/// Base and queries, opened and found to fit.
struct BenchVectors: Sendable {
    let base: VectorTable

    /// nil if the queries are rows held out of the base.
    let query: VectorFile?

    /// All queries, in memory.
    let queries: [[Float]]

    init(base: VectorFile, query: VectorFile, isNormalized: Bool) throws {
        guard base.dimension == query.dimension else {
            throw BenchmarkError.dimensionMismatch(base: base.dimension, query: query.dimension)
        }
        self.base = VectorTable(file: base, isNormalized: isNormalized)
        self.query = query
        queries = try VectorTable(file: query, isNormalized: isNormalized).vectors(0..<query.rowCount)
    }

    /// Takes rows out of the base, drawn evenly by the seed, and asks for them.
    init(base: VectorFile, heldOut count: Int, seed: UInt64, isNormalized: Bool) throws {
        guard count < base.rowCount else {
            throw BenchmarkError.heldOutOfRange(found: count, allowed: 1...max(1, base.rowCount - 1))
        }
        var random = SeededRandom(seed: seed)
        var held: Set<Int> = []
        while held.count < count { held.insert(random.below(base.rowCount)) }
        let whole = VectorTable(file: base, isNormalized: isNormalized)
        query = nil
        queries = try held.sorted().map { try whole.rows($0..<($0 + 1)) }
        self.base = VectorTable(file: base, isNormalized: isNormalized, heldOut: held.sorted())
    }

    /// Whose neighbors are sought, for the report.
    var queryKind: String {
        query == nil ? "rows held out of the base" : "of a file of their own"
    }

    /// The similarity of a query and a row, in Double.
    func score(query: Int, id: Int64) throws -> Double {
        let row = try base.rows(Int(id)..<(Int(id) + 1))
        return zip(queries[query], row).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}

/// A file of vectors, as they are measured with. Rows are numbered without those held out.
struct VectorTable: Sendable {
    let file: VectorFile
    let isNormalized: Bool

    /// Rows of the file that the table has not, ascending.
    let heldOut: [Int]

    init(file: VectorFile, isNormalized: Bool, heldOut: [Int] = []) {
        (self.file, self.isNormalized, self.heldOut) = (file, isNormalized, heldOut)
    }

    var dimension: Int { file.dimension }
    var rowCount: Int { file.rowCount - heldOut.count }

    /// The rows in order, in ranges that are read at once.
    var blocks: [Range<Int>] {
        guard !heldOut.isEmpty, let size = file.blocks.first?.count else { return file.blocks }
        return stride(from: 0, to: rowCount, by: size).map { $0..<min($0 + size, rowCount) }
    }

    /// `rows.count × dimension`, row-major.
    func rows(_ rows: Range<Int>) throws -> [Float] {
        var values = try stored(rows)
        if isNormalized {
            for start in stride(from: 0, to: values.count, by: dimension) {
                Self.normalize(&values, start..<(start + dimension))
            }
        }
        return values
    }

    /// As they are in the file: the runs between rows held out.
    private func stored(_ rows: Range<Int>) throws -> [Float] {
        guard !heldOut.isEmpty, !rows.isEmpty else { return try file.floats(rows) }
        let (first, last) = (place(of: rows.lowerBound), place(of: rows.upperBound - 1))
        var values: [Float] = []
        var start = first
        for hole in heldOut where hole > first && hole < last {
            values += try file.floats(start..<hole)
            start = hole + 1
        }
        return values + (try file.floats(start..<(last + 1)))
    }

    /// The row in the file: as many further as rows before it are held out.
    private func place(of row: Int) -> Int {
        // The hole of index i is passed if i rows fewer than it lie before the row wanted.
        var (low, high) = (0, heldOut.count)
        while low < high {
            let middle = (low + high) / 2
            if heldOut[middle] - middle <= row { low = middle + 1 } else { high = middle }
        }
        return row + low
    }

    func vectors(_ rows: Range<Int>) throws -> [[Float]] {
        let values = try self.rows(rows)
        return stride(from: 0, to: values.count, by: dimension).map { Array(values[$0..<($0 + dimension)]) }
    }

    /// Scales a vector to length 1; one of length 0 stays.
    static func normalize(_ values: inout [Float], _ range: Range<Int>) {
        var sum: Float = 0
        for index in range { sum += values[index] * values[index] }
        guard sum > 0 else { return }
        let scale = 1 / sum.squareRoot()
        for index in range { values[index] *= scale }
    }
}

/// What is being done, on standard error: each stage in a line, and on a terminal a line that redraws itself.
struct BenchProgress: Sendable {
    func stage(_ text: String) {
        if Terminal.errorIsTerminal { Terminal.redraw("") }
        Terminal.printError(text)
    }

    func show(_ event: PointSweep.Event) {
        guard Terminal.errorIsTerminal else { return }
        switch event {
        case .judging(let point): Terminal.redraw("recall at \(point.name)")
        case .measuring(let point, let round, let count):
            Terminal.redraw(
                "\(round.map { "round \($0 + 1) of \(count)" } ?? "warm-up"): \(point.name)")
        }
    }
}
