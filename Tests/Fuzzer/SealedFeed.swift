import Columnar
import Foundation
import TextIndex
import VectorIndex

/// Files of an index, changed: each is refused with the index's own error, or does all that a sealed file is there for.
enum SealedFeed {
    /// Where the files lie; in memory where the machine has such a place.
    private static let folder: URL = {
        let shared = URL(filePath: "/dev/shm")
        let place = FileManager.default.isWritableFile(atPath: shared.path) ? shared : .temporaryDirectory
        return place.appending(path: "carrel-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    }()

    private static let feeds = Result {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return (vectors: try VectorFeed(in: folder), postings: try PostingsFeed(in: folder))
    }

    private static func file(of target: FuzzTarget) throws -> URL {
        let feeds = try feeds.get()
        let name = target == .postings ? feeds.postings.fileName : feeds.vectors.fileName(of: target)
        return folder.appending(path: name)
    }

    static func examples(of target: FuzzTarget) throws -> [[UInt8]] {
        [[UInt8](try Data(contentsOf: file(of: target)))]
    }

    /// False for a file that is refused, as most should be.
    static func read(_ target: FuzzTarget, _ input: [UInt8]) throws -> Bool {
        let place = try file(of: target)
        // A new file each time: the old one may still be mapped.
        try? FileManager.default.removeItem(at: place)
        try Data(input).write(to: place)
        do {
            let raw = try ColumnFile(opening: place.path)
            let feeds = try feeds.get()
            if target == .postings {
                try feeds.postings.read(raw)
            } else {
                try feeds.vectors.read(target, raw)
            }
            return true
        } catch is ColumnFileError {
            return false
        } catch is VectorIndexError {
            return false
        } catch is TextIndexError {
            return false
        }
    }

    /// Removes the files.
    static func end() {
        try? FileManager.default.removeItem(at: folder)
    }
}

extension ColumnFile {
    /// As descriptions have it.
    var hexadecimalDigest: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
