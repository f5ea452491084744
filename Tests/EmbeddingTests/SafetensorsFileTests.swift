import Embedding
import Foundation
import Testing

/// Damage in every place: the answer is an error that says what was found, never a crash, never other
/// numbers.
@Suite struct SafetensorsFileTests {
    private static let header =
        #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},"#
        + #""i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#

    private static func file(header: String = header, headerBytes: UInt64? = nil, values: [Float]) -> Data {
        let length = headerBytes ?? UInt64(header.utf8.count)
        var file = Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        file.append(contentsOf: header.utf8)
        for value in values {
            file.append(contentsOf: (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) })
        }
        return file
    }

    private static let values: [Float] = [9, 1, 2, 3, 4, 5, 6]

    private func open<Result>(_ data: Data, _ body: (SafetensorsFile) throws -> Result) throws -> Result {
        try Fixtures.withDirectory { directory in
            let url = directory.appending(path: "w.safetensors")
            try data.write(to: url)
            return try body(SafetensorsFile(url))
        }
    }

    private func check(_ data: Data, name: String = "w", shape: [Int] = [2, 3], throws expected: String) {
        #expect {
            try open(data) { try $0.floats(name, shape: shape) }
        } throws: { error in
            "\(error)".hasPrefix(expected)
        }
    }

    @Test func `a tensor and its rows are read at any alignment`() throws {
        for padding in 0..<4 {
            let header = Self.header + String(repeating: " ", count: padding)
            try open(Self.file(header: header, values: Self.values)) { file in
                #expect(try file.floats("w", shape: [2, 3]) == [1, 2, 3, 4, 5, 6])
                var rows = [Float](repeating: 0, count: 9)
                try file.rows("w", rowCount: 2, width: 3).read([1, 0, 1], into: &rows)
                #expect(rows == [4, 5, 6, 1, 2, 3, 4, 5, 6])
            }
        }
    }

    @Test func `what is asked for and what is there are both named`() {
        let file = Self.file(values: Self.values)
        check(file, name: "x", throws: #"tensorMissing(name: "x")"#)
        check(
            file, name: "i", shape: [1],
            throws: #"tensorTypeMismatch(name: "i", found: "I64", expected: "F32, F16 or BF16")"#)
        check(
            file, shape: [3, 2],
            throws: #"tensorShapeMismatch(name: "w", found: [2, 3], expected: [3, 2])"#)
    }

    @Test(arguments: [
        "[4,27]", "[0,28]", "[8,32]", "[28,4]", "[-4,20]", "[4]", "[4,28,0]", "[9223372036854775800,0]",
    ])
    func `stated bytes that are not the tensor's are refused`(offsets: String) {
        let header = Self.header.replacing("[4,28]", with: offsets)
        check(Self.file(header: header, values: Self.values), throws: "tensorBytesMismatch(name: \"w\"")
    }

    @Test(arguments: [UInt64.max, 1 << 63, 1 << 40, 100_000_001, 1_000])
    func `a header longer than the file is refused before it is read`(headerBytes: UInt64) {
        check(
            Self.file(headerBytes: headerBytes, values: Self.values),
            throws:
                "malformedHeader(file: \"w.safetensors\", byteOffset: 0, found: \(headerBytes), expectedMax: "
        )
    }

    @Test func `a file cut anywhere is refused`() {
        let file = Self.file(values: Self.values)
        for count in 0..<file.count {
            #expect(throws: EmbeddingError.self) {
                try open(file.prefix(count)) { try $0.floats("w", shape: [2, 3]) }
            }
        }
    }

    @Test func `any byte of the header changed gives the right shape or an error`() {
        let file = Self.file(values: Self.values)
        for position in 0..<file.count - 4 * Self.values.count {
            for change: UInt8 in [1, 16, 128] {
                var damaged = file
                damaged[position] ^= change
                let found = try? open(damaged) { try $0.floats("w", shape: [2, 3]) }
                #expect(found == nil || found?.count == 6)
            }
        }
    }

    @Test func `a missing file is named`() throws {
        try Fixtures.withDirectory { directory in
            #expect {
                try SafetensorsFile(directory.appending(path: "w.safetensors"))
            } throws: { error in
                if case EmbeddingError.fileMissing(name: "w.safetensors") = error { true } else { false }
            }
        }
    }
}
