import Evaluation
import Foundation
import TestSupport
import Testing

struct VectorFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func path(_ name: String) -> String {
        folder.url.appending(path: name).path
    }

    private func file(_ name: String, _ bytes: [UInt8], limit: Int? = nil) throws -> VectorFile {
        try VectorFile(opening: folder.write(bytes, to: name).path, limit: limit)
    }

    private static func bytes<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
        numbers.flatMap { number in
            (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }

    private static func npy(_ header: String, major: UInt8 = 1, data: [UInt8] = []) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [major, 0] + bytes(UInt16(header.utf8.count)) + header.utf8 + data
    }

    @Test(arguments: ["v.fvecs", "v.fbin", "v.npy", "V.FBIN"])
    func `vectors come back as they were written, whole and in parts`(name: String) throws {
        let rows: [Float] = [1, -2.5, .leastNonzeroMagnitude, 3, 4, 5, -0.0, 7, .greatestFiniteMagnitude]
        let writer = try VectorFileWriter(vectorsTo: path(name), rowCount: 3, dimension: 3)
        try writer.append(Array(rows[..<3]))
        try writer.append(Array(rows[3...]))
        try writer.finish()
        let file = try VectorFile(opening: path(name))
        #expect(file.rowCount == 3 && file.dimension == 3 && file.element == .float32)
        #expect(try file.floats(0..<3) == rows)
        #expect(try file.floats(1..<2) == [3, 4, 5])
        #expect(try file.floats(3..<3).isEmpty)
        #expect(file.blocks == [0..<3])
    }

    @Test(arguments: ["t.ivecs", "t.ibin", "t.npy"])
    func `ids come back as they were written`(name: String) throws {
        let writer = try VectorFileWriter(idsTo: path(name), rowCount: 2, dimension: 2)
        try writer.append(ids: [0, 2_147_483_647, -1, 5])
        try writer.finish()
        let file = try VectorFile(opening: path(name))
        #expect(try file.integers(0..<2) == [0, 2_147_483_647, -1, 5])
        #expect(try file.integers(1..<2) == [-1, 5])
    }

    // Written by NumPy 2: `np.save(file, np.array([[1.5, -2], [3, 4]]))` and `np.array([[7, -1, 2**40]])`.
    @Test func `files of NumPy are read`() throws {
        let doubles = Self.npy(
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"
                + String(repeating: " ", count: 58) + "\n",
            data: Self.bytes(
                0x3ff8_0000_0000_0000, 0xc000_0000_0000_0000, 0x4008_0000_0000_0000,
                0x4010_0000_0000_0000 as UInt64))
        #expect(try file("d.npy", doubles).floats(0..<2) == [1.5, -2, 3, 4])
        let integers = Self.npy(
            "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 3), }"
                + String(repeating: " ", count: 58) + "\n", data: Self.bytes(7, -1, 1 << 40 as Int64))
        #expect(try file("i.npy", integers).integers(0..<1) == [7, -1, 1 << 40])
    }

    @Test func `bytes are read as vectors`() throws {
        let bytes = Self.bytes(2 as Int32) + [0, 255] + Self.bytes(2 as Int32) + [7, 8]
        #expect(try file("b.bvecs", bytes).floats(0..<2) == [0, 255, 7, 8])
    }

    @Test func `rows behind the limit are passed over`() throws {
        let bytes = Self.bytes(3, 1 as UInt32) + Self.bytes(1, 2, 3 as UInt32)
        let file = try file("l.ibin", bytes, limit: 2)
        #expect(file.rowCount == 2 && file.storedRowCount == 3)
        #expect(try file.integers(0..<2) == [1, 2])
    }

    @Test(arguments: ["v.fvecs", "v.fbin", "v.npy"])
    func `a file that ends early, or goes on, is refused with both lengths`(name: String) throws {
        let writer = try VectorFileWriter(vectorsTo: path(name), rowCount: 2, dimension: 5)
        try writer.append([Float](repeating: 1, count: 10))
        try writer.finish()
        let whole = Array(try Data(contentsOf: URL(filePath: path(name))))
        // Rows of .fvecs stand alone: cut between two of them, it is a sound file of fewer.
        for length in 1..<whole.count where !(name.hasSuffix(".fvecs") && length == whole.count / 2) {
            #expect(throws: VectorFileError.self, "\(length) of \(whole.count) bytes") {
                try file(name, Array(whole.prefix(length))).floats(0..<2)
            }
        }
        #expect(throws: VectorFileError.self) { try file(name, whole + [0]) }
        #expect(
            throws: VectorFileError.sizeMismatch(
                path: path(name), expectedBytes: whole.count, foundBytes: whole.count - 1)
        ) { try file(name, Array(whole.dropLast())) }
    }

    @Test(arguments: [
        (0xffff_ffff as UInt32, 8 as UInt32), (1 << 31, 65_536), (1, 65_537), (1, 0), (1, 0xffff_ffff),
        (0, 8),
    ])
    func `absurd counts are refused before anything is read`(rows: UInt32, dimension: UInt32) {
        #expect(throws: VectorFileError.self) {
            try file("a.fbin", Self.bytes(rows, dimension) + [UInt8](repeating: 0, count: 64))
        }
    }

    @Test(arguments: [Int32(-1), 0, .max, .min])
    func `an absurd dimension of a row is refused`(dimension: Int32) {
        #expect {
            try file("a.fvecs", Self.bytes(dimension) + [UInt8](repeating: 0, count: 64))
        } throws: {
            guard case .dimensionOutOfRange = $0 as? VectorFileError else { return false }
            return true
        }
    }

    @Test(arguments: [
        ("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1), }", "descr"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1), }", "descr"),
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "fortran_order"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "shape"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }", "shape"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1), }", "shape"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999, 1), }", "shape"),
        ("nothing", "descr"), ("", "descr"),
    ])
    func `what a NumPy header may not say is named`(header: String, field: String) {
        #expect {
            try file("h.npy", Self.npy(header, data: [0, 0, 0, 0]))
        } throws: {
            guard case .headerField(_, field, _, _) = $0 as? VectorFileError else { return false }
            return true
        }
    }

    @Test func `a NumPy header that counts beyond all bounds is refused`() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 8), }"
        #expect(
            throws: VectorFileError.countOutOfRange(
                path: path("h.npy"), found: .max, allowed: VectorFile.rowCountBounds)
        ) { try file("h.npy", Self.npy(header)) }
    }

    @Test func `what does not begin like a NumPy file is none, and a version to come is not guessed at`() {
        #expect {
            try file("m.npy", Array("PK\u{3}\u{4}, a zip of NumPy's".utf8))
        } throws: {
            guard case .wrongMagic(_, let found, _) = $0 as? VectorFileError else { return false }
            return found.starts(with: Array("PK".utf8))
        }
        #expect {
            try file("m.npy", Self.npy("{}      ", major: 9))
        } throws: {
            guard case .headerField(_, "version", "9", _) = $0 as? VectorFileError else { return false }
            return true
        }
    }

    @Test(arguments: ["e.fvecs", "e.ivecs", "e.bvecs", "e.fbin", "e.ibin", "e.npy"])
    func `an empty file is called empty`(name: String) {
        #expect(throws: VectorFileError.empty(path: path(name))) { try file(name, []) }
    }

    @Test func `a row of another dimension is named`() throws {
        let bytes = Self.bytes(1, 5, 1, 6, 2, 7 as Int32)
        let ids = try file("r.ivecs", bytes)
        #expect(try ids.integers(0..<2) == [5, 6])
        #expect(
            throws: VectorFileError.rowDimension(path: ids.path, row: 2, expected: 1, found: 2)
        ) { try ids.integers(0..<3) }
    }

    @Test(arguments: [UInt32(0x7fc0_0000), 0x7f80_0000, 0xff80_0000])
    func `a component that is no finite number is refused with its row`(bits: UInt32) throws {
        let file = try file("n.fbin", Self.bytes(2, 2 as UInt32) + Self.bytes(0, 0, 0, bits))
        #expect(throws: VectorFileError.notFinite(path: file.path, row: 1)) { try file.floats(0..<2) }
    }

    @Test func `vectors are not ids, and ids are no vectors`() throws {
        let bytes = Self.bytes(1, 1, 0 as UInt32)
        #expect(throws: VectorFileError.self) { try file("x.fbin", bytes).integers(0..<1) }
        #expect(throws: VectorFileError.self) { try file("x.ibin", bytes).floats(0..<1) }
        #expect(throws: VectorFileError.self) {
            try VectorFileWriter(vectorsTo: path("x.ivecs"), rowCount: 1, dimension: 1)
        }
    }

    @Test func `a missing file and an unknown ending are told apart`() {
        #expect(throws: VectorFileError.unreadable(path: path("none.npy"), code: ENOENT)) {
            try VectorFile(opening: path("none.npy"))
        }
        #expect {
            try VectorFile(opening: path("none.csv"))
        } throws: {
            guard case .unknownFormat(_, let allowed) = $0 as? VectorFileError else { return false }
            return allowed.contains(".npy")
        }
    }

    @Test func `a file that was not finished leaves nothing`() throws {
        do {
            let writer = try VectorFileWriter(vectorsTo: path("u.fbin"), rowCount: 2, dimension: 1)
            try writer.append([1])
            #expect(
                throws: VectorFileError.rowsMismatch(path: path("u.fbin"), expectedRows: 2, foundRows: 1)
            ) { try writer.finish() }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func `an id that the format cannot hold is refused`() throws {
        let writer = try VectorFileWriter(idsTo: path("w.ivecs"), rowCount: 1, dimension: 1)
        #expect(throws: VectorFileError.integerOutOfRange(path: path("w.ivecs"), found: 1 << 31)) {
            try writer.append(ids: [1 << 31])
        }
    }
}
