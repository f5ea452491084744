import Columnar
import Foundation
import TestSupport
import VectorIndex

/// The reader of sealed segments: what it opens, it must be able to search and to check.
enum SegmentFeed {
    private static let dimension = 6
    private static let rowCount = 40

    /// Where the file under test lies; in memory where the machine has such a place.
    private static let folder: URL = {
        let shared = URL(filePath: "/dev/shm")
        let place = FileManager.default.isWritableFile(atPath: shared.path) ? shared : .temporaryDirectory
        return place.appending(path: "carrel-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    }()

    private static let description: SegmentDescription? = try? {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var random = SplitMix64(seed: 4)
        let index = VectorIndex(configuration: .init(dimension: dimension))
        let rows = (0..<rowCount).map { row in
            let vector = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return IndexRow(
                row: RowID(rawValue: Int64(row)), document: Int64(row / 2), bornSequence: 1,
                vector: vector.map { $0 / length })
        }
        try index.apply(IndexChange(sequence: 1, insertions: rows))
        return try index.writeSegment(number: 1, in: folder)
    }()

    static func examples() throws -> [[UInt8]] {
        guard let description else { throw FuzzTarget.Violation(text: "no segment could be written") }
        return [[UInt8](try Data(contentsOf: folder.appending(path: description.fileName)))]
    }

    static func read(_ input: [UInt8]) throws -> Bool {
        guard let description else { return false }
        let file = folder.appending(path: description.fileName)
        // A new file each time: the old one may still be mapped.
        try? FileManager.default.removeItem(at: file)
        try Data(input).write(to: file)
        do {
            let raw = try ColumnFile(opening: file.path)
            try raw.verify()
            let index = VectorIndex(configuration: .init(dimension: dimension))
            try index.open([description], in: folder)
            _ = try index.snapshot.search([Float](repeating: 0.5, count: dimension), k: 10)
            try index.snapshot.verify(segment: description.number)
            return true
        } catch is ColumnFileError {
            return false
        } catch is VectorIndexError {
            return false
        }
    }
}

/// Makes the checksums of a column file right again after its bytes were changed.
enum SegmentSeal {
    /// In one of four the wrong checksums stay.
    static func sealed(_ input: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
        guard mutator.below(4) > 0, input.count >= 256 else { return input }
        var bytes = input
        write(UInt64(bytes.count), at: 112, to: &bytes)
        let start = Int(clamping: read(bytes, at: 88, width: 8))
        let length = Int(clamping: read(bytes, at: 96, width: 8))
        let columnCount = min(Int(read(bytes, at: 44, width: 4)), 64)
        if start >= 256, start <= bytes.count, length <= bytes.count - start {
            for column in 0..<columnCount where start + (column + 1) * 64 <= bytes.count {
                sealBlocks(of: start + column * 64, in: &bytes)
            }
            write(checksum(of: bytes[start..<start + length]), at: 104, to: &bytes)
        }
        write(checksum(of: bytes[..<248]), at: 248, to: &bytes)
        return bytes
    }

    private static func sealBlocks(of entry: Int, in bytes: inout [UInt8]) {
        let place = Int(clamping: read(bytes, at: entry + 24, width: 8))
        let length = Int(clamping: read(bytes, at: entry + 32, width: 8))
        let blockSize = Int(read(bytes, at: entry + 40, width: 4))
        let sums = Int(clamping: read(bytes, at: entry + 48, width: 8))
        guard blockSize > 0, place <= bytes.count, length <= bytes.count - place else { return }
        for (index, block) in stride(from: place, to: place + length, by: blockSize).enumerated() {
            let sum = sums.addingReportingOverflow(index * 8)
            guard !sum.overflow, sum.partialValue <= bytes.count - 8 else { return }
            let end = min(block + blockSize, place + length)
            write(checksum(of: bytes[block..<end]), at: sum.partialValue, to: &bytes)
        }
    }

    private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt64 {
        XXH64.checksum(bytes.span)
    }

    private static func read(_ bytes: [UInt8], at offset: Int, width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    private static func write(_ value: UInt64, at offset: Int, to bytes: inout [UInt8]) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }
}
