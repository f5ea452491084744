import Foundation

/// The lines of a dataset's file.
enum DatasetLines {
    /// A file larger than this is refused: the whole of it is held in memory.
    static let fileBytesMax = 2 << 30

    /// The lines that hold anything, with their 1-based numbers. Only LF and CRLF end a line: JSON may hold
    /// others.
    static func read(_ name: String, in folder: URL) throws(DatasetError) -> [(Int, Data)] {
        let lines = try bytes(of: name, in: folder, max: fileBytesMax)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return zip(1..., lines).compactMap { number, line in
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return content.allSatisfy { $0 == UInt8(ascii: " ") } ? nil : (number, content)
        }
    }

    /// A file's bytes, if they are no more than `byteCountMax`.
    static func bytes(
        of name: String, in folder: URL, max byteCountMax: Int
    ) throws(DatasetError) -> Data {
        let url = folder.appending(path: name)
        guard let byteCount = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
        else {
            throw .fileMissing(name: name, folder: folder.path)
        }
        guard byteCount <= byteCountMax else {
            throw .fileTooLarge(name: name, byteCount: byteCount, byteCountMax: byteCountMax)
        }
        guard let bytes = try? Data(contentsOf: url) else {
            throw .fileUnreadable(name: name, folder: folder.path)
        }
        return bytes
    }
}
