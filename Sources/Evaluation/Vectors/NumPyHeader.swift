/// The head of a `.npy` file, versions 1.0 to 3.0.
///
/// Bytes: magic `\x93NUMPY`, major, minor, the header's length (uint16 in version 1, else uint32), then a
/// Python dictionary in text: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
enum NumPyHeader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// NumPy's own headers have 118 bytes; it warns of those with more than 10,000.
    static let textBytesMax = 10_000

    static func layout(of file: ReadableFile) throws(VectorFileError) -> VectorFileLayout {
        let start = try file.numbers(UInt8.self, at: 0, count: min(12, file.byteCount))
        guard start.starts(with: magic) else {
            throw .wrongMagic(path: file.path, found: Array(start.prefix(6)), expected: magic)
        }
        guard start.count == 12, (1...3).contains(start[6]) else {
            throw .headerField(
                path: file.path, field: "version", found: start.count > 6 ? "\(start[6])" : "none",
                expected: "1, 2 or 3")
        }
        let lengthBytes = start[6] == 1 ? 2 : 4
        let length = (0..<lengthBytes).reduce(0) { $0 | Int(start[8 + $1]) << (8 * $1) }
        guard length <= textBytesMax else {
            throw .headerField(
                path: file.path, field: "header length", found: "\(length)",
                expected: "up to \(textBytesMax)")
        }
        let text = try file.numbers(UInt8.self, at: 8 + lengthBytes, count: length)
        return try layout(
            String(decoding: text, as: UTF8.self), dataOffset: 8 + lengthBytes + length, path: file.path)
    }

    private static func layout(
        _ text: String, dataOffset: Int, path: String
    ) throws(VectorFileError) -> VectorFileLayout {
        let type = text.firstMatch(of: /'descr':\s*'([^']*)'/).map { String($0.output.1) } ?? "none"
        guard let element = elements[type] else {
            throw .headerField(
                path: path, field: "descr", found: type,
                expected: elements.keys.sorted().joined(separator: ", "))
        }
        let order = text.firstMatch(of: /'fortran_order':\s*(\w+)/).map { String($0.output.1) } ?? "none"
        guard order == "False" else {
            throw .headerField(path: path, field: "fortran_order", found: order, expected: "False")
        }
        let shape = text.firstMatch(of: /'shape':\s*\(([^)]*)\)/).map { String($0.output.1) } ?? "none"
        let counts = shape.split { ", ".contains($0) }.map { Int($0) ?? -1 }
        guard counts.count == 2, counts.allSatisfy({ $0 >= 0 }) else {
            throw .headerField(
                path: path, field: "shape", found: "(\(shape))", expected: "(rows, dimension)")
        }
        return VectorFileLayout(
            element: element, rowCount: counts[0], dimension: counts[1], dataOffset: dataOffset,
            rowHeaderBytes: 0)
    }

    private static let elements: [String: VectorElement] = [
        "<f4": .float32, "<f8": .float64, "<i4": .int32, "<i8": .int64, "|u1": .uint8,
    ]

    /// A head of version 1.0, padded so that the numbers begin at a multiple of 64 bytes.
    static func bytes(element: VectorElement, rowCount: Int, dimension: Int) -> [UInt8] {
        let type = elements.first { $0.value == element }?.key ?? ""
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rowCount), \(dimension)), }"
        let used = magic.count + 4 + text.utf8.count + 1
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: (64 - used % 64) % 64)
        let length = text.utf8.count + padding.count + 1
        return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + text.utf8 + padding
            + [UInt8(ascii: "\n")]
    }
}
