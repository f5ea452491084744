import Dispatch
import Kernels

/// A buffer, a kernel that passes over it, and plain reading of the same bytes.
///
/// Buffers are arrays, which begin beside a cache's lines. Columns and whoever aligns a query begin on them: then
/// dot rows of AVX-512 read 103 instead of 67 GB/s from the second-level cache (Zen 4).
struct KernelWork: Sendable {
    /// A part of the buffer: as many rows as a call of the kernel gets.
    let unitBytes: Int
    let unitCount: Int
    let rowBytes: Int

    /// Calls the kernel for each of the units.
    let pass: @Sendable (Range<Int>, InstructionSet) -> Void

    /// Reads the bytes of each of the units.
    let read: @Sendable (Range<Int>) -> Void

    var byteCount: Int { unitBytes * unitCount }

    /// What is timed at once: a few milliseconds of reading, and on a busy machine often less than a turn on a
    /// core.
    private static let windowBytes = 64 << 20

    /// A smaller buffer is passed over until about this much time has gone by.
    private static let secondsMin = 0.004

    /// Bytes a second of each kernel and of reading. They pass over the buffer in turns; of each window the
    /// least time counts.
    func measure(
        sets: [InstructionSet], threadCount: Int, rounds: Int
    ) -> [(InstructionSet, (kernel: Double, read: Double))] {
        var kernels = [[Double]](repeating: [], count: sets.count)
        var reading: [Double] = []
        for _ in 0..<rounds {
            for (index, set) in sets.enumerated() {
                kernels[index] = least(kernels[index], seconds(threadCount) { pass($0, set) })
            }
            reading = least(reading, seconds(threadCount, read))
        }
        let rate = { (seconds: [Double]) in Double(byteCount) / seconds.reduce(0, +) }
        return zip(sets, kernels).map { ($0, (kernel: rate($1), read: rate(reading))) }
    }

    private func least(_ known: [Double], _ seconds: [Double]) -> [Double] {
        known.isEmpty ? seconds : zip(known, seconds).map { min($0, $1) }
    }

    /// Of one pass, window by window.
    private func seconds(_ threadCount: Int, _ body: @Sendable (Range<Int>) -> Void) -> [Double] {
        let clock = ContinuousClock()
        let windowUnits = max(1, Self.windowBytes / unitBytes)
        let passCount = unitCount <= windowUnits ? repetitions(of: body) : 1
        return stride(from: 0, to: unitCount, by: windowUnits).map { first in
            let count = min(windowUnits, unitCount - first)
            let time = clock.measure {
                DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
                    let start = first + count * thread / threadCount
                    let end = first + count * (thread + 1) / threadCount
                    for _ in 0..<passCount { body(start..<end) }
                }
            }
            return time.milliseconds / 1000 / Double(passCount)
        }
    }

    private func repetitions(of body: @Sendable (Range<Int>) -> Void) -> Int {
        let once = ContinuousClock().measure { body(0..<unitCount) }.milliseconds / 1000
        return max(1, Int(Self.secondsMin / max(once, 1e-6)))
    }
}

/// What is measured, and how the buffer for it is made.
struct MeasuredKernel: Sendable {
    let name: String

    /// From the size of the buffer in bytes.
    let work: @Sendable (Int) -> KernelWork

    /// Whether memory can be what it waits for.
    var isStreaming = true

    func isWorthwhile(in buffer: KernelBuffer) -> Bool { isStreaming || buffer != .memory }

    static let all = [
        MeasuredKernel(name: "dot rows, 384") { dotRows($0) },
        MeasuredKernel(name: "dot gathered, 384") { dotGathered($0) },
        MeasuredKernel(name: "byte products, 384") { byteProducts($0) },
        MeasuredKernel(name: "scan codes, 24 bytes") { scanCodes($0, stepCount: 6) },
        MeasuredKernel(name: "scan codes, 48 bytes") { scanCodes($0, stepCount: 12) },
        MeasuredKernel(name: "nearest codes, 48 × 8", work: { nearestCodewords($0) }, isStreaming: false),
    ]

    private static let dimension = 384

    private static func dotRows(_ bytes: Int) -> KernelWork {
        let (unitRows, rowBytes) = (64, dimension * 4)
        let unitCount = bytes / (unitRows * rowBytes)
        let (rows, query) = (
            aligned(floats, unitCount * unitRows * dimension), floats(dimension)
        )
        return KernelWork(
            unitBytes: unitRows * rowBytes, unitCount: unitCount, rowBytes: rowBytes,
            pass: { units, set in
                var scores = [Float](repeating: 0, count: unitRows)
                for unit in units {
                    let start = unit * unitRows * dimension
                    var room = scores.mutableSpan
                    DotProducts.scores(
                        of: query.span,
                        against: rows.array.span.extracting(rows.range(start, unitRows * dimension)),
                        rowCount: unitRows, into: &room, using: set)
                }
            }, read: { readUnits($0, of: unitRows * dimension, in: rows) })
    }

    private static func dotGathered(_ bytes: Int) -> KernelWork {
        let (unitRows, rowBytes) = (64, dimension * 4)
        let unitCount = bytes / (unitRows * rowBytes)
        let (rows, query) = (
            aligned(floats, unitCount * unitRows * dimension), floats(dimension)
        )
        var random = SplitMix64(state: 1)
        let positions = (0..<UInt32(unitCount * unitRows)).shuffled(using: &random)
        return KernelWork(
            unitBytes: unitRows * rowBytes, unitCount: unitCount, rowBytes: rowBytes,
            pass: { units, set in
                var scores = [Float](repeating: 0, count: unitRows)
                for unit in units {
                    var room = scores.mutableSpan
                    DotProducts.gathered(
                        of: query.span,
                        against: rows.array.span.extracting(rows.range(0, positions.count * dimension)),
                        at: positions.span.extracting(unit * unitRows..<(unit + 1) * unitRows),
                        count: unitRows, into: &room, using: set)
                }
            }, read: { readUnits($0, of: unitRows * dimension, in: rows) })
    }

    private static func byteProducts(_ bytes: Int) -> KernelWork {
        let shape = ByteProducts.Shape(rowCount: 256, dimension: dimension)
        let unitCount = bytes / shape.byteCount
        let matrix = aligned(Self.bytes, unitCount * shape.byteCount)
        let vector = (0..<dimension).map { Int8($0 % 255 - 127) }
        return KernelWork(
            unitBytes: shape.byteCount, unitCount: unitCount, rowBytes: dimension,
            pass: { units, set in
                var products = [Int32](repeating: 0, count: shape.paddedRowCount)
                for unit in units {
                    let start = unit * shape.byteCount
                    var room = products.mutableSpan
                    ByteProducts.products(
                        of: vector.span,
                        with: matrix.array.span.extracting(matrix.range(start, shape.byteCount)),
                        shape: shape, into: &room, using: set)
                }
            }, read: { readUnits($0, of: shape.byteCount, in: matrix) })
    }

    /// Lists of 256 rows, one after the other, of which about one row in a hundred is found.
    private static func scanCodes(_ bytes: Int, stepCount: Int) -> KernelWork {
        let groupCount = 16
        let (rowCount, unitBytes) = (
            groupCount * ProductCodes.groupRows, groupCount * stepCount * ProductCodes.stepBytes
        )
        let unitCount = bytes / unitBytes
        let codes = aligned(Self.bytes, unitCount * unitBytes)
        let table = Self.bytes(stepCount * ProductCodes.stepEntries).map { Int8(bitPattern: $0) }
        let scan: @Sendable (Int, Int32, InstructionSet, inout [UInt32], inout [Int32]) -> Int = {
            unit, threshold, set, positions, sums in
            var positionRoom = positions.mutableSpan
            var sumRoom = sums.mutableSpan
            return ProductCodes.scan(
                codes.array.span.extracting(codes.range(unit * unitBytes, unitBytes)), groupCount: groupCount,
                table: table.span, threshold: threshold, allowed: [UInt64]().span,
                allowedFirst: 0, first: 0,
                into: &positionRoom, &sumRoom, using: set)
        }
        let none = (
            positions: [UInt32](repeating: 0, count: rowCount), sums: [Int32](repeating: 0, count: rowCount)
        )
        var all = none
        _ = scan(0, .min, .best, &all.positions, &all.sums)
        let threshold = all.sums.sorted(by: >)[rowCount / 100]
        return KernelWork(
            unitBytes: unitBytes, unitCount: unitCount, rowBytes: unitBytes / rowCount,
            pass: { units, set in
                var (positions, sums) = none
                for unit in units { _ = scan(unit, threshold, set, &positions, &sums) }
            }, read: { readUnits($0, of: unitBytes, in: codes) })
    }

    private static func nearestCodewords(_ bytes: Int) -> KernelWork {
        let (unitRows, width) = (64, 8)
        let subspaceCount = dimension / width
        let unitCount = bytes / (unitRows * dimension * 4)
        let (rows, codewords) = (
            aligned(floats, unitCount * unitRows * dimension), floats(dimension * 16)
        )
        return KernelWork(
            unitBytes: unitRows * dimension * 4, unitCount: unitCount, rowBytes: dimension * 4,
            pass: { units, set in
                var codes = [UInt8](repeating: 0, count: unitRows * subspaceCount)
                for unit in units {
                    let start = unit * unitRows * dimension
                    var room = codes.mutableSpan
                    ProductCodes.nearest(
                        to: rows.array.span.extracting(rows.range(start, unitRows * dimension)),
                        codewords: codewords.span, subspaceCount: subspaceCount, width: width, into: &room,
                        using: set)
                }
            }, read: { readUnits($0, of: unitRows * dimension, in: rows) })
    }

    private static func readUnits(
        _ units: Range<Int>, of size: Int, in elements: LineAligned<some BitwiseCopyable & Sendable>
    ) {
        let range = elements.range(units.lowerBound * size, units.count * size)
        PlainRead.words(of: elements.array.span.extracting(range))
    }

    private static func aligned<Element: BitwiseCopyable & Sendable>(
        _ make: (Int) -> [Element], _ count: Int
    ) -> LineAligned<Element> {
        LineAligned(make(count + PlainRead.lineBytes / MemoryLayout<Element>.stride))
    }

    /// A multiplicative sequence: as good as random for arithmetic, and quick to make.
    private static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for i in bytes.indices {
            bytes[i] = UInt8(truncatingIfNeeded: UInt64(i) &* 0x9E37_79B9_7F4A_7C15 >> 40)
        }
        return bytes
    }

    private static func floats(_ count: Int) -> [Float] {
        var floats = [Float](repeating: 0, count: count)
        for i in floats.indices {
            floats[i] = Float(Int32(truncatingIfNeeded: UInt64(i) &* 0x9E37_79B9_7F4A_7C15 >> 32)) * 0x1p-31
        }
        return floats
    }
}

/// Elements from the start of a cache line on, as in a segment.
private struct LineAligned<Element: BitwiseCopyable & Sendable>: Sendable {
    let array: [Element]
    private let first: Int

    /// - Parameter array: a line more than is wanted.
    init(_ array: [Element]) {
        self.array = array
        first = PlainRead.countBeforeLine(in: array.span)
    }

    /// Where `count` elements from `start` on lie in `array`.
    func range(_ start: Int, _ count: Int) -> Range<Int> { (first + start)..<(first + start + count) }
}
