import Columnar
import Foundation
import TestSupport
import VectorIndex

/// The reader of sealed vectors and of quantizers: what it opens, it must be able to search, to check and to write
/// anew.
///
/// The description goes by what the file says of itself: by that of the unchanged file every other one is refused
/// before it is read.
struct VectorFeed {
    private static let dimension = 8
    private static let rowCount: Int64 = 96
    private static let listCount = 4

    private let folder: URL
    private let flat: SegmentDescription
    private let listed: SegmentDescription
    private let quantizer: QuantizerDescription

    init(in folder: URL) throws {
        var random = SplitMix64(seed: 4)
        let index = VectorIndex(configuration: .init(dimension: Self.dimension))
        let rows = (0..<Self.rowCount).map { row in
            let vector = (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return IndexRow(
                row: RowID(rawValue: row), document: row / 2, bornSequence: 1,
                vector: vector.map { $0 / length })
        }
        try index.apply(IndexChange(sequence: 1, insertions: rows))
        flat = try index.writeSegment(number: 1, in: folder)
        try index.publish(flat, in: folder)
        quantizer = try index.trainQuantizer(number: 2, in: folder, listCount: Self.listCount)
        try index.publish(quantizer, in: folder)
        listed = try index.compact([1], into: 3, in: folder)
        self.folder = folder
    }

    /// The file that a target changes.
    func fileName(of target: FuzzTarget) -> String {
        switch target {
        case .quantizer: quantizer.fileName
        case .lists: listed.fileName
        default: flat.fileName
        }
    }

    /// The file lies in its place.
    func read(_ target: FuzzTarget, _ file: ColumnFile) throws {
        let index = VectorIndex(configuration: .init(dimension: Self.dimension))
        var (flat, listed, quantizer) = (flat, listed, quantizer)
        switch target {
        case .quantizer:
            quantizer = QuantizerDescription(
                number: quantizer.number, listCount: quantizer.listCount, dimension: Self.dimension,
                byteCount: Int64(file.byteCount), digest: file.hexadecimalDigest)
        case .lists: listed = Self.description(listed, file)
        default: flat = Self.description(flat, file)
        }
        let segment = target == .segment ? flat : listed
        try index.open([segment], quantizers: [quantizer], in: folder)
        let query = (0..<Self.dimension).map { Float($0) / 8 - 0.4 }
        for options in [
            SearchOptions(recallTarget: 1), SearchOptions(nprobe: 1), SearchOptions(nprobe: Self.listCount),
            SearchOptions(recallTarget: 0.9, filter: RowFilter.rows { _, document in document % 9 == 0 }),
        ] {
            _ = try index.snapshot.search(query, k: 10, options: options)
        }
        _ = try index.snapshot.search(batch: [query, query.reversed()], k: 10)
        let compacted = Result { () throws(VectorIndexError) in
            try index.compact([segment.number], into: 9, in: folder)
        }
        try? FileManager.default.removeItem(at: folder.appending(path: "9.vectors"))
        try index.snapshot.verify(segment: segment.number)
        try index.snapshot.verify(quantizer: quantizer.number)
        _ = try compacted.get()
    }

    private static func description(_ whole: SegmentDescription, _ file: ColumnFile) -> SegmentDescription {
        SegmentDescription(
            number: whole.number, rowCount: whole.rowCount, dimension: dimension, sequences: whole.sequences,
            byteCount: Int64(file.byteCount), digest: file.hexadecimalDigest)
    }
}
