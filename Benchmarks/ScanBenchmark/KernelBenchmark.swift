import ArgumentParser
import Foundation
import Kernels

/// Measures each kernel in each instruction set beside plain reading of the same buffer, in turns.
struct KernelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Bandwidth of every kernel beside that of plain reading.",
        discussion: """
            Kernels and reading pass over the buffer in turns, and of each 64 MiB the least time counts, so that a \
            busy machine slows all of them alike, and little. Rows are what a search counts: vectors or codes.
            """)

    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Measure the scalar twins too; they are slow.") var scalar = false
    @Option(help: "Only kernels whose name contains this.") var only = ""
    @Option(help: "Only buffers of this size: cache2, cache3 or memory.") var buffer: KernelBuffer?
    @Option(help: "Rounds of each measurement.") var rounds = 15
    @Option(help: "Bytes of the buffer in memory.") var memoryBytes = KernelBuffer.memoryBytesDefault

    func validate() throws {
        guard rounds > 0, memoryBytes >= KernelBuffer.cache3.byteCount(memoryBytes: 0) else {
            throw ValidationError("rounds must be positive, the buffer in memory greater than a cache")
        }
    }

    func run() throws {
        let sets = InstructionSet.available.filter {
            scalar || $0 != .scalar || InstructionSet.best == .scalar
        }
        let kernels = MeasuredKernel.all.filter { only.isEmpty || $0.name.contains(only) }
        var figures: [KernelFigures] = []
        if !json { print(KernelFigures.heading) }
        for buffer in KernelBuffer.allCases where self.buffer == nil || self.buffer == buffer {
            for kernel in kernels where kernel.isWorthwhile(in: buffer) {
                let work = kernel.work(buffer.byteCount(memoryBytes: memoryBytes))
                for threadCount in [1, 2] {
                    let found = work.measure(sets: sets, threadCount: threadCount, rounds: rounds)
                    figures += found.map { set, rates in
                        KernelFigures(kernel, set, buffer, work, threadCount, rates)
                    }
                    if !json { for line in figures.suffix(found.count) { print(line.text) } }
                }
            }
        }
        if json { print(try KernelReport(figures).json()) }
    }
}

/// Where a buffer fits: into the second-level cache of a core, into the third-level cache, or into neither.
enum KernelBuffer: String, CaseIterable, Encodable, ExpressibleByArgument {
    case cache2, cache3, memory

    /// A million vectors of 384.
    static let memoryBytesDefault = 1_536_000_000

    /// Half of the usual 1 MiB a core, and an eighth to a quarter of the usual 32 to 64 MiB.
    func byteCount(memoryBytes: Int) -> Int {
        switch self {
        case .cache2: 512 << 10
        case .cache3: 8 << 20
        case .memory: memoryBytes
        }
    }
}

/// One line of the report.
struct KernelFigures: Encodable {
    let kernel: String
    let set: String
    let buffer: KernelBuffer
    let buffer_bytes, threads: Int
    let gb_per_s, read_gb_per_s, share_of_reading, rows_per_s: Double

    init(
        _ kernel: MeasuredKernel, _ set: InstructionSet, _ buffer: KernelBuffer, _ work: KernelWork,
        _ threadCount: Int, _ rates: (kernel: Double, read: Double)
    ) {
        (self.kernel, self.set, self.buffer) = (kernel.name, set.rawValue, buffer)
        (buffer_bytes, threads) = (work.byteCount, threadCount)
        (gb_per_s, read_gb_per_s) = (rates.kernel / 1e9, rates.read / 1e9)
        share_of_reading = rates.kernel / rates.read
        rows_per_s = rates.kernel / Double(work.rowBytes)
    }

    static let heading =
        "kernel                  set          buffer  threads    GB/s  reading  share  Mrows/s"

    var text: String {
        func right(_ value: Double, _ format: String) -> String { String(format: format, value) }
        return kernel.padded(to: 24) + set.padded(to: 13) + buffer.rawValue.padded(to: 8)
            + right(Double(threads), "%7.0f") + right(gb_per_s, "%8.1f") + right(read_gb_per_s, "%9.1f")
            + right(share_of_reading, "%7.2f") + right(rows_per_s / 1e6, "%9.1f")
    }
}

/// The figures, with what they were measured on.
struct KernelReport: Encodable {
    let machine = Machine.current
    let command = CommandLine.arguments.joined(separator: " ")
    let commit = Machine.commit
    let figures: [KernelFigures]

    init(_ figures: [KernelFigures]) {
        self.figures = figures
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        padding(toLength: max(width, count), withPad: " ", startingAt: 0)
    }
}
