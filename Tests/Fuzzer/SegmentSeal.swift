import Columnar

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
