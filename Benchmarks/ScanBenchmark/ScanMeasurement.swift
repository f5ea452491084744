import Foundation
import VectorIndex

/// Times of one sealed segment, and what the searches found.
struct ScanMeasurement {
    let sealSeconds: Double
    let openMilliseconds: Double

    /// The first search after opening checks every block.
    let firstSearchMilliseconds: Double

    /// Of every search in every round, ascending.
    let searchMilliseconds: [Double]
    let batchSeconds: Double
    let segmentBytes: Int64
    let single: [[Neighbor]]
    let batch: [[Neighbor]]

    init(data: VectorData, k: Int, rounds: Int, directory: URL) throws {
        let clock = ContinuousClock()
        var description: SegmentDescription?
        let sealing = try clock.measure { description = try Self.seal(data, in: directory) }
        guard let description else { throw VectorFileError.empty }
        let index = VectorIndex(configuration: .init(dimension: data.dimension))
        let opening = try clock.measure { try index.open([description], in: directory) }
        let snapshot = index.snapshot
        let first = try clock.measure { _ = try snapshot.search(data.queries[0], k: k) }
        var times: [Double] = []
        var single: [[Neighbor]] = []
        for _ in 0..<rounds {
            single.removeAll()
            for query in data.queries {
                times.append(
                    try clock.measure { single.append(try snapshot.search(query, k: k)) }.milliseconds)
            }
        }
        var batch: [[Neighbor]] = []
        var batchTimes: [Double] = []
        for _ in 0..<rounds {
            let time = try clock.measure { batch = try snapshot.search(batch: data.queries, k: k) }
            batchTimes.append(time.milliseconds / 1000)
        }
        (sealSeconds, openMilliseconds) = (sealing.milliseconds / 1000, opening.milliseconds)
        (firstSearchMilliseconds, searchMilliseconds) = (first.milliseconds, times.sorted())
        (batchSeconds, segmentBytes) = (batchTimes.min() ?? 0, description.byteCount)
        (self.single, self.batch) = (single, batch)
    }

    func percentileMilliseconds(_ percent: Double) -> Double {
        let rank = Int((percent / 100 * Double(searchMilliseconds.count)).rounded(.up))
        return searchMilliseconds[min(max(rank, 1), searchMilliseconds.count) - 1]
    }

    /// Row ids are positions in the base vectors.
    private static func seal(_ data: VectorData, in directory: URL) throws -> SegmentDescription {
        let builder = try SegmentBuilder(
            number: 1, dimension: data.dimension, rowCount: data.base.count, sequences: 1...1, in: directory)
        for start in stride(from: 0, to: data.base.count, by: 1024) {
            let rows = start..<min(start + 1024, data.base.count)
            try builder.append(
                rows.map { row in
                    IndexRow(
                        row: RowID(rawValue: Int64(row)), document: Int64(row), bornSequence: 1,
                        vector: data.base[row])
                })
        }
        return try builder.finish()
    }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
    }
}
