import Evaluation
import Kernels

/// How fast the kernels go through memory, beside the fastest that the machine can read it.
struct KernelBenchmark: Sendable {
    /// What one kernel did over one working set.
    struct Figure: Encodable {
        var kernel: String
        var workingSetBytes: Int
        var gigabytesPerSecond: Spread

        /// Of the read of the same working set, measured in the same rounds.
        var shareOfBandwidth: Double
        var gigaflopsPerSecond: Double?

        enum CodingKeys: String, CodingKey {
            case kernel
            case workingSetBytes = "working_set_bytes"
            case gigabytesPerSecond = "gb_per_s"
            case shareOfBandwidth = "share_of_bandwidth"
            case gigaflopsPerSecond = "gflop_per_s"
        }
    }

    /// A kernel over all rows.
    private struct Kernel: Sendable {
        var name: String

        /// Floating-point operations for each number read.
        var operations: Int
        var run: @Sendable (Rows) -> Void
    }

    /// The matrix that is read.
    struct Rows: Sendable {
        let padded: [Float]

        /// From the start of a cache line on, as in a segment: elsewhere every load of 64 bytes touches two.
        private let first: Int
        let valueCount: Int
        let dimension: Int
        var count: Int { valueCount / dimension }

        /// Where these rows lie in `padded`.
        func place(of rows: Range<Int>) -> Range<Int> {
            (first + rows.lowerBound * dimension)..<(first + rows.upperBound * dimension)
        }

        init(count valueCount: Int, dimension: Int, _ value: () -> Float) {
            let padded = (0..<valueCount + PlainRead.lineBytes / 4).map { _ in value() }
            (self.padded, first) = (padded, PlainRead.countBeforeLine(in: padded.span))
            (self.valueCount, self.dimension) = (valueCount, dimension)
        }
    }

    /// Rows of one product: their results stay in the nearest cache.
    private static let blockRows = 1024

    let dimension: Int
    let rounds: Int

    /// Seconds of one kernel in a round.
    let seconds: Double

    /// One figure for each kernel and working set; the read is the first of each.
    func measured(workingSets: [Int]) -> [Figure] {
        workingSets.flatMap { bytes in
            var random = SeededRandom(seed: 1)
            let count = max(1, bytes / (4 * dimension)) * dimension
            // An even number of floats, for the read.
            return measured(
                Rows(count: count + count % 2 * dimension, dimension: dimension) { random.normal() })
        }
    }

    private func measured(_ rows: Rows) -> [Figure] {
        let kernels = self.kernels
        var rates = [[Double]](repeating: [], count: kernels.count)
        let plan = RepetitionPlan(pointCount: kernels.count, warmUps: 1, rounds: rounds)
        for step in plan.steps {
            let rate = bytesPerSecond(kernels[step.point], rows)
            if step.round != nil { rates[step.point].append(rate / 1e9) }
        }
        let roof = Spread(of: rates[0])?.median ?? 1
        return zip(kernels, rates).compactMap { kernel, rates in
            guard let rate = Spread(of: rates) else { return nil }
            return Figure(
                kernel: kernel.name, workingSetBytes: rows.valueCount * 4, gigabytesPerSecond: rate,
                shareOfBandwidth: rate.median / roof,
                gigaflopsPerSecond: kernel.operations > 0
                    ? rate.median / 4 * Double(kernel.operations) : nil)
        }
    }

    private func bytesPerSecond(_ kernel: Kernel, _ rows: Rows) -> Double {
        let start = ProcessFigures.nanoseconds
        var passes = 0
        var elapsed = 0.0
        repeat {
            kernel.run(rows)
            passes += 1
            elapsed = Double(ProcessFigures.nanoseconds - start) / 1e9
        } while elapsed < seconds
        return Double(passes * rows.valueCount * 4) / max(elapsed, 1e-9)
    }

    private var kernels: [Kernel] {
        var random = SeededRandom(seed: 2)
        let queries = (0..<(64 * dimension)).map { _ in random.normal() }
        let dots = InstructionSet.available.reversed().map { set in
            Kernel(name: "dot \(set.rawValue)", operations: 2) { Self.dot(queries, $0, set) }
        }
        let products = [1, 8, 64].map { count in
            Kernel(name: "sgemm, \(count) \(count == 1 ? "query" : "queries")", operations: 2 * count) {
                Self.product(queries, count, $0)
            }
        }
        let read = Kernel(name: "read", operations: 0) {
            _ = PlainRead.words(of: $0.padded.span.extracting($0.place(of: 0..<$0.count)))
        }
        return [read] + dots + products
    }

    private static func dot(_ queries: [Float], _ rows: Rows, _ set: InstructionSet) {
        var scores = [Float](repeating: 0, count: blockRows)
        var room = scores.mutableSpan
        let query = queries.span.extracting(0..<rows.dimension)
        for start in stride(from: 0, to: rows.count, by: blockRows) {
            let count = min(blockRows, rows.count - start)
            let block = rows.place(of: start..<start + count)
            DotProducts.scores(
                of: query, against: rows.padded.span.extracting(block), rowCount: count, into: &room,
                using: set)
        }
    }

    private static func product(_ queries: [Float], _ queryCount: Int, _ rows: Rows) {
        var products = [Float](repeating: 0, count: queryCount * blockRows)
        var room = products.mutableSpan
        for start in stride(from: 0, to: rows.count, by: blockRows) {
            let count = min(blockRows, rows.count - start)
            let block = rows.place(of: start..<start + count)
            MatrixProduct.rowsByRows(
                queries.span, MatrixShape(rowCount: queryCount, columnCount: rows.dimension),
                rows.padded.span.extracting(block),
                MatrixShape(rowCount: count, columnCount: rows.dimension), into: &room,
                MatrixShape(rowCount: queryCount, columnCount: count))
        }
    }
}
