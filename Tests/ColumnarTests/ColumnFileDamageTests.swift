import Columnar
import Foundation
import Testing

@Suite struct ColumnFileDamageTests {
    let directory: TemporaryDirectory
    let whole: [UInt8]

    init() throws {
        directory = try TemporaryDirectory()
        try Sample.write(to: directory.path("whole"), rowCount: 9)
        whole = try directory.read("whole")
    }

    /// Opens the bytes as a file and reads all of it.
    private func readAll(_ bytes: [UInt8]) throws {
        let file = try ColumnFile(opening: directory.write(bytes))
        for column in file.columns {
            let rows = 0..<column.shape.rowCount
            switch column.elementType {
            case .uint8: _ = try file.elements(column.id, rows, as: UInt8.self)
            case .uint32: _ = try file.elements(column.id, rows, as: UInt32.self)
            case .int64: _ = try file.elements(column.id, rows, as: Int64.self)
            case .float32: _ = try file.elements(column.id, rows, as: Float.self)
            }
        }
    }

    @Test(arguments: [1, 0x80, 0xFF] as [UInt8])
    func `checked before believed: every flipped byte is an error`(mask: UInt8) throws {
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= mask
            #expect(throws: ColumnFileError.self, "offset \(offset)") { try readAll(bytes) }
        }
    }

    @Test func `every truncation is an error`() throws {
        for length in whole.indices {
            #expect(throws: ColumnFileError.self, "length \(length)") { try readAll(Array(whole[..<length])) }
        }
    }

    @Test func `a file that grew is an error`() throws {
        for extra in [1, 63, 64, 4096] {
            let expected = ColumnFileError.length(
                file: directory.path("made-up"), expected: UInt64(whole.count),
                found: UInt64(whole.count + extra))
            #expect(throws: expected) { try readAll(whole + [UInt8](repeating: 0, count: extra)) }
        }
    }

    @Test func `an unfinished file is known by its missing magic`() throws {
        let bytes = [UInt8](repeating: 0, count: 256) + whole[256...]
        #expect(throws: ColumnFileError.magic(file: directory.path("made-up"), found: 0)) {
            try readAll(bytes)
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `garbage is an error`(seed: UInt64) throws {
        var state = seed
        var bytes: [UInt8] = []
        for _ in 0..<(300 + Int(seed)) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(state >> 56))
        }
        #expect(throws: ColumnFileError.self) { try readAll(bytes) }
        #expect(throws: ColumnFileError.self) { try readAll(whole[..<8] + bytes) }
    }

    @Test func `a flipped bit in a block names column, offset and checksums`() throws {
        var bytes = whole
        bytes[320] ^= 1
        let path = directory.path("made-up")
        let error = #expect(throws: ColumnFileError.self) { try readAll(bytes) }
        guard case .checksum(path, let part, offset: 320, let expected, let found)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(part == .block(column: Sample.numbers, index: 0) && expected != found)
    }

    @Test func `a damaged block does not keep the others from being read`() throws {
        try Sample.write(to: directory.path("b"), rowCount: 2000)
        var bytes = try directory.read("b")
        bytes[320 + 4096] ^= 1
        let file = try ColumnFile(opening: directory.write(bytes))
        #expect(try file.elements(Sample.numbers, 0..<512, as: Int64.self) == Array(Sample.numbers(512)))
        #expect(throws: ColumnFileError.self) { try file.elements(Sample.numbers, 511..<513, as: Int64.self) }
        #expect(throws: ColumnFileError.self) { try file.elements(Sample.numbers, 600..<601, as: Int64.self) }
        #expect(throws: ColumnFileError.self) { try file.verify() }
    }

    /// Fields of the header that a checksum vouches for and that are nevertheless impossible.
    static let forgeries: [(ColumnFileField, offset: Int, value: UInt64, width: Int)] = [
        (.headerLength, 12, 264, 4), (.number, 24, 1 << 63, 8), (.rowCount, 32, .max, 8),
        (.columnCount, 44, 65, 4), (.sequenceFirst, 48, .max, 8), (.sequenceLast, 56, 3, 8),
        (.cipher, 72, 1, 4),
        (.reserved, 76, 1, 4), (.keyID, 80, 5, 8), (.directoryOffset, 88, 1 << 40, 8),
        (.directoryOffset, 88, 8, 8), (.directoryLength, 96, .max - 100, 8), (.reserved, 128, 1, 8),
    ]

    @Test(arguments: forgeries)
    func `an impossible header is refused even with the right checksum`(
        field: ColumnFileField, offset: Int, value: UInt64, width: Int
    ) throws {
        var bytes = whole
        bytes.store(value, at: offset, width: width)
        bytes.sealHeader()
        try expectField(field, bytes)
    }

    /// Fields of the second entry of the directory, likewise.
    static let entryForgeries: [(ColumnFileField, offset: Int, value: UInt64, width: Int)] = [
        (.columnID, 0, 0, 4), (.columnID, 0, 1, 4), (.elementType, 4, 0, 4), (.elementType, 4, 99, 4),
        (.elementWidth, 8, 4, 4), (.rowElements, 12, 0, 4), (.rowElements, 12, 1 << 21, 4),
        (.elementCount, 16, 1 << 62, 8), (.byteOffset, 24, 256, 8), (.byteOffset, 24, 384, 8),
        (.byteLength, 32, 80, 8), (.blockSize, 40, 0, 4), (.blockSize, 40, 4097, 4), (.blockCount, 44, 2, 4),
        (.checksumsOffset, 48, 256, 8), (.reserved, 56, 1, 8),
    ]

    @Test(arguments: entryForgeries)
    func `an impossible directory is refused even with the right checksums`(
        field: ColumnFileField, offset: Int, value: UInt64, width: Int
    ) throws {
        var bytes = whole
        let directory = Int(bytes.load(at: 88))
        bytes.store(value, at: directory + 64 + offset, width: width)
        bytes.store(XXH64.checksum(bytes.span.extracting(directory..<bytes.count)), at: 104, width: 8)
        bytes.sealHeader()
        try expectField(field, bytes)
    }

    @Test func `a later format is told from damage`() throws {
        var bytes = whole
        bytes.store(2, at: 8, width: 4)
        bytes.sealHeader()
        let path = directory.path("made-up")
        #expect(throws: ColumnFileError.formatVersion(file: path, supported: 1, found: 2)) {
            try readAll(bytes)
        }
    }

    private func expectField(_ field: ColumnFileField, _ bytes: [UInt8]) throws {
        let error = #expect(throws: ColumnFileError.self) { try readAll(bytes) }
        guard case .field(_, let found, _, _, _, _)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(found == field)
    }
}

extension [UInt8] {
    fileprivate mutating func store(_ value: UInt64, at offset: Int, width: Int) {
        for index in 0..<width {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }

    fileprivate func load(at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) }
    }

    fileprivate mutating func sealHeader() {
        let checksum = XXH64.checksum(span.extracting(0..<248))
        store(checksum, at: 248, width: 8)
    }
}
